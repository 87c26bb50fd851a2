"""The API's views of debates: parse, call the function the pages call, answer in JSON."""

from typing import Any, cast

from debate_contract.errors import InputNotFound
from flask import Blueprint, Response, abort, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue

from debate_webapp.accounts.roles import Permission
from debate_webapp.database.engine import session
from debate_webapp.database.models import Segment, Transcript
from debate_webapp.editing import edits, log
from debate_webapp.editing.counting import count_version
from debate_webapp.editing.log import Author
from debate_webapp.errors import StaleVersion
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.s3 import S3Store
from debate_webapp.reading import queries
from debate_webapp.reading.figures import read_figures
from debate_webapp.reading.rows import row_of
from debate_webapp.site.api import shapes
from debate_webapp.site.api.answers import V1, as_json, transcripts_json
from debate_webapp.site.api.bodies import asked_of, client_id_of, read_body
from debate_webapp.site.api.carrying import carry_over, offer_json
from debate_webapp.site.api.changes import changes, outcome
from debate_webapp.site.api.commands import apply_command, named_person
from debate_webapp.site.api.downloads import download
from debate_webapp.site.api.openapi import describe
from debate_webapp.site.api.recordings import send_recording
from debate_webapp.site.auth.current import sees_unpublished, signed_in_user
from debate_webapp.site.auth.guard import ANYONE, needs
from debate_webapp.site.auth.recording import record_now
from debate_webapp.site.caching import conditional, debate_state
from debate_webapp.site.pages import TITLES, current_store, problem
from debate_webapp.site.routing import asked_number

blueprint = Blueprint("api", __name__)


@blueprint.post(f"{V1}/transcripts")
@needs(Permission.SUBMIT)
def register_transcript() -> ResponseReturnValue:
    """Register by address: 201, or 200 when nothing changed."""
    uri = read_body().get("uri")
    if not isinstance(uri, str) or not uri.strip() or len(uri) > 2000:
        abort(400, 'Send {"uri": "…"}, the address of a transcript in the store.')
    done = register(session(), current_store(), uri.strip())
    answer = jsonify(transcripts_json([row_of(done.transcript)])[0])
    answer.status_code = 201 if done.created else 200
    answer.headers["Location"] = url_for("api.transcript", transcript_id=done.transcript.id)
    return answer


@blueprint.get(f"{V1}/transcripts")
@needs(ANYONE)
def transcripts() -> ResponseReturnValue:
    """Debates the reader may see, newest first, in pages."""
    listing = queries.list_transcripts(session(), sees_unpublished(), asked_number("cursor"))
    answer = {
        "transcripts": transcripts_json(listing.transcripts),
        "next_cursor": listing.next_cursor,
    }
    return conditional(answer, lambda: as_json(answer))


@blueprint.get(f"{V1}/transcripts/<int:transcript_id>")
@needs(ANYONE)
def transcript(transcript_id: int) -> ResponseReturnValue:
    """One transcript."""
    (found,) = transcripts_json([row_of(_visible(transcript_id))])
    return conditional(found, lambda: as_json(found))


@blueprint.get(f"{V1}/transcripts/<int:transcript_id>/segments")
@needs(ANYONE)
def segments(transcript_id: int) -> ResponseReturnValue:
    """Its segments as they stand now."""
    found = _visible(transcript_id)
    cast = queries.cast_of(session(), found)

    def answer() -> Response:
        rows = [
            shapes.segment_json(s, cast)
            for s in queries.list_segments(session(), found, parts=False)
        ]
        return as_json({"revision": found.revision, "segments": rows})

    return conditional(debate_state(found, cast), answer)


@blueprint.get(f"{V1}/transcripts/<int:transcript_id>/stats")
@needs(ANYONE)
def stats(transcript_id: int) -> ResponseReturnValue:
    """Its figures under today's names."""
    found = _visible(transcript_id)
    cast = queries.cast_of(session(), found)

    def answer() -> Response:
        figures = shapes.figures_json(read_figures(session(), found, cast))
        return as_json({"revision": found.revision, **figures})

    return conditional(debate_state(found, cast), answer)


@blueprint.get(f"{V1}/transcripts/<int:transcript_id>/export.<extension>")
@needs(ANYONE)
def export(transcript_id: int, extension: str) -> ResponseReturnValue:
    """The transcript as a file."""
    found = _visible(transcript_id)
    response = download(found, extension)
    if response.status_code == 200:
        record_now("exported", detail=extension, transcript_id=found.id)
    return response


