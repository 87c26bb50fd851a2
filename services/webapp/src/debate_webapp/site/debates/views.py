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

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import begin_snapshot, session
from debate_webapp.database.models import FailedJob, Speaker, Transcript
from debate_webapp.editing import edits
from debate_webapp.editing.log import Author, next_steps
from debate_webapp.errors import StaleVersion
from debate_webapp.exports import FORMATS
from debate_webapp.incoming.imports import Registration, register
from debate_webapp.incoming.jobs.arrival import failed_lately
from debate_webapp.incoming.recordings import give_recording
from debate_webapp.reading import people, queries
from debate_webapp.reading.people import Choices
from debate_webapp.reading.rows import DebateRow
from debate_webapp.reading.versions import Standing, find_waiting, read_standing
from debate_webapp.reading.voices import Cast, SpeakerRow
from debate_webapp.site.api.downloads import download
from debate_webapp.site.api.shapes import undo_json
from debate_webapp.site.auth.current import current_user, may, sees_unpublished, signed_in_user
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.caching import conditional, debate_state, values_of
from debate_webapp.site.debates.forms import (
    PublicationForm,
    RecordingForm,
    RegisterForm,
    SpeakerForm,
)
from debate_webapp.site.debates.known import knows_voices
from debate_webapp.site.debates.page import read_debate
from debate_webapp.site.debates.versions import waiting_offer
from debate_webapp.site.pages import current_found, current_store, sentence, status_of
from debate_webapp.site.routing import asked_number

blueprint = Blueprint("debates", __name__)


@blueprint.get("/")
@needs(ANYONE)
def index() -> ResponseReturnValue:
    """All debates a reader may see; for editors also what waits to be registered."""
    return _listing()


def _listing(problem: str | None = None) -> Response:
    cursor = asked_number("cursor")
    listing = queries.list_transcripts(session(), sees_unpublished(), cursor)
    speakers = queries.list_speakers(session(), [one.id for one in listing.transcripts])
    waiting = current_found().unregistered(session()) if _looks_in_store() else []
    failed = failed_lately(session(), datetime.now(UTC)) if may(Permission.SUBMIT) else []
    keys = [one.key for one in listing.transcripts]
    newer = find_waiting(session(), keys) if sees_unpublished() else {}
    return conditional(
        # Names of files need not be text.
        (listing, speakers, newer, repr(waiting), [one.job_id for one in failed]),
        lambda: _index(listing, speakers, newer, waiting, failed, problem),
    )


def _looks_in_store() -> bool:
    """Whether to list every file of every job: not unasked where debates register themselves."""
    unasked = not current_app.config["EVENT_KEY"]
    return may(Permission.SUBMIT) and (unasked or "look" in request.args)


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
        may_look=may(Permission.SUBMIT) and not _looks_in_store(),
        store=current_store(),
        form=RegisterForm() if may(Permission.SUBMIT) else None,
        problem=problem,
    )


@blueprint.post("/debates")
@needs(Permission.SUBMIT)
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
    return "Registered. Only people with accounts see it until it is published."


@blueprint.get("/debates/<int:transcript_id>")
@needs(ANYONE)
def debate(transcript_id: int) -> ResponseReturnValue:
    """The recording beside its transcript."""
    transcript = _visible(transcript_id)
    cast = queries.cast_of(session(), transcript)
    choices = _choices(transcript, cast)
    standing = read_standing(session(), transcript)
    state = debate_state(transcript, cast), standing, _before(transcript), _names(choices)
    return conditional(state, lambda: _debate(transcript, cast, choices, standing))


def _debate(
    transcript: Transcript,
    cast: Cast,
    choices: Choices,
    standing: Standing,
    conflict: Speaker | None = None,
    typed: str = "",
) -> str:
    user, edits_it = current_user(), may(Permission.EDIT)
    undo, redo = next_steps(session(), transcript, user) if user else (None, None)
    return render_template(
        "debates/debate.html",
        page=read_debate(session(), transcript, cast, edits_it and transcript.counts),
        standing=standing,
        offer=waiting_offer(transcript, standing) if edits_it else None,
        # Only the version that counts can be edited.
        editor=edits_it and transcript.counts,
        may_decide=edits_it,
        may_publish=may(Permission.PUBLISH) and (transcript.counts or transcript.published),
        people=choices,
        knows_voices=knows_voices(),
        form=SpeakerForm(formdata=None) if edits_it else None,
        recording=RecordingForm(formdata=None) if edits_it else None,
        store=current_store(),
        publication=PublicationForm(formdata=None) if may(Permission.PUBLISH) else None,
        formats=FORMATS,
        token=lambda: token_hex(8),
        undo=undo_json(undo),
        redo=undo_json(redo),
        conflict=conflict,
        typed=typed,
    )


