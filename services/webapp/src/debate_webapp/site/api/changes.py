"""What changed since a revision: GET /transcripts/{id}/changes?since="""

from typing import Any

from flask import Response, abort, jsonify, request

from debate_webapp.database.engine import session
from debate_webapp.database.models import Segment, Transcript
from debate_webapp.editing import log
from debate_webapp.reading import queries
from debate_webapp.reading.versions import find_replaced
from debate_webapp.site.api import shapes
from debate_webapp.site.auth.current import current_user
from debate_webapp.site.routing import asked_number

# Edits that an answer is about at most; a page that missed more is better loaded anew.
MOST = 1000


def changes(transcript: Transcript) -> Response:
    """The rows that look different since then, or 304 where none do.

    A version that was replaced always answers, so that every open page of it says so. Aborts with
    400 without a revision, with 410 when more than MOST edits were made since.
    """
    since = asked_number("since")
    if since is None:
        abort(400, "Say `since` which revision.")
    if since >= transcript.revision and transcript.counts:
        response = Response(status=304)
    elif transcript.revision - since > MOST:
        abort(410, "Too much has changed since this page was loaded: load it anew.")
    else:
        response = jsonify(_since(transcript, since))
    response.set_etag(f"{since}-{transcript.revision}-{transcript.counts}")
    response.make_conditional(request)
    return response


def outcome(transcript: Transcript, changed: list[Segment]) -> dict[str, Any]:
    """The transcript after edits: the changed rows, all voices, what can be undone and redone."""
    cast, user = queries.cast_of(session(), transcript), current_user()
    instead = find_replaced(session(), [transcript]).get(transcript.id)
    undo, redo = log.next_steps(session(), transcript, user) if user else (None, None)
    return {
        "revision": transcript.revision,
        "segments": [shapes.segment_json(segment, cast) for segment in changed],
        "voices": [shapes.voice_json(voice) for voice in cast.voices],
        "reviewed": transcript.reviewed_share,
        "undo": shapes.undo_json(undo),
        "redo": shapes.undo_json(redo),
        "superseded": shapes.version_json(instead),
    }


def _since(transcript: Transcript, since: int) -> dict[str, Any]:
    edits, user = log.edits_since(session(), transcript, since), current_user()
    others = {edit.user.username for edit in edits if user and edit.user_id != user.id}
    changed = queries.touched_segments(session(), transcript, edits)
    speakers = [shapes.speaker_json(speaker) for speaker in transcript.speakers]
    # Names of accounts are for editors.
    return outcome(transcript, changed) | {"speakers": speakers, "by": sorted(others)}
