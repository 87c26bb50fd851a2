"""Who is asking: the user of this request, kept in the signed session cookie."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import abort, g, redirect, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from debate_webapp.database.engine import session
from debate_webapp.database.models import User

P = ParamSpec("P")
R = TypeVar("R")


def sign_in(user: User) -> None:
    """Start a fresh session; it ends when the password changes."""
    cookie.clear()
    cookie["user"] = user.id
    cookie["mark"] = _mark(user)


def sign_out() -> None:
    """Forget everything the cookie knew."""
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
    if "user" not in cookie:
        return None
    user = session().get(User, cookie["user"])
    return user if user and cookie.get("mark") == _mark(user) else None


def _mark(user: User) -> str:
    return hashlib.sha256(user.password_hash.encode()).hexdigest()[:16]
