"""Signing in and out."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.accounts.sign_in.brake import TooManyAttempts
from debate_webapp.accounts.sign_in.by_password import authenticate
from debate_webapp.database.engine import session
from debate_webapp.site.auth.browsers import mark_for
from debate_webapp.site.auth.current import current_user, sign_out
from debate_webapp.site.auth.forms import SignInForm
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.auth.steps import WAIT, ask_for_code, next_page, welcome

blueprint = Blueprint("auth", __name__)

WRONG = "That name and password do not belong together."


@blueprint.get("/sign-in")
@needs(ANYONE)
def sign_in_page() -> ResponseReturnValue:
    """The form, or onward for someone who is signed in already."""
    if current_user() is not None:
        return redirect(next_page(), code=303)
    return _page(SignInForm())


@blueprint.post("/sign-in")
@needs(ANYONE)
def sign_in_submit() -> ResponseReturnValue:
    """Check the password; wrong names and wrong passwords get the same answer."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form), 422
    name, password = form.username.data or "", form.password.data or ""
    try:
        user = authenticate(session(), name, password, request.remote_addr or "?", mark_for(name))
    except TooManyAttempts:
        return _page(form, WAIT), 429, {"Retry-After": "900"}
    if user is None:
        return _page(form, WRONG), 422
    return ask_for_code(user) if user.code_secret else welcome(user)


@blueprint.post("/sign-out")
@needs(ANYONE)
def sign_out_submit() -> ResponseReturnValue:
    """End the session."""
    sign_out()
    flash("You are signed out.")
    return redirect(url_for("debates.index"), code=303)


def _page(form: SignInForm, problem: str | None = None) -> str:
    return render_template("auth/sign_in.html", form=form, problem=problem)
