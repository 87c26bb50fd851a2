"""The forms of the account pages; what has nothing to fill in needs none."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # stubs of before
from wtforms.validators import InputRequired, Length

from debate_webapp.accounts.roles import Role
from debate_webapp.site.auth.forms import NewPasswordForm

ROLES = [SelectChoice(role.value, role.value.capitalize()) for role in Role]


class ChangePasswordForm(NewPasswordForm):
    """The password of now, and the one to be."""

    current = PasswordField(
        "Current password", [InputRequired("Type your password."), Length(max=200)]
    )


class RoleForm(FlaskForm):
    """What somebody is to be."""

    role = SelectField("Role", [InputRequired()], choices=ROLES, default=Role.EDITOR.value)


class InvitationForm(RoleForm):
    """Whom to invite, as what."""

    label = StringField("For whom", [Length(max=80, message="At most 80 characters.")])
