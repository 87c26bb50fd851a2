"""The sign-in form."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length


class SignInForm(FlaskForm):
    """A name and a password."""

    username = StringField("Username", [InputRequired("Type your username."), Length(max=80)])
    password = PasswordField("Password", [InputRequired("Type your password."), Length(max=200)])
