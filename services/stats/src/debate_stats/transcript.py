"""The tolerant reader of `<stem>_transcription.json`: takes what the figures need, checks it all.

Files of the predecessor (no `schema_version`, no `speech`) are read too: their speech is taken from
the segments and marked so.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from debate_stats.errors import BadTranscript

SCHEMA_MAJOR = "1"
UNKNOWN = "SPEAKER_UNKNOWN"

Floats = NDArray[np.float64]


# gc=False: tens of thousands of rows without cycles are nothing for the garbage collector to visit.
class _Word(msgspec.Struct, gc=False):
    word: str = ""
    start: float | None = None
    end: float | None = None
    probability: float | None = None


class _Segment(msgspec.Struct, gc=False):
    start: float | None = None
    end: float | None = None
    speaker: str | None = None
    text: str | None = None
    words: list[_Word] | None = None


class _Speech(msgspec.Struct, gc=False):
    start: float | None = None
    end: float | None = None
    speaker: str | None = None


class _File(msgspec.Struct):
    transcription: list[_Segment]
    speech: list[_Speech] | None = None
    schema_version: str | None = None
    duration: float | None = None
    language: str | None = None
    quality: str | None = None


@dataclass(frozen=True, slots=True)
class Timed:
    """Columns of equal length: times in seconds and a label (`SPEAKER_UNKNOWN` where none)."""

    start: Floats
    end: Floats
    label: list[str]


@dataclass(frozen=True, slots=True)
class Texts:
    """Timed pieces of text: a word each where the recogniser gave words, else a whole segment.

    The pieces of one segment, in order, make up its text. `probability` is NaN where unknown,
    `segment` the row of the segment, `is_word` whether the times are a word's own.
    """

    text: list[str]
    start: Floats
    end: Floats
    probability: Floats
    segment: NDArray[np.int64]
    is_word: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Transcript:
    """A checked transcript. `speech_source` is `diarization` or, in old files, `segments`."""

    speech: Timed
    segments: Timed
    texts: Texts
    duration: float | None
    language: str | None
    quality: str | None
    speech_source: str


_decoder = msgspec.json.Decoder(_File, strict=True)


def parse_transcript(source: bytes | str | Mapping[str, Any]) -> Transcript:
    """Read a transcript from the file's bytes or from the object it holds.

    Raises BadTranscript, which names the field, for broken JSON, an unknown major version, and
    times that are missing, not finite, negative or reversed.
    """
    file = _decode(source) if isinstance(source, bytes | str) else _convert(source)
    _check_version(file)
    segments = _timed(file.transcription, "transcription")
    speech = segments if file.speech is None else _timed(file.speech, "speech")
    return Transcript(
        speech=speech,
        segments=segments,
        texts=_texts(file.transcription),
        duration=_duration(file.duration),
        language=file.language,
        quality=file.quality,
        speech_source="segments" if file.speech is None else "diarization",
    )


def _decode(text: bytes | str) -> _File:
    try:
        return _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Once more, slowly: this way names the row of a wrong type and takes the NaN that JSON
        # forbids, so that its field can be named as well.
        return _convert(_decode_leniently(text))


def _decode_leniently(text: bytes | str) -> Any:
    try:
        value = json.loads(text)
        # Half a surrogate pair passes the line above and could not be written to any file.
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError as error:
        raise BadTranscript("", "the file is not UTF-8 text throughout") from error
    except (json.JSONDecodeError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise BadTranscript("", f"the file is not complete JSON{where}") from error
    return value


def _convert(value: object) -> _File:
    try:
        return msgspec.convert(value, _File)
    except msgspec.ValidationError as error:
        raise _wrong_type(error) from error


def _wrong_type(error: msgspec.ValidationError) -> BadTranscript:
    problem, _, path = str(error).partition(" - at `$")
    if "required field `transcription`" in problem:
        return BadTranscript("transcription", "is missing")
    field = path.rstrip("`").lstrip(".") or "the top level"
    return BadTranscript(field, f"has the wrong type: {problem[:1].lower()}{problem[1:]}")


def _check_version(file: _File) -> None:
    version = file.schema_version
    if version is not None and version.partition(".")[0] != SCHEMA_MAJOR:
        raise BadTranscript(
            "schema_version",
            f"{version} is not known here (only {SCHEMA_MAJOR}.x); update debate-stats",
        )


def _duration(value: float | None) -> float | None:
    if value is not None and not (math.isfinite(value) and value >= 0):
        raise BadTranscript("duration", f"is {value}, not a number of seconds")
    return value


def _timed(rows: list[_Segment] | list[_Speech], field: str) -> Timed:
    start, end = _column([row.start for row in rows]), _column([row.end for row in rows])
    _check_times(start, end, lambda row: f"{field}[{row}]")
    return Timed(start, end, [row.speaker or UNKNOWN for row in rows])


def _column(values: list[float | None]) -> Floats:
    """Missing values become NaN, which the check of the times names."""
    return np.array(values, dtype=np.float64)


def _check_times(start: Floats, end: Floats, name: Any) -> None:
    """Raise for the first row whose times cannot be: `name` makes its path from its number."""
    # Some 30 years: beyond it the value is no time in a recording (milliseconds, a date).
    in_range = (start >= 0) & (end >= start) & (end < 1e9)
    if in_range.all():
        return
    row = int(np.flatnonzero(~in_range)[0])
    for key, value in (("start", start[row]), ("end", end[row])):
        if math.isnan(value):
            raise BadTranscript(f"{name(row)}.{key}", "is missing or not a number")
        if not 0 <= value < 1e9:
            raise BadTranscript(
                f"{name(row)}.{key}", f"is {value:g}, which is no time in a recording"
            )
    raise BadTranscript(
        f"{name(row)}.end", f"({end[row]:g}) lies before its start ({start[row]:g})"
    )


def _texts(rows: list[_Segment]) -> Texts:
    counts = np.array([len(row.words or ()) for row in rows], dtype=np.int64)
    pieces = [piece for row in rows for piece in (row.words or (_whole(row),))]
    segment = np.repeat(np.arange(len(rows)), np.maximum(counts, 1))
    start, end = _column([p.start for p in pieces]), _column([p.end for p in pieces])
    _check_times(start, end, lambda row: _word_path(segment, row))
    return Texts(
        text=[text for row in rows for text in _spelled(row)],
        start=start,
        end=end,
        probability=_column([p.probability for p in pieces]),
        segment=segment,
        is_word=(counts > 0)[segment] if len(rows) else np.zeros(0, dtype=np.bool_),
    )


def _whole(row: _Segment) -> _Word:
    return _Word(row.text or "", row.start, row.end)


def _word_path(segment: NDArray[np.int64], row: int) -> str:
    first = int(np.searchsorted(segment, segment[row]))
    return f"transcription[{segment[row]}].words[{row - first}]"


def _spelled(row: _Segment) -> list[str]:
    """The texts of the words such that, joined, they read like the segment.

    Whisper keeps the space before a word in the word; others leave spaces out.
    """
    if not row.words:
        return [row.text or ""]
    words = [word.word for word in row.words]
    spelled, text = "".join(words), row.text or ""
    if spelled.strip() == text or spelled.split() == text.split():
        return words
    return [f"{word} " for word in words]
