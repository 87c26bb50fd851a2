"""Pages behind one-time links: the first set-up, an invitation, a new password."""

from debate_contract.errors import BadInput
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from debate_webapp.accounts.roles import Role, describe_role
from debate_webapp.accounts.sign_in.links import (
    Purpose,
    UsedUp,
    look_at,
    make_account,
    reset_password,
)
from debate_webapp.database.engine import session
from debate_webapp.database.models import OneTimeLink, User
from debate_webapp.site.auth.forms import NewAccountForm, NewPasswordForm
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.auth.steps import welcome
from debate_webapp.site.pages import sentence

blueprint = Blueprint("links", __name__)


@blueprint.get("/<any('set-up',invitation):purpose>/<secret>")
@needs(ANYONE)
def account_page(purpose: str, secret: str) -> ResponseReturnValue:
    """The form for a name and a password."""
    link = _look(Purpose(purpose), secret)
    return _account_page(link, NewAccountForm()) if link else _used_up()


@blueprint.post("/<any('set-up',invitation):purpose>/<secret>")
@needs(ANYONE)
def account_submit(purpose: str, secret: str) -> ResponseReturnValue:
    """Make the account, once, and sign it in."""
    link, form = _look(Purpose(purpose), secret), NewAccountForm()
    if link is None:
        return _used_up()
    if not form.validate_on_submit():
        return _account_page(link, form), 422
    name, password = form.username.data or "", form.password.data or ""
    try:
        user = make_account(session(), Purpose(purpose), secret, name, password)
    except UsedUp:
        return _used_up()
    except BadInput as error:
        return _account_page(link, form, sentence(error)), 422
    response = welcome(user)
    flash(f"Welcome, {user.username}.")
    return response


@blueprint.get("/reset/<secret>")
@needs(ANYONE)
def reset_page(secret: str) -> ResponseReturnValue:
    """The form for a new password."""
    link = _look(Purpose.RESET, secret)
    return _reset_page(link, NewPasswordForm()) if link else _used_up()


@blueprint.post("/reset/<secret>")
@needs(ANYONE)
def reset_submit(secret: str) -> ResponseReturnValue:
    """Set the password, once, and lead to where one signs in with it."""
    link, form = _look(Purpose.RESET, secret), NewPasswordForm()
    if link is None:
        return _used_up()
    if not form.validate_on_submit():
        return _reset_page(link, form), 422
    try:
        reset_password(session(), secret, form.password.data or "")
    except UsedUp:
        return _used_up()
    flash("Your password is changed. Sign in with it; everywhere else you are signed out.")
    return redirect(url_for("auth.sign_in_page"), code=303)


@blueprint.after_request
def keep_to_oneself(response: Response) -> Response:
    """The address is a secret: no page that is opened from here may learn it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _look(purpose: Purpose, secret: str) -> OneTimeLink | None:
    try:
        return look_at(session(), purpose, secret)
    except UsedUp:
        return None


def _used_up() -> ResponseReturnValue:
    title, detail = "This link leads nowhere", sentence(UsedUp())
    return render_template("error.html", title=title, detail=detail), 410


def _account_page(link: OneTimeLink, form: NewAccountForm, problem: str | None = None) -> str:
    role = Role.ADMINISTRATOR if link.purpose == Purpose.SET_UP else Role(link.role or Role.READER)
    return render_template(
        "auth/new_account.html",
        first=link.purpose == Purpose.SET_UP,
        role=role,
        meaning=describe_role(role),
        form=form,
        problem=problem,
    )


def _reset_page(link: OneTimeLink, form: NewPasswordForm) -> str:
    user = session().get_one(User, link.user_id)
    return render_template("auth/reset.html", username=user.username, form=form)
