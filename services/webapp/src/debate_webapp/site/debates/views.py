"""Pages: the list of debates, one debate, and what editors do there."""

from datetime import UTC, datetime
from secrets import token_hex

from debate_contract.errors import StageError
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from debate_webapp.database.engine import begin_snapshot, session
from debate_webapp.database.models import FailedJob, Person, Speaker, Transcript
from debate_webapp.editing import edits
from debate_webapp.editing.log import Author, next_redo, next_undo
from debate_webapp.errors import StaleVersion
from debate_webapp.exports import FORMATS
from debate_webapp.incoming.imports import Registration, register
from debate_webapp.incoming.jobs.arrival import failed_lately
from debate_webapp.reading import people, queries
from debate_webapp.reading.rows import DebateRow
from debate_webapp.reading.versions import Standing, find_waiting, read_standing
from debate_webapp.reading.voices import Cast, SpeakerRow
from debate_webapp.site.api.downloads import download
from debate_webapp.site.api.shapes import undo_json
from debate_webapp.site.auth.current import current_user, editor, editors_only, is_editor
from debate_webapp.site.caching import conditional, debate_state, values_of
from debate_webapp.site.debates.forms import PublicationForm, RegisterForm, SpeakerForm
from debate_webapp.site.debates.page import read_debate
from debate_webapp.site.debates.versions import waiting_offer
from debate_webapp.site.pages import current_found, current_store, sentence, status_of
from debate_webapp.site.routing import asked_number

blueprint = Blueprint("debates", __name__)


@blueprint.get("/")
def index() -> ResponseReturnValue:
    """All debates a reader may see; for editors also what waits to be registered."""
    return _listing()


def _listing(problem: str | None = None) -> Response:
    cursor = asked_number("cursor")
    listing = queries.list_transcripts(session(), is_editor(), cursor)
    speakers = queries.list_speakers(session(), [one.id for one in listing.transcripts])
    waiting = current_found().unregistered(session()) if _looks_in_store() else []
    failed = failed_lately(session(), datetime.now(UTC)) if is_editor() else []
    keys = [one.key for one in listing.transcripts]
    newer = find_waiting(session(), keys) if is_editor() else {}
    return conditional(
        # Names of files need not be text.
        (listing, speakers, newer, repr(waiting), [one.job_id for one in failed]),
        lambda: _index(listing, speakers, newer, waiting, failed, problem),
    )


def _looks_in_store() -> bool:
    """Whether to list every file of every job: not unasked where debates register themselves."""
    unasked = not current_app.config["EVENT_KEY"]
    return is_editor() and (unasked or "look" in request.args)


def _index(
    listing: queries.Listing,
    speakers: dict[int, list[SpeakerRow]],
    newer: dict[str, DebateRow],
    waiting: list[str],
    failed: list[FailedJob],
    problem: str | None,
) -> str:
    return render_template(
        "debates/index.html",
        listing=listing,
        speakers=speakers,
        newer=newer,
        waiting=waiting,
        failed=failed,
        may_look=is_editor() and not _looks_in_store(),
        store=current_store(),
        form=RegisterForm() if is_editor() else None,
        problem=problem,
    )


@blueprint.post("/debates")
@editors_only
def register_debate() -> ResponseReturnValue:
    """Register a transcript of the store and open its page."""
    form = RegisterForm()
    if not form.validate_on_submit():
        missing = "Say which transcript: its address begins with the store's."
        return _listing(missing), 422
    try:
        done = register(session(), current_store(), (form.uri.data or "").strip())
    except StageError as error:
        return _listing(sentence(error)), status_of(error)
    flash(_outcome(done))
    return redirect(url_for("debates.debate", transcript_id=done.transcript.id), code=303)


def _outcome(done: Registration) -> str:
    if not done.created:
        return "This transcript was registered before, and the file has not changed."
    if done.offer:
        return f"Registered as version {done.transcript.version}, which waits for your decision."
    if done.transcript.version > 1:
        return f"Registered as version {done.transcript.version}."
    return "Registered. Only editors see it until you publish it."


@blueprint.get("/debates/<int:transcript_id>")
def debate(transcript_id: int) -> ResponseReturnValue:
    """The recording beside its transcript."""
    transcript = _visible(transcript_id)
    cast, choices = queries.cast_of(session(), transcript), _choices()
    standing = read_standing(session(), transcript)
    state = debate_state(transcript, cast), standing, _before(transcript), _names(choices)
    return conditional(state, lambda: _debate(transcript, cast, choices, standing))


