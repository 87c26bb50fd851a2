"""What a route needs of whoever asks, said beside each route and looked at before each request.

A route that says nothing is an error when the application is made: nobody forgets it.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from debate_webapp.accounts.roles import MEANING, Permission
from debate_webapp.site.auth.current import API, asking, by_token, current_user, may

View = TypeVar("View", bound=Callable[..., Any])

# Instead of a permission: no account at all, or any; or a program's own key, which its view checks.
ANYONE = "anyone"
ACCOUNT = "account"
KEY = "key"

SIGNED_OUT = "You are signed out: sign in in another window, then send it again."
NO_ACCOUNT = "This needs an account: send a token of one, `Authorization: Bearer …`."

_csrf = CSRFProtect()


def needs(what: Permission | str) -> Callable[[View], View]:
    """Say of a view what it needs: a permission of the table, ACCOUNT or ANYONE."""

    def declare(view: View) -> View:
        view.needs = what  # type: ignore[attr-defined]
        return view

    return declare


def needs_of(app: Flask, endpoint: str) -> Permission | str:
    """What the view of an endpoint says it needs; raises LookupError where it says nothing."""
    what: Permission | str | None = getattr(app.view_functions[endpoint], "needs", None)
    if what is None:
        raise LookupError(f"{endpoint} does not say what it needs; see site/auth/guard.py")
    return what


def init_guard(app: Flask) -> None:
    """Look at every request; to be called when all routes are there."""
    for endpoint in app.view_functions:
        needs_of(app, endpoint)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # the guard does, where no token is the key
    _csrf.init_app(app)
    app.before_request(_guard)


def _guard() -> ResponseReturnValue | None:
    if request.endpoint in (None, "static"):
        return None  # an address of nothing; a file, which asks no database
    what = needs_of(current_app, request.endpoint)
    if what == KEY:
        return None
    asking()
    asked_by_program = request.path.startswith(API)
    if what != ANYONE and asked_by_program and current_user() is None:
        abort(401, SIGNED_OUT if "X-CSRFToken" in request.headers else NO_ACCOUNT)
    if not by_token():
        _csrf.protect()
    if what == ANYONE or may(what):
        return None
    if current_user() is not None:
        abort(403, _refusal(what))
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("auth.sign_in_page", next=back), code=303)


def _refusal(what: Permission | str) -> str:
    user = current_user()
    who = f"Your role is {user.role}" if user else "You have no account"
    if by_token():
        who = "This token has no such scope, or its owner no such role"
    meaning = MEANING.get(Permission(what), what)
    return f"{who}, and this is for those who may {meaning}. An administrator can change that."
