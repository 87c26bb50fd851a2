"""Signing in by name and password."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.accounts.sign_in import brake
from debate_webapp.accounts.sign_in.passwords import is_right
from debate_webapp.accounts.users import find_user, name_key
from debate_webapp.database.base import now
from debate_webapp.database.models import AuditEntry, User

# Of one account, or of names that are nobody's, so often at most in the audit.
_FAILURES_APART = timedelta(minutes=1)


def authenticate(
    session: Session, username: str, password: str, address: str, browser: str | None = None
) -> User | None:
    """The user with this name and password, else None; raises TooManyAttempts; commits.

    A try counts from before its password is checked, so that no more are checked at once either.
    `browser` as in `brake.enter`.
    """
    user = find_user(session, username)
    try:
        tries = brake.enter(session, name_key(username), address, browser)
    except brake.TooManyAttempts:
        record_failure(session, "sign-in-refused", user)
        raise
    if is_right(user.password_hash if user else None, password) and _may_sign_in(user):
        brake.withdraw(session, tries)
        return user
    record_failure(session, "sign-in-failed", user)
    return None


def _may_sign_in(user: User | None) -> bool:
    return user is not None and user.suspended_at is None


def record_failure(session: Session, action: str, user: User | None) -> None:
    """Once a minute: whoever guesses fills no disk."""
    same = AuditEntry.user_id == user.id if user else AuditEntry.user_id.is_(None)
    recent = select(AuditEntry.id).where(AuditEntry.action == action, same)
    recent = recent.where(AuditEntry.at > now() - _FAILURES_APART).limit(1)
    if session.scalars(recent).first() is None:
        detail = "" if user else "a name that nobody has"
        audit.record(session, action, detail=detail, user=user)
        session.commit()
