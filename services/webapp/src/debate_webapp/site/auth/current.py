"""Who is asking: the user of this request, known by a token in the signed session cookie."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, g, redirect, request, url_for
from flask import session as cookie
from sqlalchemy import delete
from werkzeug.wrappers import Response

from debate_webapp.database.engine import session
from debate_webapp.database.models import SignedIn, User

P = ParamSpec("P")
R = TypeVar("R")

# A session that nobody ends ends by itself.
LONGEST = timedelta(days=30)


def sign_in(user: User) -> None:
    """Start a fresh session and commit; it ends by signing out, with the password, or with time."""
    cookie.clear()
    cookie["token"] = secrets.token_urlsafe(24)
    session().execute(delete(SignedIn).where(SignedIn.at < datetime.now(UTC) - LONGEST))
    session().add(SignedIn(digest=_digest(), user_id=user.id))
    session().commit()


def sign_out() -> None:
    """End the session here and in every copy of the cookie; commits."""
    session().execute(delete(SignedIn).where(SignedIn.digest == _digest()))
    session().commit()
    cookie.clear()


def current_user() -> User | None:
    """The signed-in user, looked up once a request."""
    if "user" not in g:
        g.user = _load()
    user: User | None = g.user
    return user


def is_editor() -> bool:
    """Whether the reader may see unpublished debates and change things."""
    user = current_user()
    return user is not None and user.role == "editor"


def editor() -> User:
    """The signed-in editor; 401 for a stranger, 403 for someone with another role."""
    user = current_user()
    if user is None:
        abort(401)
    if user.role != "editor":
        abort(403, "Only editors may change a debate.")
    return user


def editors_only(view: Callable[P, R]) -> Callable[P, R | Response]:
    """Send others to the sign-in page and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Response:
        if is_editor():
            return view(*args, **kwargs)
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("auth.sign_in_page", next=back), code=303)

    return guarded


def _load() -> User | None:
    if "token" not in cookie:
        return None
    found = session().get(SignedIn, _digest())
    return found.user if found and _utc(found.at) > datetime.now(UTC) - LONGEST else None


def _utc(at: datetime) -> datetime:
    """SQLite gives times back without their zone."""
    return at.replace(tzinfo=UTC)


def _digest() -> str:
    return hashlib.sha256(str(cookie.get("token")).encode()).hexdigest()
