"""Reading a transcript file: untrusted bytes in, plain dataclasses out.

A tolerant reader by the contract: unknown fields are ignored, an unknown major version is refused,
files of the predecessor (no `schema_version`) are read. Anything that would hurt a page or a
database later is refused here, in one sentence.
"""

import hashlib
import json
import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import debate_stats
from debate_contract.errors import BadInput

from debate_webapp.incoming.doubts import defects_of, expected_of, unheard_of

SIZE_LIMIT = 100_000_000
MAX_SEGMENTS = 100_000
MAX_TEXT = 20_000
MAX_TITLE = 500
MAX_LABELS = 200
UNKNOWN = "SPEAKER_UNKNOWN"
_LABEL = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True, slots=True)
class MachineSegment:
    """One segment as the machine wrote it; times in seconds."""

    source_id: str
    start: float
    end: float
    label: str
    text: str
    confidence: float | None
    speaker_confidence: float | None
    overlap: bool


@dataclass(frozen=True, slots=True)
class MachineTranscript:
    """What the web application needs of a transcript file."""

    digest: str
    duration: float
    language: str | None
    quality: str | None
    title: str | None
    source_url: str | None
    media_path: str | None
    engines: str
    segments: list[MachineSegment]
    expected: dict[str, Any] | None = None
    unheard: list[dict[str, Any]] = field(default_factory=list)
    defects: list[dict[str, Any]] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)


def parse_transcript(body: bytes, name: str) -> MachineTranscript:
    """A transcript from its bytes; raises BadInput with one sentence about `name`."""
    document = _load(body, name)
    check_version(document, name)
    try:
        # Whatever the figures could not be computed from must not become a debate.
        debate_stats.parse_transcript(body)
        return _transcript(document, hashlib.sha256(body).hexdigest())
    except (_Refused, debate_stats.BadTranscript) as reason:
        raise BadInput(f"{name} is not a usable transcript: {reason}") from reason


def check_version(document: dict[str, Any], name: str) -> None:
    """Refuse a major version that we do not know."""
    version = document.get("schema_version")
    if version is None and "transcription" in document:
        return
    if not isinstance(version, str) or version.split(".")[0] != "1":
        raise BadInput(
            f"{name} has schema version {version!r:.40}; this web application reads version 1,"
            " so update it or make the transcript again"
        )


class _Refused(Exception):
    """A reason, without the file's name."""


def _load(body: bytes, name: str) -> dict[str, Any]:
    try:
        document = json.loads(body.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError, _Refused) as error:
        raise BadInput(f"{name} is not a transcript: it is not valid JSON ({error})") from error
    if not isinstance(document, dict):
        raise BadInput(f"{name} is not a transcript: the file holds no JSON object")
    return document


def _no_constant(text: str) -> NoReturn:
    raise _Refused(f"{text} is not a number")


def _transcript(document: dict[str, Any], digest: str) -> MachineTranscript:
    entries = document.get("transcription")
    if not isinstance(entries, list) or len(entries) > MAX_SEGMENTS:
        raise _Refused(f"transcription is not a list of at most {MAX_SEGMENTS} segments")
    old = "schema_version" not in document
    segments = sorted(
        (_segment(entry, at, old) for at, entry in enumerate(entries)), key=lambda s: s.start
    )
    media = _object(document.get("media"))
    source = _object(media.get("source"))
    duration = _seconds(document.get("duration"), "duration")
    return MachineTranscript(
        digest=digest,
        duration=duration,
        language=_text(document.get("language"), "language", 20) or None,
        quality=_quality(document.get("quality")),
        title=title_of(source.get("title")),
        source_url=web_address(source.get("url")),
        media_path=_text(media.get("path") or document.get("video_path"), "media path", 1000)
        or None,
        engines=_engines(_object(document.get("model"))),
        segments=segments,
        expected=expected_of(document),
        unheard=unheard_of(document, duration),
        defects=defects_of(document, duration),
        labels=_labels(document, segments),
    )


