"""Sign-in page."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.database.engine import session
from debate_webapp.site.auth.accounts import TooManyAttempts, authenticate
from debate_webapp.site.auth.current import is_editor, sign_in, sign_out
from debate_webapp.site.auth.forms import SignInForm
from debate_webapp.site.routing import is_path

blueprint = Blueprint("auth", __name__)


@blueprint.get("/sign-in")
def sign_in_page() -> ResponseReturnValue:
    """The form, or onward for someone who is signed in already."""
    if is_editor():
        return redirect(_next(), code=303)
    return render_template("auth/sign_in.html", form=SignInForm())


@blueprint.post("/sign-in")
def sign_in_submit() -> ResponseReturnValue:
    """Check the password; wrong names and wrong passwords get the same answer."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("auth/sign_in.html", form=form), 422
    name, password = form.username.data or "", form.password.data or ""
    try:
        user = authenticate(session(), name, password, request.remote_addr or "?")
    except TooManyAttempts:
        wait = "Too many wrong passwords. Try again in 15 minutes."
        return (
            render_template("auth/sign_in.html", form=form, problem=wait),
            429,
            {"Retry-After": "900"},
        )
    if user is None:
        wrong = "That name and password do not belong together."
        return render_template("auth/sign_in.html", form=form, problem=wrong), 422
    sign_in(user)
    return redirect(_next(), code=303)


@blueprint.post("/sign-out")
def sign_out_submit() -> ResponseReturnValue:
    """End the session."""
    sign_out()
    flash("You are signed out.")
    return redirect(url_for("debates.index"), code=303)


def _next() -> str:
    """Where the reader came from, as long as that is a page of ours."""
    target = request.args.get("next", "")
    return target if is_path(target) else url_for("debates.index")
