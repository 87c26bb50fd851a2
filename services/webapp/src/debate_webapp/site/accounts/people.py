"""For administrators: people with accounts, their roles and sessions, invitations."""

from collections.abc import Callable
from typing import Any

from debate_contract.errors import BadInput
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.accounts import audit, users
from debate_webapp.accounts.roles import Permission, Role, describe_role
from debate_webapp.accounts.sign_in import links, second_factor, sessions
from debate_webapp.database.engine import session
from debate_webapp.database.models import User
from debate_webapp.site.accounts.forms import InvitationForm, RoleForm
from debate_webapp.site.auth.guard import needs
from debate_webapp.site.pages import sentence

blueprint = Blueprint("people_with_accounts", __name__, url_prefix="/accounts")


@blueprint.get("")
@needs(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """Everybody, and who is invited."""
    return _page()


@blueprint.post("/invitations")
@needs(Permission.ADMINISTER)
def invite() -> ResponseReturnValue:
    """Make a link for somebody, shown this once."""
    form = InvitationForm()
    if not form.validate_on_submit():
        return _page(form=form), 422
    label = " ".join((form.label.data or "").split())
    path = links.invite(session(), Role(form.role.data), label)
    session().commit()
    whom = label or "whoever is to have an account"
    said = f"Send this link to {whom}. It works once, for 7 days."
    return _page(made=_address(path), made_for=said)


@blueprint.post("/invitations/<handle>/withdraw")
@needs(Permission.ADMINISTER)
def withdraw(handle: str) -> ResponseReturnValue:
    """Take an invitation back."""
    if len(handle) != sessions.HANDLE:
        abort(404, "There is no such invitation.")
    links.withdraw(session(), handle)
    session().commit()
    return _done("That invitation leads nowhere now.")


@blueprint.post("/<int:user_id>/role")
@needs(Permission.ADMINISTER)
def set_role(user_id: int) -> ResponseReturnValue:
    """Give somebody another role."""
    user, form = _user(user_id), RoleForm()
    if not form.validate_on_submit():
        abort(400, "Choose one of the roles.")
    role = Role(form.role.data)
    return _change(lambda: users.set_role(session(), user, role), f"{user.username} is {role} now.")


@blueprint.post("/<int:user_id>/suspend")
@needs(Permission.ADMINISTER)
def suspend(user_id: int) -> ResponseReturnValue:
    """Let somebody in no more."""
    user = _user(user_id)
    said = f"{user.username} is suspended: signed out everywhere, without tokens."
    return _change(lambda: users.suspend(session(), user), said)


@blueprint.post("/<int:user_id>/restore")
@needs(Permission.ADMINISTER)
def restore(user_id: int) -> ResponseReturnValue:
    """Let somebody in again."""
    user = _user(user_id)
    said = f"{user.username} may sign in again."
    return _change(lambda: users.restore(session(), user), said)


@blueprint.post("/<int:user_id>/sessions/end")
@needs(Permission.ADMINISTER)
def end_sessions(user_id: int) -> ResponseReturnValue:
    """Sign somebody out everywhere."""
    user = _user(user_id)

    def change() -> None:
        ended = sessions.end_all(session(), user)
        audit.record(session(), "session-ended", detail=f"{ended} of {user.username}")

    return _change(change, f"{user.username} is signed out everywhere.")


@blueprint.post("/<int:user_id>/reset")
@needs(Permission.ADMINISTER)
def make_reset(user_id: int) -> ResponseReturnValue:
    """Make a link by which somebody sets a new password, shown this once."""
    user = _user(user_id)
    path = links.make_reset(session(), user)
    session().commit()
    said = f"Send this link to {user.username}. It works once, for 24 hours."
    return _page(made=_address(path), made_for=said)


@blueprint.post("/<int:user_id>/second-factor/off")
@needs(Permission.ADMINISTER)
def turn_off_second_factor(user_id: int) -> ResponseReturnValue:
    """Let somebody in without it, whose phone is lost."""
    user = _user(user_id)
    said = f"Signing in as {user.username} asks for no code any more."
    return _change(lambda: second_factor.turn_off(session(), user), said)


def _change(change: Callable[[], None], said: str) -> ResponseReturnValue:
    try:
        change()
    except BadInput as error:
        session().rollback()
        return _page(problem=sentence(error)), 422
    session().commit()
    return _done(said)


def _done(said: str) -> ResponseReturnValue:
    flash(said)
    return redirect(url_for("people_with_accounts.index"), code=303)


def _address(path: str) -> str:
    """The whole address: the reader has come by the site's name."""
    return request.host_url.rstrip("/") + path


def _user(user_id: int) -> User:
    return session().get(User, user_id) or abort(404, "There is no such account.")


def _page(form: InvitationForm | None = None, **told: Any) -> str:
    return render_template(
        "accounts/people.html",
        users=users.list_users(session()),
        invitations=links.list_invitations(session()),
        roles={role.value: describe_role(role) for role in Role},
        form=form or InvitationForm(formdata=None),
        handle=sessions.HANDLE,
        **told,
    )
