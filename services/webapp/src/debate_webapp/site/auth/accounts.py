"""Accounts: passwords, and the brake on guessing them."""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from debate_webapp.database.models import FailedSignIn, User
from debate_webapp.errors import UsageFault

WINDOW = timedelta(minutes=15)
# Wrong passwords within the window: for one name from one address, and for one address.
NAME_LIMIT = 5
ADDRESS_LIMIT = 30
MIN_PASSWORD = 12
# Checked when the name is unknown, so that an answer takes as long as for a known one.
_NOBODY = generate_password_hash(secrets.token_hex(16))


class TooManyAttempts(Exception):
    """Too many wrong passwords; try again in a quarter of an hour."""


def add_editor(session: Session, username: str, password: str | None = None) -> str:
    """Make an account and return its password, a generated one unless given; commits."""
    username = username.strip()
    if not username or len(username) > 80 or not username.isprintable():
        raise UsageFault("a username has 1 to 80 printable characters")
    if password is not None and len(password) < MIN_PASSWORD:
        raise UsageFault(f"a password has at least {MIN_PASSWORD} characters")
    if session.scalars(select(User).where(User.username == username)).first():
        raise UsageFault(f"there is an account called {username} already")
    chosen = password or secrets.token_urlsafe(12)
    session.add(User(username=username, password_hash=generate_password_hash(chosen)))
    session.commit()
    return chosen


def has_accounts(session: Session) -> bool:
    """Whether anyone can sign in."""
    return session.scalars(select(User.id).limit(1)).first() is not None


def authenticate(session: Session, username: str, password: str, address: str) -> User | None:
    """The user with this name and password, else None; raises TooManyAttempts."""
    keys = {f"{address} {username}"[:120]: NAME_LIMIT, address[:120]: ADDRESS_LIMIT}
    _check_limits(session, keys)
    user = session.scalars(select(User).where(User.username == username)).one_or_none()
    right = check_password_hash(user.password_hash if user else _NOBODY, password)
    if user is not None and right:
        return user
    session.add_all(FailedSignIn(key=key) for key in keys)
    session.commit()
    return None


def _check_limits(session: Session, keys: dict[str, int]) -> None:
    since = datetime.now(UTC) - WINDOW
    session.execute(delete(FailedSignIn).where(FailedSignIn.at < since))
    session.commit()
    counted = select(FailedSignIn.key, func.count()).where(FailedSignIn.key.in_(keys))
    counts = dict(session.execute(counted.group_by(FailedSignIn.key)).all())
    if any(counts.get(key, 0) >= limit for key, limit in keys.items()):
        raise TooManyAttempts
