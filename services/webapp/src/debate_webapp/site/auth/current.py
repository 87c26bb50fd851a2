"""Who is asking: the user of this request, known by a session's cookie or a program's token."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from flask import abort, g, request
from flask import session as cookie
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.accounts.roles import Permission, permissions_of
from debate_webapp.accounts.sign_in import sessions
from debate_webapp.database.accounts import SignedIn, User
from debate_webapp.database.base import now
from debate_webapp.database.engine import session, without_waiting

# How exactly it is kept when somebody was there last: a write for each page would cost too much.
SEEN_EVERY = timedelta(minutes=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asking:
    """Someone, and what of their role they may use here."""

    user: User | None = None
    permissions: frozenset[Permission] = frozenset()
    signed_in: SignedIn | None = None


NOBODY = Asking()


def sign_in(user: User) -> None:
    """Start a fresh session and commit."""
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
        g.asking = _look_up()
        user = g.asking.user
        number, name = (user.id, user.username) if user else (None, "")
        actor = audit.Actor(number, name, address=request.remote_addr or "")
        audit.act_as(session(), actor)
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
    return False


def current_session() -> SignedIn | None:
    """The session by whose cookie somebody is known."""
    return asking().signed_in


def _look_up() -> Asking:
    if "token" not in cookie:
        return NOBODY
    found = sessions.find(session(), str(cookie["token"]))
    if found is None:
        return NOBODY
    if (found.seen_at or found.at) < now() - SEEN_EVERY:
        _note_use(found)
    return Asking(found.user, permissions_of(found.user.role), found)


def _note_use(found: SignedIn) -> None:
    """In a transaction of its own, since one that reads has a snapshot; it waits for nobody."""
    with Session(session().get_bind()) as writing:
        try:
            with without_waiting(writing):
                sessions.note_use(writing, found)
            writing.commit()
        except OperationalError as error:
            _log.info("not kept when session was used: %s", error.orig)
