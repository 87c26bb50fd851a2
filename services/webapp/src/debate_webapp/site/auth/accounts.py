"""Accounts: passwords, and the brake on guessing them."""

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from debate_contract.errors import UsageFault
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from werkzeug.security import check_password_hash, generate_password_hash

from debate_webapp.database.models import FailedSignIn, SignedIn, User

WINDOW = timedelta(minutes=15)
# Wrong passwords within the window: for one name from one network, and for one name from anywhere.
# None for a network alone: whoever shares it with someone who guesses would be shut out as well.
NETWORK_LIMIT = 5
NAME_LIMIT = 100
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
    chosen = _chosen(password)
    if _find(session, username):
        raise UsageFault(f"there is an account called {username} already")
    session.add(User(username=username, password_hash=generate_password_hash(chosen)))
    session.commit()
    return chosen


def set_password(session: Session, username: str, password: str | None = None) -> str:
    """Give an account another password, end its sessions and return it; commits."""
    chosen = _chosen(password)
    user = _find(session, username)
    if user is None:
        raise UsageFault(f"there is no account called {username}")
    user.password_hash = generate_password_hash(chosen)
    session.execute(delete(SignedIn).where(SignedIn.user_id == user.id))
    session.commit()
    return chosen


def has_accounts(session: Session) -> bool:
    """Whether anyone can sign in."""
    return session.scalars(select(User.id).limit(1)).first() is not None


def authenticate(session: Session, username: str, password: str, address: str) -> User | None:
    """The user with this name and password, else None; raises TooManyAttempts; commits.

    A try counts from before its password is checked, so that no more are checked at once either.
    """
    limits = {_key(username, _network(address)): NETWORK_LIMIT, _key(username): NAME_LIMIT}
    tries = _enter(session, limits)
    if _over(session, limits):
        _withdraw(session, tries)
        raise TooManyAttempts
    user = _find(session, username)
    right = check_password_hash(user.password_hash if user else _NOBODY, password)
    if user is None or not right:
        return None
    _withdraw(session, tries)
    return user


def _chosen(password: str | None) -> str:
    if password is not None and len(password) < MIN_PASSWORD:
        raise UsageFault(f"a password has at least {MIN_PASSWORD} characters")
    return password or secrets.token_urlsafe(12)


def _find(session: Session, username: str) -> User | None:
    """PostgreSQL cannot even be asked for a name with NUL in it."""
    if not username.isprintable():
        return None
    return session.scalars(select(User).where(User.username == username)).one_or_none()


def _network(address: str) -> str:
    """Who shares the address: for IPv6 a subscriber's 2**64 of them."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))


def _key(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def _enter(session: Session, keys: Iterable[str]) -> list[int]:
    """Enter a try under each key, drop what is older than the window; the ids of the rows."""
    session.execute(delete(FailedSignIn).where(FailedSignIn.at < datetime.now(UTC) - WINDOW))
    rows = [FailedSignIn(key=key) for key in keys]
    session.add_all(rows)
    session.commit()
    return [row.id for row in rows]


def _over(session: Session, limits: dict[str, int]) -> bool:
    """Whether there are more tries than may be, this one included."""
    counted = select(FailedSignIn.key, func.count()).where(FailedSignIn.key.in_(limits))
    counts = session.execute(counted.group_by(FailedSignIn.key)).all()
    return any(count > limits[key] for key, count in counts)


def _withdraw(session: Session, tries: list[int]) -> None:
    session.execute(delete(FailedSignIn).where(FailedSignIn.id.in_(tries)))
    session.commit()
