"""One's own second factor: turned on with a phone, turned off with the password."""

from flask import Blueprint, current_app, flash, redirect, render_template, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

from debate_webapp.accounts.sign_in import second_factor
from debate_webapp.accounts.sign_in.brake import TooManyAttempts
from debate_webapp.database.engine import session
from debate_webapp.site.accounts.own import confirmed
from debate_webapp.site.auth.current import signed_in_user
from debate_webapp.site.auth.guard import ACCOUNT, needs
from debate_webapp.site.auth.steps import WAIT

blueprint = Blueprint("second_factor", __name__, url_prefix="/account/second-factor")

# In the session's cookie, whose owner sees it on the page anyway, until a phone has it.
_SECRET = "new_factor"  # noqa: S105 - a name


class PasswordForm(FlaskForm):
    """The password of who is signed in."""

    current = PasswordField(
        "Your password", [InputRequired("Type your password."), Length(max=200)]
    )


class TurnOnForm(PasswordForm):
    """The password, and a code that shows that the phone has the secret."""

    code = StringField("Code on your phone", [InputRequired("Type the code."), Length(max=10)])


@blueprint.get("")
@needs(ACCOUNT)
def index() -> ResponseReturnValue:
    """How to turn it on, or off."""
    return _page()


@blueprint.post("/on")
@needs(ACCOUNT)
def turn_on() -> ResponseReturnValue:
    """Ask for codes from now on; show the codes to recover by, this once."""
    user, form = signed_in_user(), TurnOnForm()
    if user.code_secret or _SECRET not in cookie:
        return redirect(url_for("second_factor.index"), code=303)
    if not form.validate_on_submit():
        return _page(form), 422
    refused = _refused(form)
    if refused:
        return _page(form, refused[0]), refused[1]
    key = str(current_app.secret_key)
    codes = second_factor.turn_on(session(), user, cookie[_SECRET], form.code.data or "", key)
    if codes is None:
        return _page(form, "That code does not fit. Is the clock of your phone right?"), 422
    session().commit()
    cookie.pop(_SECRET)
    return _page(codes=codes)


@blueprint.post("/off")
@needs(ACCOUNT)
def turn_off() -> ResponseReturnValue:
    """Ask for codes no more."""
    form = PasswordForm()
    if not form.validate_on_submit():
        return _page(form), 422
    refused = _refused(form)
    if refused:
        return _page(form, refused[0]), refused[1]
    second_factor.turn_off(session(), signed_in_user())
    session().commit()
    flash("The second factor is off.")
    return redirect(url_for("accounts.account"), code=303)


def _refused(form: PasswordForm) -> tuple[str, int] | None:
    """Why not, and with which status, unless the password is right."""
    try:
        right = confirmed(form.current.data or "")
    except TooManyAttempts:
        return WAIT, 429
    return None if right else ("That is not your password.", 422)


def _page(
    form: PasswordForm | None = None, problem: str = "", codes: list[str] | None = None
) -> str:
    user = signed_in_user()
    shown = {}
    if user.code_secret is None and user.password_hash:
        secret = cookie.setdefault(_SECRET, second_factor.new_secret())
        picture = second_factor.picture_of(second_factor.address_of(secret, user.username))
        shown = {"secret": secret, "picture": picture}
    empty = PasswordForm if user.code_secret else TurnOnForm
    return render_template(
        "accounts/second_factor.html",
        form=form or empty(formdata=None),
        problem=problem,
        codes=codes,
        **shown,
    )
