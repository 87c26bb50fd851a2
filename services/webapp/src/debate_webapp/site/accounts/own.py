"""One's own account: the password, and where one is signed in."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.accounts import audit
from debate_webapp.accounts.roles import Role, describe_role
from debate_webapp.accounts.sign_in import sessions
from debate_webapp.accounts.sign_in.brake import TooManyAttempts
from debate_webapp.accounts.sign_in.by_password import authenticate
from debate_webapp.accounts.users import set_password
from debate_webapp.database.engine import session
from debate_webapp.site.accounts.forms import ChangePasswordForm
from debate_webapp.site.auth.browsers import mark_for
from debate_webapp.site.auth.current import current_session, signed_in_user
from debate_webapp.site.auth.guard import ACCOUNT, needs
from debate_webapp.site.auth.steps import WAIT

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/account")
@needs(ACCOUNT)
def account() -> ResponseReturnValue:
    """Role, password, sessions."""
    return _page(ChangePasswordForm())


@blueprint.post("/account/password")
@needs(ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Change the password; every other session ends."""
    user, form = signed_in_user(), ChangePasswordForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        is_right = confirmed(form.current.data or "")
    except TooManyAttempts:
        return _page(form, WAIT), 429, {"Retry-After": "900"}
    if not is_right:
        return _page(form, "That is not your current password."), 422
    set_password(session(), user, form.password.data or "", keep=_own_digest())
    session().commit()
    flash("Your password is changed. You stay signed in here, and nowhere else.")
    return redirect(url_for("accounts.account"), code=303)


@blueprint.post("/account/sessions/<handle>/end")
@needs(ACCOUNT)
def end_session(handle: str) -> ResponseReturnValue:
    """End one session, which may be this one."""
    if len(handle) != sessions.HANDLE or not sessions.end_one(session(), signed_in_user(), handle):
        abort(404, "There is no such session; it may have ended by itself.")
    audit.record(session(), "session-ended", detail="one of their own")
    session().commit()
    flash("That session is ended.")
    return redirect(url_for("accounts.account"), code=303)


@blueprint.post("/account/sessions/end-others")
@needs(ACCOUNT)
def end_other_sessions() -> ResponseReturnValue:
    """End all sessions but this one."""
    ended = sessions.end_all(session(), signed_in_user(), keep=_own_digest())
    audit.record(session(), "session-ended", detail=f"{ended} of their own")
    session().commit()
    flash("You are signed in here, and nowhere else.")
    return redirect(url_for("accounts.account"), code=303)


def confirmed(password: str) -> bool:
    """Whether it is the password of who is signed in; raises TooManyAttempts; commits."""
    name = signed_in_user().username
    address = request.remote_addr or "?"
    return authenticate(session(), name, password, address, mark_for(name)) is not None


def _own_digest() -> str | None:
    own = current_session()
    return own.digest if own else None


def _page(form: ChangePasswordForm, problem: str | None = None) -> str:
    user = signed_in_user()
    return render_template(
        "accounts/account.html",
        form=form,
        problem=problem,
        meaning=describe_role(Role(user.role)),
        sessions=sessions.list_sessions(session(), user),
        own=_own_digest(),
        handle=sessions.HANDLE,
    )
