"""The forms of signing in and of one-time links."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField, ValidationError
from wtforms.validators import EqualTo, InputRequired, Length

from debate_webapp.accounts.sign_in.passwords import MAX_PASSWORD, MIN_PASSWORD

_LONG_ENOUGH = Length(
    MIN_PASSWORD, MAX_PASSWORD, f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters."
)
_SAME = EqualTo("password", "The two passwords differ.")


class SignInForm(FlaskForm):
    """A name and a password."""

    username = StringField("Username", [InputRequired("Type your username."), Length(max=80)])
    password = PasswordField("Password", [InputRequired("Type your password."), Length(max=200)])


class CodeForm(FlaskForm):
    """A code of the second factor, or one to recover by."""

    code = StringField("Code", [InputRequired("Type the code."), Length(max=40)])


class NewPasswordForm(FlaskForm):
    """A password of one's own, twice."""

    password = PasswordField("New password", [InputRequired("Type a password."), _LONG_ENOUGH])
    again = PasswordField(
        "New password again", [InputRequired("Type the new password again."), _SAME]
    )


class NewAccountForm(NewPasswordForm):
    """The name and the password of an account to be."""

    username = StringField(
        "Username", [InputRequired("Choose a username."), Length(max=80, message="At most 80.")]
    )

    def validate_username(self, field: StringField) -> None:
        """One line of printable characters."""
        if not (field.data or "").strip().isprintable():
            raise ValidationError("A username has printable characters only.")
