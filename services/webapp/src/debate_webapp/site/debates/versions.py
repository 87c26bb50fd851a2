"""Pages of a debate's versions: which one counts, and what a new one takes over."""

from secrets import token_hex

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import session
from debate_webapp.database.models import Person, Transcript
from debate_webapp.editing.carrying.accepting import accept
from debate_webapp.editing.carrying.proposals import Offer, read_offer
from debate_webapp.editing.counting import count_version
from debate_webapp.editing.log import Author
from debate_webapp.errors import StaleVersion
from debate_webapp.reading import queries
from debate_webapp.reading.versions import Standing, read_standing
from debate_webapp.site.auth.current import signed_in_user
from debate_webapp.site.auth.guard import needs
from debate_webapp.site.debates.forms import CarryForm, CountForm

blueprint = Blueprint("versions", __name__)

CHANGED = "Someone corrected that version meanwhile. This is what fits now: look at it again."


@blueprint.post("/debates/<int:transcript_id>/count")
@needs(Permission.EDIT)
def count(transcript_id: int) -> ResponseReturnValue:
    """Make this version the one that counts, as it is."""
    transcript, form = _transcript(transcript_id), CountForm()
    if not form.validate_on_submit():
        abort(400, "The form was incomplete. Go back, reload the page, try again.")
    author = Author(signed_in_user(), form.client_id.data or "", ["count"])
    count_version(session(), transcript, author)
    flash(f"Version {transcript.version} counts.")
    return redirect(url_for("debates.debate", transcript_id=transcript_id), code=303)


@blueprint.get("/debates/<int:transcript_id>/carrying")
@needs(Permission.EDIT)
def carrying(transcript_id: int) -> ResponseReturnValue:
    """Each correction of the version that counts, and what becomes of it in this one."""
    transcript = _transcript(transcript_id)
    offer = waiting_offer(transcript)
    return _page(transcript, offer) if offer else _decided(transcript)


@blueprint.post("/debates/<int:transcript_id>/carrying")
@needs(Permission.EDIT)
def carry(transcript_id: int) -> ResponseReturnValue:
    """Carry over everything that fits, or what was chosen of it."""
    transcript, form = _transcript(transcript_id), CarryForm()
    if not form.validate_on_submit():
        abort(400, "The form was incomplete. Go back, reload the page, try again.")
    offer = waiting_offer(transcript)
    if offer is None:
        return _decided(transcript)
    chosen = None if form.everything.data else set(request.form.getlist("carry"))
    asked = ["carrying", sorted(chosen or ()), form.seen.data]
    author = Author(signed_in_user(), form.client_id.data or "", asked)
    try:
        accept(session(), transcript, left_out(offer, chosen), author, form.seen.data)
    except StaleVersion:
        session().rollback()
        offer = waiting_offer(transcript)
        return (_page(transcript, offer, CHANGED), 409) if offer else _decided(transcript)
    flash(f"Carried over. Version {transcript.version} counts.")
    return redirect(url_for("debates.debate", transcript_id=transcript_id), code=303)


def waiting_offer(transcript: Transcript, standing: Standing | None = None) -> Offer | None:
    """What a version can take over, if it is the one that waits."""
    standing = standing or read_standing(session(), transcript)
    if not standing.waits:
        return None
    counting = session().get_one(Transcript, standing.counting.id)
    return read_offer(session(), counting, transcript)


def left_out(offer: Offer, chosen: set[str] | None) -> frozenset[str]:
    """The ids of what fits and was not chosen; `reviewed` chooses all marks, None everything."""
    if chosen is None:
        return frozenset()
    fitting = ((one, one.kind if one.kind == "reviewed" else one.id) for one in offer.corrections)
    return frozenset(
        one.id for one, choice in fitting if one.fits and not {choice, one.id} & chosen
    )


def _page(transcript: Transcript, offer: Offer, problem: str | None = None) -> str:
    people = session().scalars(select(Person))
    return render_template(
        "debates/carrying.html",
        transcript=transcript,
        offer=offer,
        names={person.slug: person.name for person in people},
        token=lambda: token_hex(8),
        form=CarryForm(formdata=None),
        problem=problem,
    )


def _decided(transcript: Transcript) -> ResponseReturnValue:
    flash("Which version counts is decided already; nothing was carried over twice.")
    return redirect(url_for("debates.debate", transcript_id=transcript.id), code=303)


def _transcript(transcript_id: int) -> Transcript:
    transcript = queries.find_transcript(session(), transcript_id, editor=True)
    return transcript or abort(404, "There is no such debate.")
