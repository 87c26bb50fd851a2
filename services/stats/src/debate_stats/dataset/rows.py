"""The rows of one debate in the five tables of the dataset; docs/dataset.md says what they mean."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa

from debate_stats.figures.artefact import arrow_schema
from debate_stats.figures.records import Interaction, SpeakerStatistics, Totals
from debate_stats.figures.statistics import summarise
from debate_stats.timeline.debate import Debate, prepare_debate
from debate_stats.timeline.intervals import SECOND_US, Ints, locate, to_us
from debate_stats.transcript.fast_parsing import read_transcript
from debate_stats.transcript.parsing import UNKNOWN
from debate_stats.transcript.text_columns import cut_out
from debate_stats.transcript.timed_text import Lines

People = Mapping[str, str | None]

SOURCE_FIELDS = ("title", "uploader", "upload_date", "url")

_ID = pa.field("debate_id", pa.string(), nullable=False)
_PERSON = pa.field("person", pa.string())


def _columns(**types: pa.DataType) -> list[pa.Field]:
    return [pa.field(name, kind, nullable=False) for name, kind in types.items()]


_SPOKEN = [*_columns(speaker=pa.string()), _PERSON, *_columns(start=pa.float64(), end=pa.float64())]

# In the order in which they are published: `debates` last, as it says what the others hold.
SCHEMAS: dict[str, pa.Schema] = {
    "words": pa.schema(
        [
            _ID,
            *_columns(word=pa.int64(), segment=pa.int64()),
            pa.field("turn", pa.int64()),
            *_SPOKEN,
            pa.field("probability", pa.float64()),
            *_columns(label=pa.string(), text=pa.string()),
        ]
    ),
    "turns": pa.schema(
        [
            _ID,
            *_columns(turn=pa.int64()),
            *_SPOKEN,
            *_columns(duration=pa.float64(), word_count=pa.int64(), text=pa.string()),
        ]
    ),
    "interactions": pa.schema([_ID, *arrow_schema(Interaction)]),
    "speakers": pa.schema([_ID, _PERSON, *arrow_schema(SpeakerStatistics)]),
    "debates": pa.schema(
        [
            _ID,
            *_columns(transcript=pa.string(), transcript_sha256=pa.string()),
            pa.field("people_sha256", pa.string()),
            *(pa.field(name, pa.string()) for name in SOURCE_FIELDS),
            *arrow_schema(Totals),
            *_columns(corrected=pa.bool_()),
            pa.field("reviewed_share", pa.float64()),
        ]
    ),
}


@dataclass(frozen=True, slots=True)
class Identity:
    """Which debate: its key in the dataset, its path under the root, the digests of its input.

    `corrected` says that the input is what editors made of the transcript.
    """

    debate_id: str
    transcript: str
    transcript_sha256: str
    people_sha256: str | None
    corrected: bool


def make_rows(content: bytes, people: People, identity: Identity) -> dict[str, pa.Table]:
    """The rows of one debate, by table, in the order of the tables; BadTranscript as the reader."""
    debate = prepare_debate(read_transcript(content), people)
    figures = summarise(debate, reviewed=bool(people))
    persons = _persons(debate, people)
    head = {name: getattr(identity, name) for name in Identity.__slots__} | _read_head(content)
    columns: dict[str, dict[str, Any]] = {
        "words": _words(debate, persons),
        "turns": _turns(debate, persons),
        "interactions": _fields(Interaction, figures.interactions),
        "speakers": {"person": persons[:-1]} | _fields(SpeakerStatistics, figures.speakers),
        "debates": {name: [value] for name, value in head.items()}
        | _fields(Totals, [figures.totals]),
    }
    return {name: _table(name, identity, columns[name]) for name in SCHEMAS}


def _table(name: str, identity: Identity, columns: dict[str, Any]) -> pa.Table:
    schema = SCHEMAS[name]
    rows = len(columns[schema.names[1]])
    columns = {"debate_id": pa.repeat(identity.debate_id, rows)} | columns
    arrays = [
        pa.array(columns[field.name], field.type, from_pandas=field.name == "probability")
        for field in schema
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def _fields(record: type, rows: Sequence[Any]) -> dict[str, list[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in arrow_schema(record).names}


def _persons(debate: Debate, people: People) -> list[str | None]:
    """The person of each speaker, None for a mere label; one more at the end, for nobody known."""
    known = {person for person in people.values() if person}
    return [name if name in known else None for name in debate.cast.names] + [None]


class _Head(msgspec.Struct):
    media: Any = None
    edited: Any = None


def _read_head(content: bytes) -> dict[str, Any]:
    """What is known of recording and review, if anything is: the figures do not hang on it."""
    try:
        head = msgspec.json.decode(content, type=_Head)
    except msgspec.DecodeError:
        head = _Head()
    source = _object(_object(head.media).get("source"))
    known = {
        name: source[name] if isinstance(source.get(name), str) else None for name in SOURCE_FIELDS
    }
    return known | {"reviewed_share": _share(_object(head.edited).get("reviewed"))}


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _share(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and 0 <= value <= 1 else None


def _words(debate: Debate, persons: list[str | None]) -> dict[str, Any]:
    """One row per word of the recogniser, in the order of the transcript."""
    texts = debate.transcript.texts
    rows = np.flatnonzero(texts.is_word)
    start, end, segment = texts.start[rows], texts.end[rows], texts.segment[rows]
    speaker = debate.segment_speaker[segment]
    turn = locate(debate.taking.turns, to_us((start + end) / 2), speaker)
    number = np.append(_order(debate)[1], -1)[turn]
    return {
        "word": np.arange(len(rows)),
        "segment": segment,
        "turn": pa.array(number, mask=number < 0),
        **_spoken(debate, persons, speaker),
        "start": start,
        "end": end,
        "probability": texts.probability[rows],
        "label": pa.array(debate.transcript.segments.label, pa.string()).take(pa.array(segment)),
        "text": _spelled(texts.lines, rows),
    }


def _turns(debate: Debate, persons: list[str | None]) -> dict[str, Any]:
    """One row per turn, in order of time."""
    order, number = _order(debate)
    turns = debate.taking.turns[order]
    words = locate(debate.taking.turns, debate.words.at_us, debate.word_speaker)
    count = np.bincount(words[words >= 0], minlength=len(order))[order]
    return {
        "turn": np.arange(len(order)),
        **_spoken(debate, persons, turns.speaker),
        "start": turns.start_us / SECOND_US,
        "end": turns.end_us / SECOND_US,
        "duration": turns.length_us / SECOND_US,
        "word_count": count,
        "text": _texts(debate, number),
    }


def _order(debate: Debate) -> tuple[Ints, Ints]:
    """The rows of the turns in order of time, and the place in it of each row."""
    turns = debate.taking.turns
    order = np.lexsort((turns.speaker, turns.end_us, turns.start_us))
    return order, np.argsort(order)


def _spoken(debate: Debate, persons: list[str | None], speaker: Ints) -> dict[str, pa.Array]:
    who = pa.array(np.where(speaker < 0, len(debate.cast), speaker))
    names = pa.array([*debate.cast.names, UNKNOWN], pa.string())
    return {"speaker": names.take(who), "person": pa.array(persons, pa.string()).take(who)}


def _spelled(lines: Lines, pieces: Ints) -> pa.StringArray:
    """Each piece as it is written."""
    content = lines.whole.encode()
    first, beyond = lines.offset[pieces], (lines.offset + lines.length)[pieces]
    if len(content) != len(lines.whole):
        begins = (np.frombuffer(content, dtype=np.uint8) & 0xC0) != 0x80
        place = np.append(np.flatnonzero(begins), len(content))
        first, beyond = place[first], place[beyond]
    return cut_out(content, [first, beyond])


def _texts(debate: Debate, number: Ints) -> list[str]:
    """What is said in each turn: the pieces of text whose middle lies in it."""
    lines, segment = debate.transcript.texts.lines, debate.transcript.texts.segment
    pieces, place = _pieces_of_turns(debate, number)
    # Neighbours in one segment read on as there; between segments there is a space.
    breaks = (np.diff(place, prepend=-1) != 0) | (np.diff(pieces, prepend=-2) != 1)
    breaks |= np.diff(segment[pieces], prepend=-1) != 0
    first = np.flatnonzero(breaks)
    last = np.append(first[1:], len(pieces))[: len(first)] - 1
    begin, end = lines.offset[pieces[first]], (lines.offset + lines.length)[pieces[last]]
    said: list[list[str]] = [[] for _ in range(len(number))]
    for n, start, beyond in np.stack((place[first], begin, end), axis=1).tolist():
        said[n].append(lines.whole[start:beyond])
    return [" ".join(runs) for runs in said]


def _pieces_of_turns(debate: Debate, number: Ints) -> tuple[Ints, Ints]:
    """The pieces of text that lie in a turn, turn by turn, and the number of it for each."""
    texts = debate.transcript.texts
    middle = to_us((texts.start + texts.end) / 2)
    turn = locate(debate.taking.turns, middle, debate.segment_speaker[texts.segment])
    pieces = np.flatnonzero(turn >= 0)
    place = number[turn[pieces]]
    order = np.argsort(place, kind="stable")
    return pieces[order], place[order]
