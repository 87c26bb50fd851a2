"""Who is asking: the user of this request, known by a session's cookie or a program's token."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import abort, g, request
from flask import session as cookie
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from debate_webapp.accounts import audit
from debate_webapp.accounts.roles import Permission, permissions_of
from debate_webapp.accounts.sign_in import sessions, tokens
from debate_webapp.database.base import now
from debate_webapp.database.engine import session, without_waiting
from debate_webapp.database.models import SignedIn, User
from debate_webapp.site.auth import SIGNING_IN

# How exactly it is kept when somebody was there last: a write for each page would cost too much.
SEEN_EVERY = timedelta(minutes=1)

API = "/api/"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asking:
    """Someone, and what of their role they may use here."""

    user: User | None = None
    permissions: frozenset[Permission] = frozenset()
    signed_in: SignedIn | None = None


NOBODY = Asking()


def sign_in(user: User) -> None:
    """Start a fresh session in place of the one before, and commit."""
    sessions.end(session(), str(cookie.get("token")))
    cookie.clear()
    agent = request.user_agent.string
    cookie["token"] = sessions.start(session(), user, agent, request.remote_addr or "")
    session().commit()
    g.pop("asking", None)


def sign_out() -> None:
    """End the session here and in every copy of the cookie; commits."""
    user = current_user()
    sessions.end(session(), str(cookie.get("token")))
    if user is not None:
        audit.record(session(), "signed-out", user=user)
    session().commit()
    cookie.clear()
    g.asking = NOBODY


def asking() -> Asking:
    """Who asks, looked up once a request."""
    if "asking" not in g:
        g.asking = NOBODY  # while it is found out, and where it cannot be
        token = _bearer()
        g.asking = _by_cookie() if token is None else _by_token(token)
    found: Asking = g.asking
    return found


def forget() -> None:
    """Ask the database nothing more about it: an error page is drawn without one."""
    g.asking = NOBODY


def current_user() -> User | None:
    """The one who asks, None for a stranger."""
    return asking().user


def signed_in_user() -> User:
    """The one who asks, in a view that needs an account."""
    return current_user() or abort(401)


def may(what: Permission | str) -> bool:
    """Whether who asks has this permission; any other word is the need of an account."""
    if what in set(Permission):
        return what in asking().permissions
    return current_user() is not None


def sees_unpublished() -> bool:
    """Whether what is not published is there for who asks."""
    return may(Permission.READ)


def by_token() -> bool:
    """Whether a program asks, with a token; no page takes one."""
    return _bearer() is not None


def current_session() -> SignedIn | None:
    """The session by whose cookie somebody is known."""
    return asking().signed_in


def shown_on_pages() -> dict[str, Any]:
    """What every template knows: who reads it, what they may, and where to come back to."""
    back = None if request.blueprint in SIGNING_IN else request.path
    return {"user": current_user(), "may": may, "back": back}


def _bearer() -> str | None:
    """The token of a request to the API."""
    given = request.authorization
    is_token = given is not None and given.type == "bearer"
    return (given.token or "") if given and is_token and request.path.startswith(API) else None


def _by_cookie() -> Asking:
    found = sessions.find(session(), str(cookie["token"])) if "token" in cookie else None
    _act_as(found.user if found else None)
    if found is None:
        return NOBODY
    if (found.seen_at or found.at) < now() - SEEN_EVERY:
        here = request.user_agent.string, request.remote_addr or ""
        _note(lambda writing: sessions.note_use(writing, found, *here))
    return Asking(found.user, permissions_of(found.user.role), found)


def _by_token(secret: str) -> Asking:
    found = tokens.find(session(), secret)
    if found is None:
        challenge = WWWAuthenticate("bearer", {"error": "invalid_token"})
        raise Unauthorized(
            "This token is none, or was revoked, or has ended.", www_authenticate=challenge
        )
    _act_as(found.user, found.name)
    if found.used_at is None or found.used_at < now() - SEEN_EVERY:
        _note(lambda writing: tokens.note_use(writing, found))
    return Asking(found.user, tokens.permissions_of_token(found))


def _act_as(user: User | None, token: str | None = None) -> None:
    """Whom the audit names for what this request does; a stranger needs no database for it."""
    number, name = (user.id, user.username) if user else (None, "")
    g.actor = audit.Actor(number, name, token, request.remote_addr or "")
    if "session" in g:
        audit.act_as(g.session, g.actor)


def _note(use: Callable[[Session], None]) -> None:
    """In a transaction of its own, since one that reads has a snapshot; it waits for nobody."""
    with Session(session().get_bind()) as writing:
        audit.act_as(writing, g.actor)
        try:
            with without_waiting(writing):
                use(writing)
            writing.commit()
        except OperationalError as error:
            _log.info("not kept when it was used: %s", error.orig)
