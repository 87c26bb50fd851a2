"""The contract's transcript as it is now edited."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from operator import attrgetter
from typing import Any

import msgspec

from debate_webapp.exports.document import Head, Line, Word
from debate_webapp.incoming.artefact import web_address
from debate_webapp.reading.voices import Voice

# Fields are passed on as the bytes they are: most of a transcript is only copied.
Fields = dict[str, msgspec.Raw]

# What is passed on is what the contract names. A field that it does not know may say what editors
# took out, or where the file was made. (Of a segment all but its language is written anew.)
_KEPT = (
    "duration", "language", "language_probability", "speakers_count", "processing_time", "timings",
    "model", "media", "quality", "expected", "unheard", "defects", "transcription",
    "speech",
)  # fmt: skip
# The names an editor told the recogniser to expect are nobody else's business.
_HINTS = ("initial_prompt", "vocabulary")


class _Speech(msgspec.Struct):
    start: float
    end: float
    speaker: str


def parse_file(body: bytes) -> tuple[Fields, list[Fields]]:
    """A transcript's file: its fields, and those of its segments in order of start."""
    fields = msgspec.json.decode(body, type=Fields)
    segments = msgspec.json.decode(fields["transcription"], type=list[Fields])
    return fields, sorted(segments, key=lambda segment: float(_value(segment["start"])))


class _Spoken(msgspec.Struct, gc=False):
    start: float
    words: list[Word] | None = None


class _File(msgspec.Struct):
    transcription: list[_Spoken]


_decode = msgspec.json.Decoder(_File).decode


def read_words(body: bytes) -> list[list[Word]]:
    """The words of a transcript's file, by its segments in order of start."""
    segments = sorted(_decode(body).transcription, key=attrgetter("start"))
    return [segment.words or [] for segment in segments]


def _value(raw: msgspec.Raw) -> Any:
    return msgspec.json.decode(raw)


def write_json(
    head: Head, lines: Sequence[Line], voices: Mapping[str, Voice], body: bytes
) -> bytes:
    """The transcript's file `body`, corrections included, with who speaks and what was reviewed.

    It has as many segments as there are lines. Of the file's other fields those are kept that the
    contract names and that anyone may read. `edited` says what was exported, `speakers` who the
    labels are (`voices` by label).
    """
    fields, segments = parse_file(body)
    return msgspec.json.encode(
        {"schema_version": "1.0"}
        | _public(fields)
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
                _language(segment) | _segment(line)
                for segment, line in zip(segments, lines, strict=True)
            ],
        }
    )


def _public(fields: Fields) -> dict[str, Any]:
    """The fields that anyone may read."""
    kept: dict[str, Any] = {name: fields[name] for name in _KEPT if name in fields}
    if "speech" in kept:
        kept["speech"] = msgspec.json.decode(kept["speech"], type=list[_Speech] | None)
    if "media" in kept:
        kept["media"] = _media(_value(kept["media"]))
    if "model" in kept:
        kept["model"] = _model(_value(kept["model"]))
    return kept


def _media(media: Any) -> Any:
    """Without an address that is not on the web: it names a place of whoever made the file."""
    source = media.get("source") if isinstance(media, dict) else None
    if not isinstance(source, dict):
        return media
    return media | {"source": source | {"url": web_address(source.get("url"))}}


def _model(model: Any) -> Any:
    parameters = model.get("parameters") if isinstance(model, dict) else None
    if not isinstance(parameters, dict):
        return model
    return model | {"parameters": {k: v for k, v in parameters.items() if k not in _HINTS}}


def _language(segment: Fields) -> dict[str, Any]:
    return {"language": segment["language"]} if "language" in segment else {}


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