def _debate(
    transcript: Transcript,
    cast: Cast,
    choices: dict[str, Person],
    standing: Standing,
    conflict: Speaker | None = None,
    typed: str = "",
) -> str:
    user = current_user()
    return render_template(
        "debates/debate.html",
        page=read_debate(session(), transcript, cast, is_editor() and transcript.counts),
        standing=standing,
        offer=waiting_offer(transcript, standing) if is_editor() else None,
        # Only the version that counts can be edited.
        editor=is_editor() and transcript.counts,
        may_decide=is_editor(),
        may_publish=is_editor() and (transcript.counts or transcript.published),
        people=choices,
        form=SpeakerForm(formdata=None) if is_editor() else None,
        publication=PublicationForm(formdata=None) if is_editor() else None,
        formats=FORMATS,
        token=lambda: token_hex(8),
        undo=undo_json(next_undo(session(), transcript, user)) if user else None,
        redo=undo_json(next_redo(session(), transcript, user)) if user else None,
        conflict=conflict,
        typed=typed,
    )


def _choices() -> dict[str, Person]:
    """Whom an editor can pick; readers pick nobody."""
    return people.choices(session()) if is_editor() else {}


def _names(choices: dict[str, Person]) -> list[tuple[str, str]]:
    return [(typed, person.slug) for typed, person in choices.items()]


def _before(transcript: Transcript) -> object:
    """The version whose names are proposed to editors."""
    before = transcript.previous if is_editor() else None
    return before and (values_of(before), queries.list_speakers(session(), [before.id]))


@blueprint.get("/debates/<int:transcript_id>/figures")
def figures(transcript_id: int) -> ResponseReturnValue:
    """The figures of a debate alone: what changes on its page with every edit.

    `?brief` leaves out where each voice begins, which the debate's own page has in its list.
    """
    transcript, brief = _visible(transcript_id), "brief" in request.args
    cast, choices = queries.cast_of(session(), transcript), _choices()
    return conditional(
        (debate_state(transcript, cast), _names(choices), brief),
        lambda: render_template(
            "debates/figures.html",
            brief=brief,
            page=read_debate(session(), transcript, cast),
            people=choices,
        ),
    )


@blueprint.get("/debates/<int:transcript_id>/captions.vtt")
def captions_track(transcript_id: int) -> ResponseReturnValue:
    """Captions from the transcript as it stands now: its export, for the player."""
    return download(_visible(transcript_id), "vtt")


@blueprint.post("/debates/<int:transcript_id>/speakers/<label>")
@editors_only
def name_speaker(transcript_id: int, label: str) -> ResponseReturnValue:
    """Map a label to a person, known or new."""
    transcript = _visible(transcript_id)
    speaker = queries.find_speaker(session(), transcript, label) or abort(404)
    form = SpeakerForm()
    if not form.validate_on_submit():
        abort(400, "The form was incomplete. Go back, reload the page, try again.")
    typed, version = form.name.data or "", form.version.data or 0
    asked = ["assign_label", label, typed, version]
    author = Author(editor(), form.client_id.data or "", asked)
    try:
        edits.assign_label(
            session(), speaker, lambda: people.find_or_add(session(), typed), version, author
        )
    except StaleVersion:
        session().rollback()
        begin_snapshot(session())
        cast = queries.cast_of(session(), transcript)
        standing = read_standing(session(), transcript)
        return _debate(transcript, cast, _choices(), standing, speaker, typed), 409
    flash(_named(speaker))
    return redirect(
        url_for("debates.debate", transcript_id=transcript_id, _anchor="speakers"), code=303
    )


def _named(speaker: Speaker) -> str:
    if speaker.person is None:
        return f"Saved: {speaker.label} has no name now."
    return f"Saved: {speaker.label} is {speaker.person.name}."


@blueprint.post("/debates/<int:transcript_id>/publication/<state>")
@editors_only
def publication(transcript_id: int, state: str) -> ResponseReturnValue:
    """Publish a debate or take it back."""
    transcript = _visible(transcript_id)
    form = PublicationForm()
    if state not in ("on", "off") or not form.validate_on_submit():
        abort(400)
    author = Author(editor(), form.client_id.data or "", ["publication", state])
    edits.publish(session(), transcript, state == "on", author)
    flash("Published: everyone can see it." if transcript.published else "Only editors see it now.")
    return redirect(url_for("debates.debate", transcript_id=transcript_id), code=303)


def _visible(transcript_id: int) -> Transcript:
    transcript = queries.find_transcript(session(), transcript_id, is_editor())
    return transcript or abort(404, "There is no such debate, or it is not published.")
