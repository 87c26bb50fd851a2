"""A transcript as a file to keep: GET /transcripts/{id}/export.{extension}."""

import hashlib
from datetime import UTC, datetime
from importlib.metadata import version

from flask import Response, abort, current_app, request, url_for

from debate_webapp.database.engine import session
from debate_webapp.database.models import Transcript
from debate_webapp.exports import FORMATS, Source
from debate_webapp.exports.names import disposition, file_name


def download(transcript: Transcript, extension: str) -> Response:
    """The file, or 304 where the reader's copy says the same; 404 for an unknown format."""
    if extension not in FORMATS:
        abort(404, f"There is no export.{extension}; there is {', '.join(FORMATS)}.")
    made = FORMATS[extension]
    source = Source(session(), transcript, _page(transcript), datetime.now(UTC))
    response = Response(mimetype=made.media_type)
    # Weak: made again, the same text has another date in it.
    response.set_etag(_tag(source, extension), weak=True)
    response.make_conditional(request)
    if response.status_code == 200:
        response.data = made.write(source)
    head = source.read_head()
    response.headers["Content-Disposition"] = disposition(
        file_name(head.title, head.standing, extension)
    )
    return response


def _page(transcript: Transcript) -> str | None:
    """The debate's address, unless only the request says under which name the site is known."""
    known: bool = current_app.config["KNOWS_ITS_NAME"]
    return url_for("debates.debate", transcript_id=transcript.id, _external=True) if known else None


def _tag(source: Source, extension: str) -> str:
    """All that the file depends on but the text, which never changes without the revision."""
    transcript = source.transcript
    state = (transcript.revision, transcript.artefact.digest, transcript.title, source.cast.voices)
    made = (version("debate-webapp"), source.page, extension)
    return hashlib.sha256(repr((state, made)).encode()).hexdigest()[:32]
