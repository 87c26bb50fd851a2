"""One's own API tokens: made, shown once, revoked."""

from debate_contract.errors import BadInput
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs of before
from wtforms.validators import InputRequired, Length

from debate_webapp.accounts.roles import MEANING, SCOPES, Permission, permissions_of
from debate_webapp.accounts.sign_in import tokens
from debate_webapp.database.base import now
from debate_webapp.database.engine import session
from debate_webapp.site.auth.current import signed_in_user
from debate_webapp.site.auth.guard import ACCOUNT, needs
from debate_webapp.site.pages import sentence

blueprint = Blueprint("tokens", __name__, url_prefix="/account/tokens")


class TokenForm(FlaskForm):
    """What uses it, what it may do, and for how long."""

    name = StringField("What uses it", [InputRequired("Say what uses it."), Length(max=80)])
    scopes = SelectMultipleField(
        "What it may do", choices=[SelectChoice(one.value) for one in SCOPES]
    )
    days = SelectField(
        "Ends after",
        choices=[SelectChoice(str(days), f"{days} days") for days in tokens.DAYS],
        default="90",
    )


@blueprint.get("")
@needs(ACCOUNT)
def index() -> ResponseReturnValue:
    """What lets programs in."""
    return _page()


@blueprint.post("")
@needs(ACCOUNT)
def make() -> ResponseReturnValue:
    """Make one, shown this once."""
    form = TokenForm()
    if not form.validate_on_submit():
        return _page(form), 422
    scopes = [Permission(scope) for scope in form.scopes.data or ()]
    name, days = form.name.data or "", int(form.days.data)
    try:
        secret = tokens.make(session(), signed_in_user(), name, scopes, days)
    except BadInput as error:
        return _page(form, problem=sentence(error)), 422
    session().commit()
    return _page(made=secret)


@blueprint.post("/<int:token_id>/revoke")
@needs(ACCOUNT)
def revoke(token_id: int) -> ResponseReturnValue:
    """End one at once."""
    if not tokens.revoke(session(), signed_in_user(), token_id):
        abort(404, "There is no such token; it may be revoked already.")
    session().commit()
    flash("That token is revoked: whatever used it is shut out.")
    return redirect(url_for("tokens.index"), code=303)


def _page(form: TokenForm | None = None, made: str = "", problem: str = "") -> str:
    user = signed_in_user()
    may = permissions_of(user.role)
    return render_template(
        "accounts/tokens.html",
        form=form or TokenForm(formdata=None),
        made=made,
        problem=problem,
        scopes={one.value: MEANING[one] for one in SCOPES if one in may},
        tokens=tokens.list_tokens(session(), user),
        now=now(),
    )
