"""The schemas of the OpenAPI document: the fields of all that the API takes and gives."""

from typing import Any

from debate_webapp.editing.log import FRESH
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.wishes import MOST_LINES, MOST_SPEAKERS

Json = dict[str, Any]

_TEXT = {"type": "string"}
_SECONDS = {"type": "number", "minimum": 0}
_TALLY = {count: {"type": "integer"} for count in ("total", "fits", "there", "not")}


def ref(name: str) -> Json:
    """A reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def describe_schemas() -> dict[str, Json]:
    """Every schema by its name."""
    person = {"slug": _TEXT, "name": _TEXT}
    speaker = {
        "label": _TEXT,
        "person": _or_null("Person"),
        "colour": {"type": "integer"},
        "version": {"type": "integer"},
    }
    step = _or_null("Undo")
    changed = {
        "revision": {"type": "integer"},
        "segments": _list("Segment"),
        "voices": _list("Voice"),
        "reviewed": _nullable("number"),
        "undo": step,
        "redo": step,
        "superseded": _or_null("Version"),
    }
    return {
        "Object": {"type": "object"},
        "Person": _record(person),
        "PersonList": _record({"people": _list("Person")}),
        "Profile": _record(person | {"transcripts": _list("Transcript")}),
        "Record": _record(person | _record_fields()),
        "NewPerson": _record({"name": _TEXT}),
        "Speaker": _record(speaker),
        "Mapping": _record({"version": {"type": "integer"}, "client_id": _TEXT})
        | {"oneOf": [_record({"person": _nullable("string")}), _record({"name": _TEXT})]},
        "Command": _record(_command_fields()),
        "Outcome": _record(changed | {"segment": ref("Segment")}),
        "Changes": _record(
            changed | {"speakers": _list("Speaker"), "by": {"type": "array", "items": _TEXT}}
        ),
        "Voice": _record(_voice_fields()),
        "KnownVoices": _record({"voices": _list("KnownVoice")}),
        "KnownVoice": _record(_known_voice_fields()),
        "Undo": _record(
            {
                "command": _TEXT,
                "segment": {"type": "integer"},
                "segments": {"type": "array", "items": {"type": "integer"}},
            }
        ),
        "Carrying": _record(
            {
                "from": ref("Version"),
                "revision": {"type": "integer"},
                "counts": _record(
                    {kind: _record(_TALLY) for kind in ("corrections", "names", "reviewed")}
                ),
                "corrections": _list("Correction"),
            }
        ),
        "Correction": _record(_correction_fields()),
        "Acceptance": _record(
            {
                "corrections": {
                    "anyOf": [{"const": "all"}, {"type": "array", "items": _TEXT}],
                },
                "client_id": _TEXT,
            }
        ),
        "Decision": _record({"client_id": _TEXT}),
        "Version": _record(
            {"id": {"type": "integer"}, "version": {"type": "integer"}, "page": _TEXT}
        ),
        "Registration": _record({"uri": _TEXT}),
        "Publication": _record({"published": {"type": "boolean"}, "client_id": _TEXT}),
        "Transcript": _record(_transcript_fields()),
        "TranscriptPage": _record(
            {"transcripts": _list("Transcript"), "next_cursor": _nullable("integer")}
        ),
        "Segment": _record(_segment_fields()),
        "SegmentList": _record({"revision": {"type": "integer"}, "segments": _list("Segment")}),
        "Statistics": _record(
            {
                "revision": {"type": "integer"},
                "speakers": _list("Object"),
                "interactions": _list("Object"),
                "totals": ref("Object"),
                "floor_time": ref("Object"),
            }
        ),
        "Found": _record(
            {
                "total": {"type": "integer"},
                "more": {"type": "boolean"},
                "next_page": _nullable("integer"),
                "hits": _list("Hit"),
            }
        ),
        "Hit": _record(_hit_fields()),
        "Counts": _record(
            {
                "times": {"type": "integer"},
                "complete": {"type": "boolean"},
                "people": _list("Object"),
                "debates": _list("Object"),
            }
        ),
        "NewUpload": _record({"name": _TEXT, "size": {"type": "integer"}}),
        "Upload": _record(_upload_fields()),
        "Offset": _record({"offset": {"type": "integer"}}),
        "Parts": _record({"parts": {"type": "array", "items": _record(_part_fields())}}),
        "Submissions": _submissions(),
        "SubmissionList": _record({"submissions": _list("Submission")}),
        "Submission": _record(_submission_fields()),
        "Problem": _record(
            {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT}
        ),
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


def _transcript_fields() -> Json:
    return {
        "id": {"type": "integer"},
        "uri": _nullable("string"),
        "version": {"type": "integer"},
        "counts": {"type": "boolean"},
        "superseded": {"type": "boolean"},
        "superseded_by": _or_null("Version"),
        "revision": {"type": "integer"},
        "published": {"type": "boolean"},
        "title": _TEXT,
        "source": _nullable("string"),
        "recorded_on": _nullable("string"),
        "duration": _SECONDS,
        "language": _nullable("string"),
        "quality": _nullable("string"),
        "digest": _TEXT,
        "media": _nullable("string"),
        "speakers": _list("Speaker"),
    }


def _record_fields() -> Json:
    return {
        "debates": {"type": "integer"},
        "debates_pending": {
            "type": "integer",
            "description": "Debates left out, because their figures are being computed.",
        },
        "drafts": {"type": "integer"},
        "debates_reviewed": {"type": "integer"},
        "debates_with_overlaps_known": {"type": "integer"},
        "total_seconds": _SECONDS,
        "share_speaking_time": _nullable("number"),
        "word_count": {"type": "integer"},
        "wpm": _nullable("number"),
        "turn_count": {"type": "integer"},
        "avg_turn_length_sec": _nullable("number"),
        "interruptions_made": _nullable("integer"),
        "interruptions_received": _nullable("integer"),
        "appearances": _list("Object"),
    }


def _correction_fields() -> Json:
    return {
        "id": _TEXT,
        "kind": {"enum": ["text", "split", "merge", "speaker", "reviewed", "name"]},
        "start": _SECONDS,
        "end": _SECONDS,
        "lead": _TEXT,
        "before": _TEXT,
        "after": _TEXT,
        "trail": _TEXT,
        "now": _TEXT,
        "outcome": {"enum": ["fits", "there", "not"]},
        "why": _nullable("string"),
    }


def _known_voice_fields() -> Json:
    """`heard` is where to listen to the person; `likeness` a cosine."""
    heard = {"transcript": {"type": "integer"}, "label": _TEXT, "start": _SECONDS, "end": _SECONDS}
    return {
        "label": _TEXT,
        "person": ref("Person"),
        "likeness": {"type": "number", "maximum": 1},
        "debates": {"type": "integer", "minimum": 1},
        "heard": {"type": "object", "properties": heard, "required": ["transcript", "label"]},
    }


def _voice_fields() -> Json:
    return {
        "key": _TEXT,
        "name": _TEXT,
        "initials": _TEXT,
        "person": _nullable("string"),
        "labels": {"type": "array", "items": _TEXT},
        "colour": {"type": "integer"},
    }


def _segment_fields() -> Json:
    return {
        "id": {"type": "integer"},
        "start": _SECONDS,
        "end": _SECONDS,
        "speaker": _TEXT,
        "person": _nullable("string"),
        "name": _TEXT,
        "own_person": _nullable("string"),
        "text": _TEXT,
        "confidence": _nullable("number"),
        "speaker_confidence": _nullable("number"),
        "uncertain": {"type": "boolean"},
        "overlap": {"type": "boolean"},
        "reviewed": {"type": "boolean"},
        "removed": {"type": "boolean"},
        "version": {"type": "integer"},
    }


def _hit_fields() -> Json:
    span = {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
    return {
        "transcript": {"type": "integer"},
        "title": _TEXT,
        "day": _TEXT,
        "segment": {"type": "integer"},
        "start": _SECONDS,
        "end": _SECONDS,
        "name": _TEXT,
        "person": _nullable("string"),
        "text": _TEXT,
        "marks": {"type": "array", "items": span},
        "reviewed": {"type": "boolean"},
        "uncertain": {"type": "boolean"},
        "page": _TEXT,
    }


def _wishes() -> Json:
    return {
        "speakers": {"type": ["integer", "null"], "minimum": 1, "maximum": MOST_SPEAKERS},
        "language": _TEXT,
        "names": {"type": "array", "items": _TEXT},
        "model": _TEXT,
    }


def _submissions() -> Json:
    sources = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": MOST_LINES}
    return {"type": "object", "properties": {"sources": sources, "uploads": sources} | _wishes()}


def _upload_fields() -> Json:
    numbers = {name: {"type": "integer"} for name in ("size", "offset", "part_bytes")}
    in_bucket = {name: _nullable("string") for name in ("parts", "completion")}
    flags = {"complete": {"type": "boolean"}}
    return {"id": _TEXT, "name": _TEXT, **numbers, **flags, "self": _TEXT, **in_bucket}


def _part_fields() -> Json:
    return {"offset": {"type": "integer"}, "size": {"type": "integer"}, "address": _TEXT}


def _submission_fields() -> Json:
    return {
        "id": {"type": "integer"},
        "source": _TEXT,
        "title": _TEXT,
        "by": _TEXT,
        "state": {"enum": [*State]},
        "place": _nullable("integer"),
        "queued_at": _TEXT,
        "finished_at": _nullable("string"),
        **_wishes(),
        "job": _nullable("string"),
        "message": _TEXT,
        "page": _nullable("string"),
        "cost": _nullable("string"),
        "self": _TEXT,
        "progress": {"type": ["object", "null"]},
    }


def _record(fields: Json) -> Json:
    return {"type": "object", "properties": fields, "required": list(fields)}


def _list(name: str) -> Json:
    return {"type": "array", "items": ref(name)}


def _or_null(name: str) -> Json:
    return {"anyOf": [ref(name), {"type": "null"}]}


def _nullable(kind: str) -> Json:
    return {"type": [kind, "null"]}
