"""The second step of signing in, for accounts with a second factor."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from debate_webapp.accounts.sign_in import brake
from debate_webapp.accounts.sign_in.by_password import record_failure
from debate_webapp.accounts.sign_in.second_factor import use_code
from debate_webapp.database.engine import session
from debate_webapp.site.auth.browsers import mark_for
from debate_webapp.site.auth.forms import CodeForm
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.auth.steps import WAIT, welcome, who_is_to_show_a_code

blueprint = Blueprint("second_step", __name__)

# Wrong codes for one account from anywhere: whoever tries them has its password.
_ANYWHERE = 20


@blueprint.get("/sign-in/code")
@needs(ANYONE)
def page() -> ResponseReturnValue:
    """The form for the code."""
    return _page(CodeForm()) if who_is_to_show_a_code() else _from_the_start()


@blueprint.post("/sign-in/code")
@needs(ANYONE)
def submit() -> ResponseReturnValue:
    """Check the code; each works once."""
    user, form = who_is_to_show_a_code(), CodeForm()
    if user is None:
        return _from_the_start()
    if not form.validate_on_submit():
        return _page(form), 422
    address, mark = request.remote_addr or "?", mark_for(user.username)
    try:
        tries = brake.enter(session(), user.id, address, mark, anywhere=_ANYWHERE)
    except brake.TooManyAttempts:
        return _page(form, WAIT), 429, {"Retry-After": "900"}
    if not use_code(session(), user, form.code.data or "", str(current_app.secret_key)):
        record_failure(session(), "sign-in-failed", user)
        return _page(form, "That code does not fit, or was used already. Wait for the next."), 422
    brake.withdraw(session(), tries)
    return welcome(user)


def _from_the_start() -> Response:
    return redirect(url_for("auth.sign_in_page", next=request.args.get("next")), code=303)


def _page(form: CodeForm, problem: str | None = None) -> str:
    return render_template("auth/code.html", form=form, problem=problem)
