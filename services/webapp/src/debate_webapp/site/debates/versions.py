"""Pages of a debate's versions: which one counts, and what a new one takes over."""

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.database.engine import session
from debate_webapp.editing.counting import count_version
from debate_webapp.editing.log import Author
from debate_webapp.reading import queries
from debate_webapp.site.auth.current import editor, editors_only
from debate_webapp.site.debates.forms import CountForm

blueprint = Blueprint("versions", __name__)


@blueprint.post("/debates/<int:transcript_id>/count")
@editors_only
def count(transcript_id: int) -> ResponseReturnValue:
    """Make this version the one that counts, as it is."""
    transcript = queries.find_transcript(session(), transcript_id, editor=True) or abort(404)
    form = CountForm()
    if not form.validate_on_submit():
        abort(400, "The form was incomplete. Go back, reload the page, try again.")
    count_version(session(), transcript, Author(editor(), form.client_id.data or ""))
    flash(f"Version {transcript.version} counts.")
    return redirect(url_for("debates.debate", transcript_id=transcript_id), code=303)
