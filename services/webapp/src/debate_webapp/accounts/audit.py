"""The record of who did what, written in the transaction of what was done.

Nothing that was typed where a password belongs ever comes here; nor does a name that is nobody's,
since people type their password there too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from debate_webapp.database.models import AuditEntry, Edit, Transcript, User

# What is recorded, and how pages and files say it.
ACTIONS = {
    "signed-in": "Signed in",
    "signed-out": "Signed out",
    "sign-in-failed": "Failed to sign in",
    "sign-in-refused": "Refused after too many tries",
    "session-ended": "Ended sessions",
    "account-added": "Made an account",
    "account-suspended": "Suspended an account",
    "account-restored": "Let an account in again",
    "role-changed": "Changed a role",
    "password-changed": "Changed a password",
    "link-made": "Made a link",
    "factor-on": "Turned the second factor on",
    "factor-off": "Turned the second factor off",
    "recovery-code-used": "Used a recovery code",
    "token-made": "Made a token",
    "token-revoked": "Revoked a token",
    "token-used": "Used a token",
    "submitted": "Submitted a recording",
    "cancelled": "Cancelled a submission",
    "registered": "Registered a debate",
    "edited": "Edited",
    "published": "Published",
    "unpublished": "Took back a publication",
    "version-counted": "Chose the version that counts",
    "person-added": "Added a person",
    "voice-deleted": "Deleted how a person sounds",
    "voice-kept": "Let a person be known by their voice",
    "exported": "Exported",
}
_OF_COMMANDS = {
    "publish": "published", "unpublish": "unpublished", "count": "version-counted",
}  # fmt: skip
DETAIL = 200
ADDRESS = 45


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts in a session of the database: nobody by name is a command on the server."""

    user_id: int | None = None
    username: str = ""
    token: str | None = None
    address: str = ""


COMMAND_LINE = Actor()


def act_as(session: Session, actor: Actor) -> None:
    """Put what this session records from now on down to somebody."""
    session.info["actor"] = actor


def actor_of(session: Session) -> Actor:
    """To whom it is put down."""
    actor: Actor = session.info.get("actor", COMMAND_LINE)
    return actor


def record(
    session: Session,
    action: str,
    *,
    detail: str = "",
    transcript_id: int | None = None,
    user: User | None = None,
) -> None:
    """Enter what is done in this transaction; `user` where the actor is not signed in (yet)."""
    actor = actor_of(session)
    entry = _entry(actor, action, detail, transcript_id)
    if user is not None:
        entry |= {"user_id": user.id, "username": user.username}
    session.execute(insert(AuditEntry), [entry])


def if_stranger(session: Session, user: User) -> User | None:
    """This user where a stranger acts: somebody with a link of theirs, or from the directory."""
    actor = actor_of(session)
    return user if actor.user_id is None and actor.address else None


def follow_edits() -> None:
    """Have every session enter the edits and the registrations that it writes."""
    if not event.contains(Session, "after_flush", _follow):
        event.listen(Session, "after_flush", _follow)


def _follow(session: Session, _flushing: UOWTransaction) -> None:
    if entries := list(_entries(session.new, actor_of(session))):
        session.execute(insert(AuditEntry), entries)


def _entries(rows: Iterable[object], actor: Actor) -> Iterable[dict[str, Any]]:
    for row in rows:
        if isinstance(row, Transcript):
            yield _entry(actor, "registered", row.title, row.id)
        elif isinstance(row, Edit):
            action = _OF_COMMANDS.get(row.command, "edited")
            detail = row.command if action == "edited" else ""
            yield _entry(actor, action, detail, row.transcript_id)


def _entry(
    actor: Actor, action: str, detail: str, transcript_id: int | None = None
) -> dict[str, Any]:
    if action not in ACTIONS:
        raise ValueError(f"{action} is not in ACTIONS")
    return {
        "action": action,
        "user_id": actor.user_id,
        "username": actor.username,
        "token": actor.token,
        "address": actor.address[:ADDRESS],  # a proxy passes on anything
        "transcript_id": transcript_id,
        "detail": detail[:DETAIL],
    }