@blueprint.put(f"{V1}/transcripts/<int:transcript_id>/speakers/<label>")
@needs(Permission.EDIT)
def name_speaker(transcript_id: int, label: str) -> ResponseReturnValue:
    """Map a label to a person, known or new, or with null to nobody."""
    user, body = signed_in_user(), read_body()
    speaker = queries.find_speaker(session(), _to_change(transcript_id), label) or abort(404)
    version = body.get("version")
    if type(version) is not int:
        abort(428, "Send the row's `version` with the change.")
    author = Author(user, client_id_of(body), ["assign_label", label, asked_of(body)])
    try:
        edits.assign_label(
            session(), speaker, lambda: named_person(session(), body), version, author
        )
    except StaleVersion:
        session().rollback()
        current = shapes.speaker_json(
            queries.find_speaker(session(), _visible(transcript_id), label) or abort(404)
        )
        return problem(
            409, "Someone else was faster", "The row below is what is saved now.", current=current
        )
    return jsonify(shapes.speaker_json(speaker))


@blueprint.post(f"{V1}/transcripts/<int:transcript_id>/commands")
@needs(Permission.EDIT)
def command(transcript_id: int) -> ResponseReturnValue:
    """One edit of one segment, or of two that are one or become one."""
    user, body = signed_in_user(), read_body()
    author = Author(user, client_id_of(body), asked_of(body))
    found = _to_change(transcript_id)
    try:
        changed = apply_command(session(), found, body, author)
    except StaleVersion as stale:
        session().rollback()
        return problem(409, TITLES[409], "This is what is saved now.", **_conflict(found, stale))
    answer = outcome(found, changed)
    return jsonify(answer | {"segment": answer["segments"][0]})


@blueprint.put(f"{V1}/transcripts/<int:transcript_id>/publication")
@needs(Permission.PUBLISH)
def publication(transcript_id: int) -> ResponseReturnValue:
    """Show a debate to everyone, or to accounts only."""
    user, found, body = signed_in_user(), _visible(transcript_id), read_body()
    published = body.get("published")
    if not isinstance(published, bool):
        abort(400, "`published` is true or false.")
    author = Author(user, client_id_of(body), ["publication", asked_of(body)])
    edits.publish(session(), found, published, author)
    return jsonify(transcripts_json([row_of(found)])[0])


@blueprint.get(f"{V1}/transcripts/<int:transcript_id>/carrying")
@needs(Permission.EDIT)
def carrying(transcript_id: int) -> ResponseReturnValue:
    """What this version can take over from the one that counts."""
    return jsonify(offer_json(_visible(transcript_id)))


@blueprint.post(f"{V1}/transcripts/<int:transcript_id>/carrying")
@needs(Permission.EDIT)
def carry(transcript_id: int) -> ResponseReturnValue:
    """Take over corrections, and count."""
    user, found, body = signed_in_user(), _visible(transcript_id), read_body()
    author = Author(user, client_id_of(body), ["carrying", asked_of(body)])
    if log.find_edit(session(), found, author) is None:
        carry_over(found, body, author)
    return jsonify(transcripts_json([row_of(found)])[0])


@blueprint.post(f"{V1}/transcripts/<int:transcript_id>/count")
@needs(Permission.EDIT)
def count(transcript_id: int) -> ResponseReturnValue:
    """Count as it is."""
    user, found = signed_in_user(), _visible(transcript_id)
    count_version(session(), found, Author(user, client_id_of(read_body()), ["count"]))
    return jsonify(transcripts_json([row_of(found)])[0])


def _conflict(transcript: Transcript, stale: StaleVersion) -> dict[str, Any]:
    segment = cast(Segment, stale.current)
    session().refresh(segment)
    current = shapes.segment_json(segment, queries.cast_of(session(), transcript))
    return {"current": current, **shapes.author_json(log.last_edit(session(), segment))}


@blueprint.get(f"{V1}/transcripts/<int:transcript_id>/changes")
@needs(Permission.EDIT)
def transcript_changes(transcript_id: int) -> ResponseReturnValue:
    """What edits since a revision changed; rows that were taken out are among them."""
    return changes(_visible(transcript_id))


@blueprint.get(f"{V1}/media/<int:transcript_id>")
@needs(ANYONE)
def media(transcript_id: int) -> ResponseReturnValue:
    """The recording: the file in any range, or a presigned address for an hour."""
    key, store = _visible(transcript_id).media_key, current_store()
    if key is None:
        abort(404, "There is no recording beside this transcript.")
    if isinstance(store, S3Store):
        answer = redirect(store.presigned(key), code=302)
        answer.headers["Cache-Control"] = "private, max-age=300"
        return answer
    try:
        return send_recording(store.path(key))  # type: ignore[attr-defined]
    except InputNotFound:
        abort(404, "The recording is no longer in the store.")


@blueprint.get(f"{V1}/openapi.json")
@needs(ANYONE)
def openapi() -> ResponseReturnValue:
    """What this API can do."""
    return jsonify(describe())


def _visible(transcript_id: int) -> Transcript:
    found = queries.find_transcript(session(), transcript_id, sees_unpublished())
    return found or abort(404, "There is no such transcript, or it is not published.")


def _to_change(transcript_id: int) -> Transcript:
    """Asked for once the request is read: who sends slowly holds nothing."""
    found = queries.find_to_change(session(), transcript_id, sees_unpublished())
    return found or abort(404, "There is no such transcript, or it is not published.")
