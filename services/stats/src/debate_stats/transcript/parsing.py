"""The tolerant reader of `<stem>_transcription.json`: takes what the figures need, checks it all.

Files of the predecessor (no `schema_version`, no `speech`) are read too: their speech is taken from
the segments and marked so.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec
import numpy as np

from debate_stats.errors import BadTranscript
from debate_stats.timeline.intervals import Ints
from debate_stats.transcript.timed_text import Floats, Lines, Texts, find_pieces, without_spaces

SCHEMA_MAJOR = "1"
# Seconds by which Whisper fills its last window up; predecessors may have put words there.
PADDING = 30.0
UNKNOWN = "SPEAKER_UNKNOWN"

# How the words of a segment are held: as a list of them, or as the JSON they are written in.
Words = TypeVar("Words")


# gc=False: tens of thousands of rows without cycles are nothing for the garbage collector to visit.
class _Word(msgspec.Struct, gc=False):
    word: str = ""
    start: float | None = None
    end: float | None = None
    probability: float | None = None


class _Speech(msgspec.Struct, gc=False):
    start: float | None = None
    end: float | None = None
    speaker: str | None = None


class Segment(_Speech, Generic[Words], gc=False):
    """A segment as it lies in the file."""

    text: str | None = None
    words: Words = None  # type: ignore[assignment] # msgspec takes no default that varies


class File(msgspec.Struct, Generic[Words]):
    """What a transcript's file holds, as far as figures need it."""

    transcription: list[Segment[Words]]
    speech: list[_Speech] | None = None
    defects: list[_Speech] | None = None
    schema_version: str | None = None
    duration: float | None = None
    language: str | None = None
    quality: str | None = None
    model: Any = None


@dataclass(frozen=True, slots=True)
class Timed:
    """Columns of equal length: times in seconds and a label (`SPEAKER_UNKNOWN` where none)."""

    start: Floats
    end: Floats
    label: list[str]


@dataclass(frozen=True, slots=True)
class Transcript:
    """A checked transcript. `speech_source` is `diarization` or, in old files, `segments`.

    `defects` are where the recording has no sound that could be heard; nobody speaks them.
    """

    speech: Timed
    defects: Timed
    segments: Timed
    texts: Texts
    duration: float | None
    language: str | None
    quality: str | None
    speech_source: str
    # False where whoever told the voices apart gave each moment to one of them alone.
    overlaps_heard: bool


# What debate-transcriber 0.1 and 0.2 called a diarizer that is gone by now and knew no overlap.
_ONE_VOICE_AT_A_TIME = ("ge2e", "embedded")

_Spoken = Segment[list[_Word] | None]
_WordByWord = File[list[_Word] | None]
_decoder = msgspec.json.Decoder(_WordByWord, strict=True)


def parse_transcript(source: bytes | str | Mapping[str, Any]) -> Transcript:
    """Read a transcript from the file's bytes or from the object it holds.

    Raises BadTranscript, which names the field, for broken JSON, an unknown major version, and
    times that are missing, not finite, negative or reversed.
    """
    file = _decode(source) if isinstance(source, bytes | str) else _convert(source)
    return check_file(file, lambda: _texts(file.transcription))


def check_file(file: File[Any], read_texts: Callable[[], Texts]) -> Transcript:
    """The transcript that a file holds, its words as read by `read_texts`; raises BadTranscript."""
    _check_version(file)
    segments = _timed(file.transcription, "transcription")
    speech = segments if file.speech is None else _timed(file.speech, "speech")
    texts, duration = read_texts(), _duration(file.duration)
    _check_within(duration, segments.start, lambda row: f"transcription[{row}]")
    _check_within(duration, speech.start, lambda row: f"speech[{row}]")
    _check_within(duration, texts.start, lambda row: f"transcription[{texts.segment[row]}].words")
    return Transcript(
        speech=speech,
        defects=_timed(file.defects or (), "defects"),
        segments=segments,
        texts=texts,
        duration=duration,
        language=file.language,
        quality=file.quality,
        speech_source="segments" if file.speech is None else "diarization",
        overlaps_heard=_hears_overlaps(file.model),
    )


