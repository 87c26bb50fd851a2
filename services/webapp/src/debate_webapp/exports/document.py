"""What every export is made from: the lines of a transcript as they stand now, and its head."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import groupby
from typing import Any, NamedTuple
from unicodedata import east_asian_width

import msgspec
from msgspec import UNSET, UnsetType

# What neither XML nor a subtitle may hold: control characters, half surrogates, noncharacters.
_FORBIDDEN = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Word(msgspec.Struct, gc=False):
    """A word as the machine heard it; seconds from the start of the recording.

    Registration has checked the first four fields; the others are passed on as they are, and what
    the file does not say stays unsaid: `UNSET` is not written.
    """

    word: str = ""
    start: float = 0.0
    end: float = 0.0
    probability: float | UnsetType | None = UNSET
    speaker: Any = UNSET
    overlap: Any = UNSET
    space_before: Any = UNSET


class Line(NamedTuple):
    """A segment as it stands now, in seconds; `words` is empty where their times are not known.

    `key` tells speakers apart, even two of one name.
    """

    id: int
    source_id: str
    start: float
    end: float
    label: str
    key: str
    name: str
    slug: str | None
    text: str
    confidence: float | None = None
    speaker_confidence: float | None = None
    overlap: bool = False
    reviewed: bool = False
    words: Sequence[Word] = ()


class Turn(NamedTuple):
    """All that someone says until another begins."""

    start: float
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Head:
    """What is known about the transcript as a whole.

    `page` is the address of the debate's page, `reviewed` the share of segments that an editor has
    marked as reviewed.
    """

    title: str
    page: str | None
    source: str | None
    recorded_on: str | None
    language: str | None
    quality: str | None
    reviewed: float | None
    engines: str
    expected: str | None
    version: int
    revision: int
    digest: str
    exported_at: datetime

    @property
    def standing(self) -> str:
        """How far the text can be trusted, in a word for file names."""
        if self.reviewed == 1:
            return "reviewed"
        if self.quality == "draft":
            return "draft"
        return "partly-reviewed" if self.reviewed else "unreviewed"

    def describe_quality(self) -> str:
        """The same in sentences."""
        made = f"Made by {self.engines}." if self.engines else "Made by a machine."
        if self.quality == "draft":
            made = f"Draft. {made} {self.expected or 'Words are often wrong.'}"
        elif self.expected and self.reviewed != 1:
            made = f"{made} {self.expected}"
        if self.reviewed == 1:
            return f"{made} Reviewed by an editor."
        # Rounded down, so that 100 % is said of nothing less.
        checked = f"{int(self.reviewed * 100)} % reviewed" if self.reviewed else "Not reviewed"
        return f"{made} {checked} by an editor: check with the recording before you quote."

    def facts(self) -> list[tuple[str, str]]:
        """Where the text comes from: name and value."""
        known: list[tuple[str, str | None]] = [
            ("Source", self.source),
            ("Recorded", self.recorded_on),
            ("Page", self.page),
            ("Version", f"{self.version}, revision {self.revision}, SHA-256 {self.digest[:12]}"),
            ("Exported", f"{self.exported_at:%Y-%m-%d %H:%M} UTC"),
        ]
        return [(name, value) for name, value in known if value]


def clean(text: str) -> str:
    """One line of printable text with single spaces."""
    return _FORBIDDEN.sub("", " ".join(text.split()))


def clock(seconds: float) -> str:
    """`hh:mm:ss`, rounded down: the second in which something begins."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{rest:02}"


def compute_turns(lines: Iterable[Line]) -> Iterator[Turn]:
    """Neighbouring lines of one speaker as one paragraph each; lines without text do not count."""
    spoken = (line for line in lines if line.text)
    for _, run in groupby(spoken, key=lambda line: line.key):
        said = list(run)
        yield Turn(said[0].start, said[0].name, join_texts(line.text for line in said))


def join_texts(texts: Iterable[str]) -> str:
    """Texts that follow each other as one; those without words do not count."""
    return reduce(_join, filter(None, texts), "")


def _join(text: str, more: str) -> str:
    """Chinese and Japanese have no spaces between sentences."""
    if not text:
        return more
    return text + more if _is_wide(text[-1]) and _is_wide(more[0]) else f"{text} {more}"


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"
