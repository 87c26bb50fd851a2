"""The forms of the debate pages; what they send works without JavaScript."""

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp

# As the API takes it.
CLIENT_ID = [InputRequired(), Regexp(r"^[!-~]{1,64}\Z")]


class RegisterForm(FlaskForm):
    """The address of a transcript in the store."""

    uri = StringField("Address of a transcript", [InputRequired(), Length(max=2000)])


class RecordingForm(FlaskForm):
    """The address of a recording in the store."""

    uri = StringField("Address of the recording", [InputRequired(), Length(max=2000)])
    client_id = HiddenField("Client id", CLIENT_ID)


class SpeakerForm(FlaskForm):
    """Who a label is; an empty name takes the mapping back."""

    name = StringField("Name", [Length(max=400)])
    version = IntegerField("Version", [InputRequired()])
    client_id = HiddenField("Client id", CLIENT_ID)


class PublicationForm(FlaskForm):
    """Show a debate to everyone or take it back."""

    client_id = HiddenField("Client id", CLIENT_ID)


class CountForm(FlaskForm):
    """Make a version of a debate the one that counts."""

    client_id = HiddenField("Client id", CLIENT_ID)


class CarryForm(FlaskForm):
    """Carry corrections over: everything that fits, or the chosen ones of a revision."""

    client_id = HiddenField("Client id", CLIENT_ID)
    everything = HiddenField("Everything")
    seen = IntegerField("Revision", [Optional()])


class KnownAgainForm(FlaskForm):
    """Have a person proposed by their voice, or not."""