def _hears_overlaps(model: object) -> bool:
    """Whether the diarizer can hear two voices at once, as all do but one of old."""
    name = model.get("diarization") if isinstance(model, dict) else None
    return not (isinstance(name, str) and name.startswith(_ONE_VOICE_AT_A_TIME))


def _decode(text: bytes | str) -> _WordByWord:
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


def _convert(value: object) -> _WordByWord:
    try:
        return msgspec.convert(value, _WordByWord)
    except msgspec.ValidationError as error:
        raise _wrong_type(error) from error


def _wrong_type(error: msgspec.ValidationError) -> BadTranscript:
    problem, _, path = str(error).partition(" - at `$")
    if "required field `transcription`" in problem:
        return BadTranscript("transcription", "is missing")
    field = path.rstrip("`").lstrip(".") or "the top level"
    return BadTranscript(field, f"has the wrong type: {problem[:1].lower()}{problem[1:]}")


def _check_version(file: File[Any]) -> None:
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


def _check_within(duration: float | None, start: Floats, name: Callable[[int], str]) -> None:
    """Raise for what begins after the recording's end: its times may be milliseconds."""
    if not duration:
        return
    beyond = np.flatnonzero(start > duration + PADDING)
    if len(beyond):
        row = int(beyond[0])
        raise BadTranscript(
            name(row), f"begins at {start[row]:g} s, but the recording lasts {duration:g} s"
        )


def _timed(rows: Sequence[_Speech], field: str) -> Timed:
    start, end = _column([row.start for row in rows]), _column([row.end for row in rows])
    check_times(start, end, lambda row: f"{field}[{row}]")
    return Timed(start, end, [row.speaker or UNKNOWN for row in rows])


def _column(values: list[float | None]) -> Floats:
    """Missing values become NaN, which the check of the times names."""
    return np.array(values, dtype=np.float64)


def check_times(start: Floats, end: Floats, name: Any) -> None:
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


def _texts(rows: list[_Spoken]) -> Texts:
    counts = np.array([len(row.words or ()) for row in rows], dtype=np.int64)
    pieces = [piece for row in rows for piece in (row.words or (_whole(row),))]
    segment = np.repeat(np.arange(len(rows)), np.maximum(counts, 1))
    start, end = _column([p.start for p in pieces]), _column([p.end for p in pieces])
    check_times(start, end, lambda row: _word_path(segment, row))
    return Texts(
        lines=_lines(rows, [piece.word for piece in pieces], segment),
        start=start,
        end=end,
        probability=_column([p.probability for p in pieces]),
        segment=segment,
        is_word=(counts > 0)[segment] if len(rows) else np.zeros(0, dtype=np.bool_),
    )


def _whole(row: _Spoken) -> _Word:
    return _Word(row.text or "", row.start, row.end)


def _word_path(segment: Ints, row: int) -> str:
    first = int(np.searchsorted(segment, segment[row]))
    return f"transcription[{segment[row]}].words[{row - first}]"


def _lines(rows: list[_Spoken], pieces: list[str], segment: Ints) -> Lines:
    said = [piece.encode("utf-8", "surrogatepass") for piece in pieces]
    length = np.fromiter(map(len, said), np.int64, len(said))
    is_last = np.diff(segment, append=len(rows)) > 0
    texts = [row.text or "" for row in rows]
    while (found := find_pieces(texts, b"".join(said), length, is_last)) is None:
        texts = [_line(row) for row in rows]
    return found


def _line(row: _Spoken) -> str:
    """The segment's text, or its words where they read otherwise."""
    text, words = row.text or "", [word.word for word in row.words or ()]
    is_made_of_words = _bare(text) == _bare("".join(words))
    return text if is_made_of_words or not words else " ".join(words)


def _bare(text: str) -> bytes:
    return without_spaces(text.encode("utf-8", "surrogatepass"))
