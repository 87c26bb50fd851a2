"""A transcript as a file to keep: GET /transcripts/{id}/export.{extension}."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from threading import Lock

from flask import Flask, Response, abort, current_app, request, url_for

from debate_webapp.database.engine import session
from debate_webapp.database.models import Transcript
from debate_webapp.exports import FORMATS, Source
from debate_webapp.exports.names import disposition, file_name

# Every page of a debate has its player ask for captions; making them costs as much as the page.
_PLAYED = ("srt", "vtt")
_ROOM = 16_000_000


class Shelf:
    """Files that are asked for again and again: those used last, `room` bytes of them at most."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def take(self, tag: str, make: Callable[[], bytes]) -> bytes:
        """The file of this tag, which has all that the file depends on; made if it is not there."""
        with self._lock:
            file = self._files.get(tag)
            if file is not None:
                self._files.move_to_end(tag)
                return file
        file = make()
        with self._lock:
            self._put(tag, file)
        return file

    def _put(self, tag: str, file: bytes) -> None:
        if len(file) > self._room:
            return  # nor may it push out all the others
        self._files[tag] = file
        while sum(map(len, self._files.values())) > self._room:
            self._files.popitem(last=False)


def init_downloads(app: Flask) -> None:
    """Keep subtitles that were made."""
    app.extensions["debate_shelf"] = Shelf(_ROOM)


def download(transcript: Transcript, extension: str) -> Response:
    """The file, or 304 where the reader's copy says the same; 404 for an unknown format."""
    if extension not in FORMATS:
        abort(404, f"There is no export.{extension}; there is {', '.join(FORMATS)}.")
    source = Source(session(), transcript, _page(transcript), datetime.now(UTC))
    response = Response(mimetype=FORMATS[extension].media_type)
    tag = _tag(source, extension)
    # Weak: made again, the same text has another date in it.
    response.set_etag(tag, weak=True)
    response.make_conditional(request)
    if response.status_code == 200:
        response.data = _file(source, extension, tag)
    head = source.read_head()
    response.headers["Content-Disposition"] = disposition(
        file_name(head.title, head.standing, extension)
    )
    return response


def _file(source: Source, extension: str, tag: str) -> bytes:
    made = FORMATS[extension]
    if extension not in _PLAYED:
        return made.write(source)
    shelf: Shelf = current_app.extensions["debate_shelf"]
    return shelf.take(tag, partial(made.write, source))


def _page(transcript: Transcript) -> str | None:
    """The debate's address, unless only the request says under which name the site is known."""
    known: bool = current_app.config["KNOWS_ITS_NAME"]
    return url_for("debates.debate", transcript_id=transcript.id, _external=True) if known else None


def _tag(source: Source, extension: str) -> str:
    """All that the file depends on but the text, which never changes without the revision."""
    transcript = source.transcript
    state = (
        (transcript.id, transcript.revision, transcript.reviewed_share),
        (transcript.artefact.digest, transcript.title, source.cast.voices),
    )
    made = (version("debate-webapp"), source.page, extension)
    return hashlib.sha256(repr((state, made)).encode()).hexdigest()[:32]