def _choices(transcript: Transcript, cast: Cast) -> Choices:
    """How an editor types those of this debate and of the version before; readers type nobody."""
    if not may(Permission.EDIT):
        return {}
    before = transcript.previous
    speakers = queries.list_speakers(session(), [before.id])[before.id] if before else []
    proposed = [speaker.person for speaker in speakers if speaker.person]
    return people.choices_of(session(), [*cast.people, *proposed])


def _names(choices: Choices) -> list[tuple[str, str]]:
    return [(typed, person.slug) for typed, person in choices.items()]


def _before(transcript: Transcript) -> object:
    """The version whose names are proposed to editors."""
    before = transcript.previous if may(Permission.EDIT) else None
    return before and (values_of(before), queries.list_speakers(session(), [before.id]))


@blueprint.get("/debates/<int:transcript_id>/figures")
@needs(ANYONE)
def figures(transcript_id: int) -> ResponseReturnValue:
    """The figures of a debate alone: what changes on its page with every edit.

    `?brief` leaves out where each voice begins, which the debate's own page has in its list.
    """
    transcript, brief = _visible(transcript_id), "brief" in request.args
    cast = queries.cast_of(session(), transcript)
    choices = _choices(transcript, cast)
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
@needs(ANYONE)
def captions_track(transcript_id: int) -> ResponseReturnValue:
    """Captions from the transcript as it stands now: its export, for the player."""
    return download(_visible(transcript_id), "vtt")


@blueprint.post("/debates/<int:transcript_id>/speakers/<label>")
@needs(Permission.EDIT)
def name_speaker(transcript_id: int, label: str) -> ResponseReturnValue:
    """Map a label to a person, known or new."""
    transcript = _visible(transcript_id)
    speaker = queries.find_speaker(session(), transcript, label) or abort(404)
    form = SpeakerForm()
    if not form.validate_on_submit():
        abort(400, "The form was incomplete. Go back, reload the page, try again.")
    typed, version = form.name.data or "", form.version.data or 0
    asked = ["assign_label", label, typed, version]
    author = Author(signed_in_user(), form.client_id.data or "", asked)
    try:
        edits.assign_label(
            session(), speaker, lambda: people.find_or_add(session(), typed), version, author
        )
    except StaleVersion:
        session().rollback()
        begin_snapshot(session())
        cast = queries.cast_of(session(), transcript)
        standing = read_standing(session(), transcript)
        return _debate(transcript, cast, _choices(transcript, cast), standing, speaker, typed), 409
    flash(_named(speaker))
    return redirect(
        url_for("debates.debate", transcript_id=transcript_id, _anchor="speakers"), code=303
    )


def _named(speaker: Speaker) -> str:
    if speaker.person is None:
        return f"Saved: {speaker.label} has no name now."
    return f"Saved: {speaker.label} is {speaker.person.name}."


@blueprint.post("/debates/<int:transcript_id>/recording")
@needs(Permission.EDIT)
def recording(transcript_id: int) -> ResponseReturnValue:
    """Say where the recording lies, of a debate that came without one."""
    transcript, form = _visible(transcript_id), RecordingForm()
    if not form.validate_on_submit():
        abort(400, "The form was incomplete. Go back, reload the page, try again.")
    typed = (form.uri.data or "").strip()
    author = Author(signed_in_user(), form.client_id.data or "", ["give_recording", typed])
    try:
        give_recording(session(), current_store(), transcript, typed, author)
    except StageError as error:
        abort(status_of(error), sentence(error))
    flash("Saved: the debate is played from there.")
    return redirect(url_for("debates.debate", transcript_id=transcript_id), code=303)


@blueprint.post("/debates/<int:transcript_id>/publication/<state>")
@needs(Permission.PUBLISH)
def publication(transcript_id: int, state: str) -> ResponseReturnValue:
    """Publish a debate or take it back."""
    transcript = _visible(transcript_id)
    form = PublicationForm()
    if state not in ("on", "off") or not form.validate_on_submit():
        abort(400)
    author = Author(signed_in_user(), form.client_id.data or "", ["publication", state])
    edits.publish(session(), transcript, state == "on", author)
    flash(
        "Published: everyone can see it."
        if transcript.published
        else "Only people with accounts see it now."
    )
    return redirect(url_for("debates.debate", transcript_id=transcript_id), code=303)


def _visible(transcript_id: int) -> Transcript:
    transcript = queries.find_transcript(session(), transcript_id, sees_unpublished())
    return transcript or abort(404, "There is no such debate, or it is not published.")
