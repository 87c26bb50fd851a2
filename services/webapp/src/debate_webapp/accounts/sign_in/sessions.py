"""Sessions, kept on the server: whoever is signed in, in which browser, since when."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.database.base import now
from debate_webapp.database.models import SignedIn, User

# A session that nobody ends ends by itself: so long after it began, or after it was last used.
LONGEST = timedelta(days=30)
UNUSED = timedelta(days=14)
# Of one account; the one unused for longest gives way.
MOST = 20
# What is shown of a digest, by which its owner names a session.
HANDLE = 16

_BROWSERS = (
    ("Firefox", r"Firefox/\d"), ("Edge", r"Edg\w*/\d"), ("Opera", r"OPR/\d"),
    ("Chrome", r"(?:Chrome|CriOS)/\d"), ("Safari", r"Version/.*Safari/\d"), ("curl", r"curl/\d"),
)  # fmt: skip
_SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("macOS", "Mac OS X|Macintosh"), ("Linux", "Linux|X11"),
)  # fmt: skip


def digest_of(token: str) -> str:
    """What is kept of a random token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def describe_device(agent: str) -> str:
    """A browser and its system as people call them, by what a browser says of itself."""
    browser = next((name for name, mark in _BROWSERS if re.search(mark, agent)), "Unknown browser")
    system = next((name for name, mark in _SYSTEMS if re.search(mark, agent)), None)
    return f"{browser} on {system}" if system else browser


def start(session: Session, user: User, agent: str, address: str) -> str:
    """Start a session and return its token, which is kept nowhere; the caller commits."""
    token = secrets.token_urlsafe(24)
    session.execute(delete(SignedIn).where(_is_over()))
    kept = select(SignedIn.digest).where(SignedIn.user_id == user.id)
    kept = kept.order_by(SignedIn.seen_at.desc(), SignedIn.at.desc()).offset(MOST - 1)
    over = session.scalars(kept).all()
    session.execute(delete(SignedIn).where(SignedIn.digest.in_(over)))
    session.add(SignedIn(digest=digest_of(token), user_id=user.id, **_where(agent, address)))
    user.seen_at = now()
    audit.record(session, "signed-in", user=user)
    return token


def find(session: Session, token: str) -> SignedIn | None:
    """The session of this token, with its user, while both may be used."""
    found = session.get(SignedIn, digest_of(token))
    if found is None or found.user.suspended_at is not None:
        return None
    seen = found.seen_at or found.at
    is_over = found.at < now() - LONGEST or seen < now() - UNUSED
    return None if is_over else found


def list_sessions(session: Session, user: User) -> Sequence[SignedIn]:
    """Where somebody is signed in, used last first."""
    own = select(SignedIn).where(SignedIn.user_id == user.id, ~_is_over())
    return session.scalars(own.order_by(SignedIn.seen_at.desc(), SignedIn.at.desc())).all()


def end(session: Session, token: str) -> None:
    """End the session here and in every copy of its cookie; the caller commits."""
    session.execute(delete(SignedIn).where(SignedIn.digest == digest_of(token)))


def end_one(session: Session, user: User, handle: str) -> bool:
    """End that one of a user's sessions; whether there was one. The caller commits."""
    own = delete(SignedIn).where(SignedIn.user_id == user.id)
    ended = session.execute(own.where(SignedIn.digest.startswith(handle, autoescape=True)))
    return _count(ended) > 0


def end_all(session: Session, user: User, *, keep: str | None = None) -> int:
    """End all sessions of a user but that of the digest `keep`; how many. The caller commits."""
    own = delete(SignedIn).where(SignedIn.user_id == user.id)
    return _count(session.execute(own.where(SignedIn.digest != keep) if keep else own))


def note_use(session: Session, found: SignedIn, agent: str, address: str) -> None:
    """Enter that a session and its user are there now; the caller commits.

    One of before sessions said where they are is let be, and says so from its next use on.
    """
    at = now()
    used: dict[str, Any] = {"seen_at": at}
    if not found.device:
        used |= _where(agent, address)
    session.execute(update(SignedIn).where(SignedIn.digest == found.digest).values(used))
    session.execute(update(User).where(User.id == found.user_id).values(seen_at=at))


def _where(agent: str, address: str) -> dict[str, str]:
    return {"device": describe_device(agent), "address": address[: audit.ADDRESS]}


def _is_over() -> ColumnElement[bool]:
    at = now()
    return or_(SignedIn.at < at - LONGEST, SignedIn.seen_at < at - UNUSED)


def _count(done: object) -> int:
    return done.rowcount if isinstance(done, CursorResult) else 0
