"""From one step of signing in to the next, and at the end to where the reader came from."""

import time

from flask import redirect, request, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from debate_webapp.accounts.sign_in.sessions import digest_of
from debate_webapp.database.engine import session
from debate_webapp.database.models import User
from debate_webapp.site.auth.browsers import leave_mark
from debate_webapp.site.auth.current import sign_in
from debate_webapp.site.routing import is_path

WAIT = "Too many wrong passwords. Try again in 15 minutes."

# In the session's cookie: who has shown their password, and when.
_WHO = "first_step"
_SECONDS = 300


def ask_for_code(user: User) -> Response:
    """Lead to the second step whoever has shown the password."""
    cookie.clear()
    cookie[_WHO] = [user.id, int(time.time()), digest_of(user.password_hash)]
    return redirect(url_for("second_step.page", next=request.args.get("next")), code=303)


def who_is_to_show_a_code() -> User | None:
    """Who has shown the password a moment ago, if it is theirs still."""
    number, at, password = cookie.get(_WHO, (0, 0, ""))
    user = session().get(User, number) if at > time.time() - _SECONDS else None
    if user is None or digest_of(user.password_hash) != password:
        return None
    return user if user.code_secret and user.suspended_at is None else None


def welcome(user: User) -> Response:
    """Start a session, and lead to where the reader came from."""
    sign_in(user)
    response = redirect(next_page(), code=303)
    leave_mark(response, user.username)
    return response


def next_page() -> str:
    """Where the reader came from, as long as that is a page of ours."""
    target = request.args.get("next", "")
    return target if is_path(target) else url_for("debates.index")
