"""Reads what a transcript is compared with.

NIST's RTTM, STM and CTM, MeetEval's SegLST, plain text, and transcripts by contract. A reference
may hold several recordings ("sessions"); see `only_session`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from debate_contract.errors import BadInput, InputNotFound, UsageFault
from debate_contract.texts import decode_text

# Everything that is not said: marks, but not the apostrophe inside a word.
MARKS = re.compile(r"[^\w\s']|(?<!\w)'|'(?!\w)|_")
# RTTM's types of lines that say nothing of turns (NIST's RT-09 evaluation plan, appendix A).
NOT_TURNS = {
    "SEGMENT", "NOSCORE", "NO_RT_METADATA", "LEXEME", "NON-LEX", "NON-SPEECH", "FILLER", "EDIT",
    "IP", "SU", "CB", "A/P", "SPKR-INFO",
}  # fmt: skip
NOT_SCORED = "ignore_time_segment_in_scoring"


@dataclass(frozen=True, slots=True)
class Passage:
    """What one speaker says from `start` to `end` (seconds); no words where only time is known."""

    start: float
    end: float
    speaker: str
    words: tuple[str, ...] = ()
    session: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """One account of a recording: who spoke when, and who said what."""

    turns: list[Passage]
    passages: list[Passage]
    duration: float = 0.0
    name: str = ""  # of the recording's file, without suffix


def split_words(text: str) -> tuple[str, ...]:
    """Return the words as they are compared: lower case, without punctuation."""
    return tuple(MARKS.sub(" ", text.replace("’", "'").lower()).split())  # noqa: RUF001


def read_transcript(file: Path) -> Account:
    """Read a transcript by contract; raises BadInput for anything else."""
    try:
        transcript = json.loads(_read(file))
        turns = [Passage(t["start"], t["end"], t["speaker"]) for t in transcript["speech"]]
        passages = [
            Passage(s["start"], s["end"], s["speaker"], split_words(s["text"]))
            for s in transcript["transcription"]
        ]
        name = Path(transcript.get("media", {}).get("path", "")).stem
        return Account(turns, passages, float(transcript["duration"]), name)
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{file} is not a transcript by contract: {error!r}") from error


def read_rttm(file: Path) -> list[Passage]:
    """Read the SPEAKER lines: type, file, channel, start, duration, two fields, speaker, …"""
    try:
        return list(_parse_rttm(_read(file)))
    except (ValueError, IndexError) as error:
        raise BadInput(f"{file} is not RTTM: {error}") from error


def _parse_rttm(text: str) -> Iterator[Passage]:
    for number, line in enumerate(text.splitlines(), start=1):
        fields = line.split()
        if not fields or line.startswith(";;") or fields[0] in NOT_TURNS:
            continue
        if fields[0] != "SPEAKER":
            raise ValueError(f"line {number} begins with {fields[0]!r}, which is no type of RTTM")
        start, duration = float(fields[3]), float(fields[4])
        yield Passage(start, start + duration, fields[7], session=fields[1])


def read_stm(file: Path) -> list[Passage]:
    """Read the lines: file, channel, speaker, start, end, [<labels>], words."""
    try:
        return sorted(_parse_stm(_read(file)), key=lambda passage: passage.start)
    except (ValueError, IndexError) as error:
        raise BadInput(f"{file} is not STM: {error}") from error


def _parse_stm(text: str) -> Iterator[Passage]:
    for line in text.splitlines():
        if not line.strip() or line.startswith(";;"):
            continue
        session, _channel, speaker, start, end, *said = line.split(None, 5)
        words = re.sub(r"^<[^>]*>", "", said[0] if said else "")
        if NOT_SCORED not in words.lower():
            yield Passage(float(start), float(end), speaker, split_words(words), session)


def read_ctm(file: Path) -> list[Passage]:
    """Read the lines: file, channel, start, duration, word, [confidence]; nobody's words."""
    lines = (line for line in _read(file).splitlines() if not line.startswith(";;"))
    fields = (line.split() for line in lines)
    try:
        passages = [
            Passage(float(f[2]), float(f[2]) + float(f[3]), "", split_words(f[4]), f[0])
            for f in fields
            if f
        ]
    except (ValueError, IndexError) as error:
        raise BadInput(f"{file} is not CTM: {error}") from error
    return sorted(passages, key=lambda passage: passage.start)


def read_seglst(file: Path) -> list[Passage]:
    """Read a JSON list of segments: session_id, speaker, start_time, end_time, words."""
    try:
        passages = [
            Passage(
                float(segment["start_time"]),
                float(segment["end_time"]),
                str(segment["speaker"]),
                split_words(segment["words"]),
                str(segment.get("session_id", "")),
            )
            for segment in json.loads(_read(file))
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(f"{file} is not SegLST: {error!r}") from error
    return sorted(passages, key=lambda passage: passage.start)


def only_session(passages: list[Passage], asked: str | None, name: str) -> list[Passage]:
    """Return the recording asked for, else that of the transcript's name, else the only one.

    Raises UsageFault that names the sessions where none of them is meant.
    """
    sessions = {passage.session for passage in passages}
    if asked is None and len(sessions) <= 1:
        return passages
    wanted = name if asked is None else asked
    if wanted not in sessions:
        known = ", ".join(sorted(sessions))
        raise UsageFault(f"the reference has no session {wanted}; give --session, one of: {known}")
    return [passage for passage in passages if passage.session == wanted]


def read_text(file: Path) -> tuple[str, ...]:
    """Read the words of a text."""
    return split_words(_read(file))


def _read(file: Path) -> str:
    try:
        text = decode_text(file.read_bytes())
    except FileNotFoundError as error:
        raise InputNotFound(f"{file} does not exist") from error
    except ValueError as error:
        raise BadInput(f"{file} is no text") from error
    if text.guessed:
        click.echo(f"{file} is not UTF-8; it is read as {text.guessed}", err=True)
    return text.content
