"""What a browser may keep: files for good, pages and answers until something in them changes.

A page is kept under a tag of all that it shows. Scripts are files of ours by the policy, without a
word of the response in them, so a page that comes from the browser's cache runs as it did at first.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from flask import Flask, Response, make_response, request, send_from_directory
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_compress import Compress
from flask_wtf.csrf import generate_csrf

import debate_webapp
from debate_webapp.database.base import Base
from debate_webapp.database.models import Transcript
from debate_webapp.reading.kept import PRODUCER
from debate_webapp.reading.voices import Cast
from debate_webapp.site.auth import SIGNING_IN
from debate_webapp.site.auth.current import asking
from debate_webapp.site.auth.guard import ANYONE, needs

YEAR = 365 * 24 * 3600
_ALGORITHMS = ["zstd", "br", "gzip"]
# Pages that show what was typed beside a secret: their length must not tell of the latter, and no
# cache may have it for whoever sits down here next.
_SECRET = (
    *SIGNING_IN, "accounts", "second_factor", "tokens", "people_with_accounts", "audit",
)  # fmt: skip
_compress = Compress()


def init_caching(app: Flask) -> None:
    """Static files under an address that changes with them; text compressed."""
    _init_compression(app)
    app.after_request(_compressed)
    app.after_request(_kept_by_nobody)
    _init_static_files(app)


def _init_compression(app: Flask) -> None:
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=_ALGORITHMS,
        COMPRESS_ALGORITHM_STREAMING=_ALGORITHMS,
        # Milliseconds for a page of 3,000 segments (1.3 MB), and what is left of it in kB:
        # zstd 3: 6, 191; br 3: 10, 203; br 4: 27, 178; gzip 4: 17, 213; gzip 6: 32, 197.
        COMPRESS_ZSTD_LEVEL=3,
        COMPRESS_BR_LEVEL=3,
        COMPRESS_LEVEL=4,
        COMPRESS_MIN_SIZE=1000,
        COMPRESS_MIMETYPES=[
            "text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/vtt",
            "application/json", "application/x-subrip", "image/svg+xml",
        ],
    )  # fmt: skip
    _compress.init_app(app)


def _init_static_files(app: Flask) -> None:
    folder = Path(app.root_path) / "site" / "static"
    now = _digest(folder)

    @app.get("/static/<digest>/<path:filename>", endpoint="static")
    @needs(ANYONE)
    def static(digest: str, filename: str) -> Response:
        """A file; modules and fonts that it names by relative addresses have the same digest."""
        current = digest == now
        response = send_from_directory(folder, filename, max_age=YEAR if current else 0)
        response.cache_control.immutable = current
        return response

    @app.url_defaults
    def add_digest(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            values["digest"] = now


def conditional(state: object, make: Callable[[], ResponseReturnValue]) -> Response:
    """304 where the reader has what `make` would answer, else that, under a tag of `state`.

    `state` has all that the answer shows, as values that msgpack can write; who is signed in, in
    which session, and the version of this code are added here. A page that tells what was just done
    is told once, and never kept.
    """
    if request.method not in ("GET", "HEAD"):
        return make_response(make())
    if "_flashes" in cookie:
        response = make_response(make())
        response.headers["Cache-Control"] = "no-store"
        return response
    shown = msgspec.msgpack.encode((state, _reader(), _CODE))
    tag = hashlib.sha256(shown).hexdigest()[:32]
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = make_response(make())
    if response.status_code in (200, 304):
        response.set_etag(tag, weak=True)  # compressed or not, it says the same
    return response


def values_of(row: Base) -> list[object]:
    """What a row says in its own columns, those left aside when it was read left out."""
    return list(map(row.__dict__.get, row.__mapper__.column_attrs.keys()))


def debate_state(transcript: Transcript, cast: Cast) -> object:
    """All that answers about a transcript and its voices are made of."""
    return values_of(transcript), cast.speakers, cast.voices, PRODUCER


def _reader() -> object:
    """Whose page it is; its forms carry the session's token."""
    who = asking()
    if who.user is None:
        return None
    if who.signed_in is not None:
        generate_csrf()
    may = sorted(who.permissions)
    return who.user.id, who.user.username, may, cookie.get("csrf_token")


def _compressed(response: Response) -> Response:
    # The library answers in an encoding that is refused where no other is named.
    refuses = any(quality == 0 for _, quality in request.accept_encodings)
    if response.status_code != 200 or request.blueprint in _SECRET or refuses:
        return response
    return _compress.after_request(response)


def _kept_by_nobody(response: Response) -> Response:
    if request.blueprint in _SECRET:
        response.headers["Cache-Control"] = "no-store"
    return response


def _digest(folder: Path) -> str:
    """Of all files in a folder, by name and content."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.parent.name != "__pycache__":
            digest.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


_CODE = _digest(Path(debate_webapp.__file__).parent)
