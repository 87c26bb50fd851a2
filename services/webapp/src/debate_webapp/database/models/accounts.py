"""The tables of people with accounts, of what lets them in, and of what they did.

Nothing that lets somebody in is kept as it is: passwords as scrypt makes them, all else, which is
random and long, by its SHA-256; only the second factor's secret is needed itself, and encrypted.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from debate_webapp.database.base import Base, now


class User(Base):
    """Someone who may sign in; `role` is one of `accounts.roles.Role`.

    `password_hash` is empty where the house's directory signs them in, under `subject`.
    `code_step` is the time step of the last code of the second factor that was used.
    """

    __tablename__ = "user"
    __table_args__ = (Index("uq_user_subject", "subject", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    subject: Mapped[str | None] = mapped_column(String(64))
    code_secret: Mapped[str | None] = mapped_column(String(255))
    code_step: Mapped[int] = mapped_column(default=0, server_default="0")


class SignedIn(Base):
    """A browser in which someone is signed in; `digest` is that of what its cookie holds."""

    __tablename__ = "signed_in"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    seen_at: Mapped[datetime | None] = mapped_column(default=now)
    device: Mapped[str] = mapped_column(String(80), default="", server_default=text("''"))
    address: Mapped[str] = mapped_column(String(45), default="", server_default=text("''"))

    user: Mapped[User] = relationship(lazy="joined")


class FailedSignIn(Base):
    """One try at a password that was not right, or not checked yet; counted across all workers.

    `key` is a digest: people type their password where the name belongs.
    """

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index("ix_failed_sign_in_key_at", "key", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    at: Mapped[datetime] = mapped_column(default=now)


class OneTimeLink(Base):
    """A link that can be used once: its row goes with it. `purpose` is one of `accounts.links`.

    An invitation says which `role` its account gets, a reset whose password (`user_id`) it is.
    Without a `maker` it was made by a command on the server.
    """

    __tablename__ = "one_time_link"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    role: Mapped[str | None] = mapped_column(String(20))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    label: Mapped[str] = mapped_column(String(80), default="")
    expires_at: Mapped[datetime] = mapped_column(index=True)

    maker: Mapped[User | None] = relationship(foreign_keys=[maker_id])


class RecoveryCode(Base):
    """A code that takes the place of the second factor once."""

    __tablename__ = "recovery_code"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)


class ApiToken(Base):
    """What lets a program in, in the name of its user; `scopes` are permissions with spaces."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    scopes: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")


class AuditEntry(Base):
    """Something that was done, by whom, from where; never changed. `action` as in `accounts.audit`.

    Without a user it was a stranger, or a command on the server.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at", "id"),
        Index("ix_audit_entry_action", "action", "at", "id"),
        Index("ix_audit_entry_user", "user_id", "at", "id"),
        Index("ix_audit_entry_transcript", "transcript_id", "at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    action: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    username: Mapped[str] = mapped_column(String(80), default="")
    token: Mapped[str | None] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(45), default="")
    transcript_id: Mapped[int | None] = mapped_column(ForeignKey("transcript.id"))
    detail: Mapped[str] = mapped_column(String(200), default="")
