"""The contract's transcript as it is now edited."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from debate_webapp.exports.document import Head, Line
from debate_webapp.reading.voices import Voice

# Fields are passed on as the bytes they are: most of a transcript is only copied.
Fields = dict[str, msgspec.Raw]


def parse_file(body: bytes) -> tuple[Fields, list[Fields]]:
    """A transcript's file: its fields, and those of its segments in order of start."""
    fields = msgspec.json.decode(body, type=Fields)
    segments = msgspec.json.decode(fields["transcription"], type=list[Fields])
    return fields, sorted(segments, key=lambda segment: float(_value(segment["start"])))


def _value(raw: msgspec.Raw) -> Any:
    return msgspec.json.decode(raw)


def write_json(
    head: Head, lines: Sequence[Line], voices: Mapping[str, Voice], body: bytes
) -> bytes:
    """The transcript's file `body`, corrections included, with who speaks and what was reviewed.

    It has as many segments as there are lines. They keep the other fields of the one they were made
    from. `edited` says what was exported, `speakers` who the labels are (`voices` by label).
    """
    fields, segments = parse_file(body)
    return msgspec.json.encode(
        {"schema_version": "1.0"}
        | fields
        | {
            "producer": {"name": "debate-webapp", "version": version("debate-webapp")},
            "created_at": _rfc3339(head),
            "title": head.title,
            "edited": _edited(head),
            "speakers": [
                {"label": label, "person": voice.slug, "name": voice.name}
                for label, voice in voices.items()
            ],
            "transcription": [
                segment | _segment(line) for segment, line in zip(segments, lines, strict=True)
            ],
        }
    )


def _rfc3339(head: Head) -> str:
    return f"{head.exported_at:%Y-%m-%dT%H:%M:%SZ}"


def _edited(head: Head) -> dict[str, Any]:
    return {
        "page": head.page,
        "version": head.version,
        "revision": head.revision,
        "reviewed": head.reviewed,
        "registered_sha256": head.digest,
        "standing": head.standing,
    }


def _segment(line: Line) -> dict[str, Any]:
    return {
        "id": line.id,
        "source_id": line.source_id,
        "start": line.start,
        "end": line.end,
        "speaker": line.label,
        "person": line.slug,
        "name": line.name,
        "text": line.text,
        "confidence": line.confidence,
        "speaker_confidence": line.speaker_confidence,
        "overlap": line.overlap,
        "reviewed": line.reviewed,
        "words": line.words,
    }