def _segment(entry: object, at: int, old: bool) -> MachineSegment:
    if not isinstance(entry, dict):
        raise _Refused(f"segment {at} is not an object")
    start = _seconds(entry.get("start"), f"start of segment {at}")
    end = _seconds(entry.get("end"), f"end of segment {at}")
    if end < start:
        raise _Refused(f"segment {at} ends before it starts")
    if any("word" not in word for word in _list(entry.get("words"), f"words of segment {at}")):
        raise _Refused(f"segment {at} has a word without text")
    # The predecessor's `confidence` is the overlap with the speaker's turn, not the recogniser's.
    said, spoken = (None, entry.get("confidence")) if old else (entry.get("confidence"), None)
    return MachineSegment(
        source_id=kept_text(str(entry.get("id", entry.get("uid", at))))[:64],
        start=start,
        end=end,
        label=_label(entry.get("speaker"), at),
        text=kept_text(_text(entry.get("text"), f"text of segment {at}", MAX_TEXT)),
        confidence=_share(said, at),
        speaker_confidence=_share(entry.get("speaker_confidence", spoken), at),
        overlap=entry.get("overlap") is True,
    )


def kept_text(text: str | None) -> str:
    """A text as a row has it, a segment's or a title: PostgreSQL keeps no NUL."""
    return (text or "").replace("\0", "").strip()


def title_of(value: object) -> str | None:
    """A title of any length, cut off for the page; None where there is nothing to read."""
    text = value if isinstance(value, str) else ""
    # No database keeps half a surrogate pair.
    text = kept_text(text.encode("utf-8", "replace").decode())
    return (text if len(text) <= MAX_TITLE else f"{text[: MAX_TITLE - 1].rstrip()}…") or None


def _seconds(value: object, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Refused(f"{what} is not a number of seconds")
    if not math.isfinite(value) or not 0 <= value < 1_000_000:
        raise _Refused(f"{what} is {value}, which no recording can be")
    return float(value)


def _share(value: object, at: int) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1.000001:
        raise _Refused(f"a confidence of segment {at} is not between 0 and 1")
    return min(float(value), 1.0)


def _label(value: object, at: int) -> str:
    if not isinstance(value, str) or not _LABEL.fullmatch(value):
        raise _Refused(f"segment {at} has no usable speaker label")
    return value


def _text(value: object, what: str, limit: int) -> str:
    """A string that every database takes: PostgreSQL keeps no NUL."""
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > limit:
        raise _Refused(f"the {what} is not text of at most {limit} characters")
    return value.replace("\0", "")


def _quality(value: object) -> str | None:
    return value if value in ("standard", "draft") and isinstance(value, str) else None


def web_address(value: object) -> str | None:
    """An http(s) address without a user's name and password; nothing else may become a link."""
    address = value if isinstance(value, str) and len(value) <= 2000 else ""
    if not (address.startswith(("https://", "http://")) and address.isprintable()):
        return None
    scheme, _, rest = address.partition("://")
    host, *path = re.split(r"(?=[/?#])", rest, maxsplit=1)
    return f"{scheme}://{host.rpartition('@')[2]}{''.join(path)}"


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object, what: str) -> list[Any]:
    if value is not None and not isinstance(value, list):
        raise _Refused(f"{what} is not a list")
    return value or []


def _engines(model: dict[str, Any]) -> str:
    """Whose words and whose voices; with the recogniser's size, on which most depends."""
    size = _object(_object(model.get("parameters")).get("asr")).get("model")
    words = model.get("asr") or model.get("whisper")
    if isinstance(words, str) and isinstance(size, str) and size not in words:
        words = f"{words} {size}"
    named = [words, model.get("diarization")]
    return ", ".join(_text(name, "engine", 100) for name in named if isinstance(name, str))


def _labels(document: dict[str, Any], segments: list[MachineSegment]) -> list[str]:
    """Labels in order of first appearance, the unknown voice last; wordless speech counts too."""
    spoken = [
        (_seconds(entry.get("start"), "start of speech"), _label(entry.get("speaker"), at))
        for at, entry in enumerate(map(_object, _list(document.get("speech"), "speech")))
    ]
    heard = sorted([(s.start, s.label) for s in segments] + spoken)
    labels = list(dict.fromkeys(label for _, label in heard))
    if len(labels) > MAX_LABELS:
        raise _Refused(f"it has {len(labels)} speaker labels, more than {MAX_LABELS}")
    return sorted(labels, key=lambda label: label == UNKNOWN)
