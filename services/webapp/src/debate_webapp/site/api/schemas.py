"""The schemas of the OpenAPI document: the fields of all that the API takes and gives."""

from typing import Any

from debate_webapp.editing.log import FRESH
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.wishes import MOST_LINES, MOST_SPEAKERS

Json = dict[str, Any]

_TEXT = {"type": "string"}
_KINDS: dict[str, Json] = {
    **{kind: {"type": kind} for kind in ("boolean", "integer", "number", "object")},
    "text": _TEXT,
    "seconds": {"type": "number", "minimum": 0},
}
_CHANGED = (
    "revision:integer segments:[Segment] voices:[Voice] reviewed:number? undo:Undo? redo:Undo?"
    " superseded:Version?"
)
# The fields of each and their kinds: in brackets a list of them, with a ? it may be null.
_PLAIN = {
    "Person": "slug:text name:text",
    "PersonList": "people:[Person]",
    "Choices": "choices:[text]",
    "Profile": "slug:text name:text transcripts:[Transcript]",
    "NewPerson": "name:text",
    "Speaker": "label:text person:Person? colour:integer version:integer",
    "Outcome": f"{_CHANGED} segment:Segment",
    "Changes": f"{_CHANGED} speakers:[Speaker] by:[text]",
    "Voice": "key:text name:text initials:text person:text? labels:[text] colour:integer",
    "KnownVoices": "voices:[KnownVoice]",
    "Undo": "command:text segment:integer segments:[integer]",
    "Decision": "client_id:text",
    "Version": "id:integer version:integer page:text",
    "Registration": "uri:text",
    "Publication": "published:boolean client_id:text",
    "Transcript": "id:integer uri:text? version:integer counts:boolean superseded:boolean"
    " superseded_by:Version? revision:integer published:boolean title:text source:text?"
    " recorded_on:text? duration:seconds language:text? quality:text? digest:text media:text?"
    " speakers:[Speaker]",
    "TranscriptPage": "transcripts:[Transcript] next_cursor:integer?",
    "Segment": "id:integer start:seconds end:seconds speaker:text person:text? name:text"
    " own_person:text? text:text confidence:number? speaker_confidence:number? uncertain:boolean"
    " overlap:boolean reviewed:boolean removed:boolean version:integer",
    "SegmentList": "revision:integer segments:[Segment]",
    "Statistics": "revision:integer speakers:[Object] interactions:[Object] totals:Object"
    " floor_time:Object",
    "Found": "total:integer more:boolean next_page:integer? hits:[Hit]",
    "Counts": "times:integer complete:boolean people:[Object] debates:[Object]",
    "NewUpload": "name:text size:integer",
    "Upload": "id:text name:text size:integer offset:integer part_bytes:integer complete:boolean"
    " self:text parts:text? completion:text?",
    "Offset": "offset:integer",
    "SubmissionList": "submissions:[Submission]",
    "Problem": "type:text title:text status:integer detail:text",
}


def ref(name: str) -> Json:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def describe_schemas() -> dict[str, Json]:
    """Every schema by its name."""
    return {
        "Object": {"type": "object"},
        **{name: _record(_fields(told)) for name, told in _PLAIN.items()},
        **_people(),
        **_editing(),
        "KnownVoice": _record(_known_voice_fields()),
        "Hit": _record(_hit_fields()),
        "Parts": _record(
            {"parts": _each(_record(_fields("offset:integer size:integer address:text")))}
        ),
        "Submissions": _submissions(),
        "Submission": _record(_submission_fields()),
    }


def _people() -> dict[str, Json]:
    by_id, by_name = _fields("person:text?"), _fields("name:text")
    mapping = _record(_fields("version:integer client_id:text"))
    pending = "Debates left out, because their figures are being computed."
    figures = _fields(
        "slug:text name:text debates:integer debates_pending:integer drafts:integer"
        " debates_reviewed:integer debates_with_overlaps_known:integer total_seconds:seconds"
        " share_speaking_time:number? word_count:integer wpm:number? turn_count:integer"
        " avg_turn_length_sec:number? interruptions_made:integer? interruptions_received:integer?"
        " appearances:[Object]"
    )
    figures["debates_pending"] = {"type": "integer", "description": pending}
    return {
        "Record": _record(figures),
        "Mapping": mapping | {"oneOf": [_record(by_id), _record(by_name)]},
    }


def _editing() -> dict[str, Json]:
    tally = _record(_fields("total:integer fits:integer there:integer not:integer"))
    counts = _record(dict.fromkeys(("corrections", "names", "reviewed"), tally))
    carrying = _fields("from:Version revision:integer corrections:[Correction]")
    some = {"anyOf": [{"const": "all"}, _each(_TEXT)]}
    return {
        "Command": _record(_command_fields()),
        "Carrying": _record(carrying | {"counts": counts}),
        "Correction": _record(_correction_fields()),
        "Acceptance": _record({"corrections": some, "client_id": _TEXT}),
    }


def _command_fields() -> Json:
    return {
        "command": {"enum": [*FRESH, "undo", "redo"]},
        "arguments": {"type": "object"},
        "versions": {
            "type": "object",
            "description": "the version of the segment as it was seen, under the segment's id",
            "additionalProperties": {"type": "integer"},
        },
        "client_id": _TEXT,
    }


def _correction_fields() -> Json:
    kinds = ["text", "split", "merge", "speaker", "reviewed", "name"]
    told = "id:text start:seconds end:seconds lead:text before:text after:text trail:text now:text"
    outcome = {"enum": ["fits", "there", "not"]}
    return _fields(f"{told} why:text?") | {"kind": {"enum": kinds}, "outcome": outcome}


def _known_voice_fields() -> Json:
    """`heard` is where to listen to the person; `likeness` a cosine."""
    heard = _record(_fields("transcript:integer label:text start:seconds end:seconds"))
    return _fields("label:text person:Person") | {
        "likeness": {"type": "number", "maximum": 1},
        "debates": {"type": "integer", "minimum": 1},
        "heard": heard | {"required": ["transcript", "label"]},
    }


def _hit_fields() -> Json:
    span = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    told = (
        "transcript:integer title:text day:text segment:integer start:seconds end:seconds name:text"
        " person:text? text:text reviewed:boolean uncertain:boolean page:text"
    )
    return _fields(told) | {"marks": _each(span)}


def _wishes() -> Json:
    return {
        "speakers": {"type": ["integer", "null"], "minimum": 1, "maximum": MOST_SPEAKERS},
        "language": _TEXT,
        "names": _each(_TEXT),
        "model": _TEXT,
    }


def _submissions() -> Json:
    sources = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MOST_LINES}
    return {"type": "object", "properties": {"sources": sources, "uploads": sources} | _wishes()}


def _submission_fields() -> Json:
    told = (
        "id:integer source:text title:text by:text place:integer? queued_at:text finished_at:text?"
        " job:text? message:text page:text? cost:text? self:text progress:object?"
    )
    return _fields(told) | _wishes() | {"state": {"enum": [*State]}}


def _record(fields: Json) -> Json:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _each(item: Json) -> Json:
    return {"type": "array", "items": item}


def _fields(told: str) -> dict[str, Json]:
    """The fields that a line tells of: `name:kind`, with blanks between them."""
    pairs = (field.split(":") for field in told.split())
    return {name: _kind(kind) for name, kind in pairs}


def _kind(told: str) -> Json:
    if told.startswith("["):
        return _each(_kind(told[1:-1]))
    one = told.removesuffix("?")
    schema = _KINDS.get(one) or ref(one)
    if one == told:
        return schema
    if one in _KINDS:
        return {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
