"""Links that can be used once: the first set-up, an invitation, a new password.

What stands in the address is kept as its SHA-256 only. Using a link deletes its row in the
transaction of what it is used for, so of two at once one has it, and whoever fails keeps it.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, TypeVar

from debate_contract.errors import BadInput
from sqlalchemy import ColumnElement, delete, select, text
from sqlalchemy.orm import Session, joinedload

from debate_webapp.accounts import audit
from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in.sessions import digest_of
from debate_webapp.accounts.users import add_user, has_accounts, set_password
from debate_webapp.database.base import now
from debate_webapp.database.engine import begin_writing
from debate_webapp.database.models import OneTimeLink, User

R = TypeVar("R")


class Purpose(StrEnum):
    """What a link is for; also the first part of its address."""

    SET_UP = "set-up"
    INVITATION = "invitation"
    RESET = "reset"


LASTS = {
    Purpose.SET_UP: timedelta(days=1),
    Purpose.INVITATION: timedelta(days=7),
    Purpose.RESET: timedelta(hours=24),
}


class UsedUp(BadInput):
    """A link that was used, is too old, or never was one."""

    def __init__(self) -> None:
        super().__init__(
            "this link was used already, is too old or is not complete; ask for a new one"
        )


def make_set_up(session: Session) -> str | None:
    """The path by which the first administrator is made; None once there is an account; commits.

    A new one takes the place of the one before, which a log may have kept. Of two first starts at
    once the second waits, so that one link works.
    """
    _begin_alone(session)
    session.execute(delete(OneTimeLink).where(OneTimeLink.purpose == Purpose.SET_UP))
    path = None if has_accounts(session) else _make(session, Purpose.SET_UP)
    session.commit()
    return path


def _begin_alone(session: Session) -> None:
    """Let nobody else make or use a link meanwhile."""
    begin_writing(session)
    if session.get_bind().dialect.name == "postgresql":
        table = OneTimeLink.__tablename__
        session.execute(text(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE"))


def invite(session: Session, role: Role, label: str = "") -> str:
    """The path of a link by which somebody makes an account of this role; the caller commits."""
    whose = f" of {label}" if label else ""
    audit.record(session, "link-made", detail=f"invitation{whose} as {role}")
    return _make(session, Purpose.INVITATION, role=role, label=label[:80])


def make_reset(session: Session, user: User) -> str:
    """The path of a link by which a password is set anew; older ones end; the caller commits."""
    own = (OneTimeLink.purpose == Purpose.RESET, OneTimeLink.user_id == user.id)
    session.execute(delete(OneTimeLink).where(*own))
    audit.record(session, "link-made", detail=f"new password of {user.username}")
    return _make(session, Purpose.RESET, user_id=user.id)


def look_at(session: Session, purpose: Purpose, secret: str) -> OneTimeLink:
    """The link, unused; raises UsedUp."""
    found = session.get(OneTimeLink, digest_of(secret))
    usable = select(OneTimeLink.digest).where(*_usable(purpose, secret))
    if found is None or session.scalars(usable).one_or_none() is None:
        raise UsedUp
    return found


def make_account(
    session: Session, purpose: Purpose, secret: str, username: str, password: str
) -> User:
    """Use an invitation or the set-up for an account, and commit.

    Raises UsedUp, or BadInput for a name or password that cannot be, and then the link stays.
    """
    begin_writing(session)
    link = _use(session, purpose, secret)
    if purpose is Purpose.SET_UP and has_accounts(session):
        raise UsedUp
    role = Role.ADMINISTRATOR if purpose is Purpose.SET_UP else Role(link.role or Role.READER)
    how = f"invited {_by(link)}" if purpose is Purpose.INVITATION else ""
    user = _or_roll_back(session, lambda: add_user(session, username, role, password, how=how))
    session.commit()
    return user


def reset_password(session: Session, secret: str, password: str) -> User:
    """Use a link for a new password, end all sessions and commit; raises as `make_account`."""
    begin_writing(session)
    link = _use(session, Purpose.RESET, secret)
    user = session.get_one(User, link.user_id)
    how = f"by a link made {_by(link)}"
    _or_roll_back(session, lambda: set_password(session, user, password, how=how))
    session.commit()
    return user


def list_invitations(session: Session) -> Sequence[OneTimeLink]:
    """Those that nobody has used yet, with who made them, the one that ends first first."""
    waiting = (OneTimeLink.purpose == Purpose.INVITATION, OneTimeLink.expires_at > now())
    found = select(OneTimeLink).where(*waiting).order_by(OneTimeLink.expires_at)
    return session.scalars(found.options(joinedload(OneTimeLink.maker))).all()


def withdraw(session: Session, handle: str) -> None:
    """Let an invitation lead nowhere any more; the caller commits."""
    own = (
        OneTimeLink.purpose == Purpose.INVITATION,
        OneTimeLink.digest.startswith(handle, autoescape=True),
    )
    session.execute(delete(OneTimeLink).where(*own))


def _by(link: OneTimeLink) -> str:
    return f"by {link.maker.username}" if link.maker else "on the command line"


def _make(session: Session, purpose: Purpose, **about: Any) -> str:
    secret = secrets.token_urlsafe(32)
    session.execute(delete(OneTimeLink).where(OneTimeLink.expires_at <= now()))
    row = OneTimeLink(
        digest=digest_of(secret),
        purpose=purpose,
        maker_id=audit.actor_of(session).user_id,
        expires_at=now() + LASTS[purpose],
        **about,
    )
    session.add(row)
    return f"/{purpose}/{secret}"


def _use(session: Session, purpose: Purpose, secret: str) -> OneTimeLink:
    """Take the row away and return what it said; the second of two waits, and finds none."""
    used = delete(OneTimeLink).where(*_usable(purpose, secret)).returning(OneTimeLink)
    link = session.scalars(used).one_or_none()
    if link is None:
        session.rollback()
        raise UsedUp
    return link


def _usable(purpose: Purpose, secret: str) -> tuple[ColumnElement[bool], ...]:
    return (
        OneTimeLink.digest == digest_of(secret),
        OneTimeLink.purpose == purpose,
        OneTimeLink.expires_at > now(),
    )


def _or_roll_back(session: Session, change: Callable[[], R]) -> R:
    try:
        return change()
    except BadInput:
        session.rollback()
        raise
