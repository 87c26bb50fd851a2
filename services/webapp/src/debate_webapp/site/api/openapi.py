"""The OpenAPI document, written by hand and compared with the routes by a test."""

from importlib.metadata import version
from typing import Any

from debate_webapp.exports import FORMATS
from debate_webapp.site.api.schemas import describe_schemas, ref

Json = dict[str, Any]

_ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
_LABEL = {"name": "label", "in": "path", "required": True, "schema": {"type": "string"}}
_SLUG = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}
_TYPED = {"name": "typed", "in": "query", "schema": {"type": "string"}}
_CURSOR = {"name": "cursor", "in": "query", "schema": {"type": "integer"}}
_ASKED: list[Json] = [
    {"name": "q", "in": "query", "required": True, "schema": {"type": "string", "maxLength": 300}},
    {"name": "match", "in": "query", "schema": {"type": "string", "enum": ["all", "any"]}},
    {"name": "person", "in": "query", "schema": {"type": "string"}},
    {"name": "debate", "in": "query", "schema": {"type": "integer"}},
    {"name": "language", "in": "query", "schema": {"type": "string"}},
    {"name": "from", "in": "query", "schema": {"type": "string", "format": "date"}},
    {"name": "to", "in": "query", "schema": {"type": "string", "format": "date"}},
]
_SORT: Json = {"name": "sort", "in": "query", "schema": {"enum": ["relevance", "newest", "time"]}}
_PAGES: list[Json] = [
    {"name": name, "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}}
    for name in ("page", "size")
]
_WRITE: Json = {"security": [{"token": []}, {"session": [], "csrf": []}]}
_EDITS = (
    "Edit a segment: edit_text {segment, text}, assign_segment {segment, person},"
    " {segment, name} or {segment, label}, mark_reviewed {segment, reviewed},"
    " split {segment, time} or {segment, texts}, merge {segment, other}; undo {}"
    " takes back one's own last edit, redo {} does it again"
)
_SEARCH = (
    'Passages that have the words: all of them, or with `match=any` one; "phrases",'
    " OR, -without, beginnings*"
)
_CARRIED = "Corrections of the version that counts, and what becomes of each here"
_CARRY = 'Take over "all" that fits, or the corrections with these ids; this version counts'
_KNOWN = "For editors: labels without a name, and who of other debates sounds like them"
_DEBATE = "/transcripts/{id}"
# Path, method, what it is for, the schema of its answer; the status, the body, the parameters.
_OPERATIONS: tuple[tuple[str, str, str, str, Json], ...] = (
    ("/transcripts", "get", "Debates, newest first", "TranscriptPage", {"parameters": [_CURSOR]}),
    ("/transcripts", "post", "Register a transcript", "Transcript",
     {"status": 201, "body": "Registration", "unchanged": True}),
    (_DEBATE, "get", "One transcript", "Transcript", {"parameters": [_ID]}),
    (f"{_DEBATE}/segments", "get", "Segments in order of start", "SegmentList",
     {"parameters": [_ID]}),
    (f"{_DEBATE}/stats", "get", "Figures under today's names", "Statistics",
     {"parameters": [_ID]}),
    (f"{_DEBATE}/known-voices", "get", _KNOWN, "KnownVoices", {"parameters": [_ID]}),
    (f"{_DEBATE}/speakers/{{label}}", "put", "Say who a label is", "Speaker",
     {"body": "Mapping", "parameters": [_ID, _LABEL]}),
    (f"{_DEBATE}/commands", "post", _EDITS, "Outcome", {"body": "Command", "parameters": [_ID]}),
    (f"{_DEBATE}/carrying", "get", _CARRIED, "Carrying", {"parameters": [_ID]}),
    (f"{_DEBATE}/carrying", "post", _CARRY, "Transcript",
     {"body": "Acceptance", "parameters": [_ID]}),
    (f"{_DEBATE}/publication", "put", "Show a debate to everyone, or to accounts only",
     "Transcript", {"body": "Publication", "parameters": [_ID]}),
    (f"{_DEBATE}/count", "post", "Make this version of the debate the one that counts, as it is",
     "Transcript", {"body": "Decision", "parameters": [_ID]}),
    ("/search", "get", _SEARCH, "Found", {"parameters": [*_ASKED, _SORT, *_PAGES]}),
    ("/search/counts", "get", "How often each person says them", "Counts",
     {"parameters": _ASKED}),
    ("/people", "get", "Who speaks in a debate that one may see", "PersonList", {}),
    ("/choices", "get", "For editors: whom they may mean who have typed so much of a name",
     "Choices", {"parameters": [_TYPED]}),
    ("/people", "post", "Add a person", "Person", {"status": 201, "body": "NewPerson"}),
    ("/people/{slug}", "get", "One person and their debates", "Profile", {"parameters": [_SLUG]}),
    ("/people/{slug}/stats", "get", "A person over all debates", "Record",
     {"parameters": [_SLUG]}),
    ("/openapi.json", "get", "This document", "Object", {}),
)  # fmt: skip


def describe() -> Json:
    """OpenAPI 3.1 for everything under /api/v1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Debate Analyzer",
            "version": version("debate-webapp"),
            "description": "Reading published debates needs no account; all else a token with the"
            " scope for it, or a session with its CSRF token.",
        },
        "paths": {f"/api/v1{path}": methods for path, methods in _paths().items()},
        "components": {
            "schemas": describe_schemas(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "debate_session"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRFToken"},
            },
        },
    }


def _paths() -> dict[str, Json]:
    paths = _submissions() | _uploads()
    for path, method, summary, answer, more in _OPERATIONS:
        paths.setdefault(path, {})[method] = _operation(summary, answer, **more)
    return paths | {
        "/transcripts/{id}/export.{extension}": {"get": _export()},
        "/transcripts/{id}/changes": {"get": _changes()},
        "/media/{id}": {"get": _media()},
    }


def _submissions() -> dict[str, Json]:
    return {
        "/submissions": {
            "get": _operation(
                "Recordings under way and waiting in the order of turns, then those that are over",
                "SubmissionList",
            ),
            "post": _operation("Submit recordings", "SubmissionList", 201, "Submissions"),
        },
        "/submissions/{id}": {
            "get": _operation("One of them", "Submission", parameters=[_ID]),
            "delete": _cancel(),
        },
        "/submissions/{id}/retry": {
            "post": _operation("Go on where it stopped", "Submission", parameters=[_ID]) | _WRITE
        },
    }


def _uploads() -> dict[str, Json]:
    upload_id: Json = {"name": "upload_id", "in": "path", "required": True}
    upload_id["schema"] = {"type": "string"}
    span = {"name": "Content-Range", "in": "header", "required": True, "schema": {"type": "string"}}
    put = _operation("Add a part: bytes first-last/size", "Upload", parameters=[upload_id, span])
    put["requestBody"] = {"required": True, "content": {"application/octet-stream": {}}}
    put["responses"]["409"] = _problem() | {"description": "go on at `offset`"}
    parts = _operation(
        "Where to put the next parts", "Parts", 200, "Offset", parameters=[upload_id]
    )
    done = _operation("Make the file of its parts", "Upload", parameters=[upload_id])
    gone = {"description": "removed"}
    delete = {"summary": "Give it up", "parameters": [upload_id]} | _WRITE
    return {
        "/uploads": {"post": _operation("Begin an upload", "Upload", 201, "NewUpload")},
        "/uploads/{upload_id}": {
            "get": _operation("How far it is", "Upload", parameters=[upload_id]),
            "put": put | _WRITE,
            "delete": delete | {"responses": {"204": gone, "default": _problem()}},
        },
        "/uploads/{upload_id}/parts": {"post": parts},
        "/uploads/{upload_id}/completion": {"post": done | _WRITE},
    }


def _cancel() -> Json:
    operation = _operation("Cancel it; one that is over is removed", "Submission", parameters=[_ID])
    operation["responses"]["204"] = {"description": "removed"}
    return operation | _WRITE


def _operation(
    summary: str,
    answer: str,
    status: int = 200,
    body: str | None = None,
    parameters: list[Json] | None = None,
    *,
    unchanged: bool = False,
) -> Json:
    operation: Json = {
        "summary": summary,
        "parameters": parameters or [],
        "responses": {str(status): _answer(answer), "default": _problem()},
    }
    if unchanged:
        operation["responses"]["200"] = _answer(answer) | {"description": "registered before"}
    if body:
        content = {"application/json": {"schema": ref(body)}}
        operation |= {"requestBody": {"required": True, "content": content}} | _WRITE
    return operation


def _media() -> Json:
    return {
        "summary": "The recording",
        "parameters": [_ID],
        "responses": {
            "200": {"description": "the whole file"},
            "206": {"description": "the range that was asked for"},
            "302": {"description": "a presigned address, valid for an hour"},
            "416": {"description": "the range lies outside the file"},
            "default": _problem(),
        },
    }


def _export() -> Json:
    extension = {"type": "string", "enum": list(FORMATS)}
    content: Json = {made.media_type: {} for made in FORMATS.values()}
    return {
        "summary": "The transcript as a file, as it is edited now",
        "parameters": [
            _ID,
            {"name": "extension", "in": "path", "required": True, "schema": extension},
        ],
        "responses": {
            "200": {"description": "the file, its name in Content-Disposition", "content": content},
            "304": {"description": "the copy whose ETag was sent says the same"},
            "default": _problem(),
        },
    }


def _changes() -> Json:
    since = {"name": "since", "in": "query", "required": True, "schema": {"type": "integer"}}
    operation = _operation(
        "For editors: segments that look different since a revision, those that were merged into"
        " another (`removed`) among them",
        "Changes",
        parameters=[_ID, since],
    )
    operation["responses"]["304"] = {"description": "nothing changed since then"}
    operation["responses"]["410"] = _problem() | {"description": "too long ago: read all segments"}
    return operation


def _answer(name: str) -> Json:
    content = {"application/json": {"schema": ref(name)}}
    return {"description": "done", "content": content}


def _problem() -> Json:
    content = {"application/problem+json": {"schema": ref("Problem")}}
    return {"description": "a problem document (RFC 9457)", "content": content}
