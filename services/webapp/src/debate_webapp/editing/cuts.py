"""Where a segment is cut in two: its text, its times, and what it has of the registered file.

Words keep their own times and go with their side: the first half ends with its last word, the
second begins with its first.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from debate_webapp.editing.alignment import (
    count_recognised,
    count_words,
    start_of_word,
    time_words,
)
from debate_webapp.editing.corrected import Json, Part, middle, words_of


@dataclass(frozen=True, slots=True)
class Side:
    """One half: its text, its start and end in seconds, its parts of the registered file."""

    text: str
    start: float
    end: float
    parts: list[Part]


@dataclass(frozen=True, slots=True)
class Whole:
    """A segment as it is before the cut; `entries` are the file's segments in order of start."""

    entries: Sequence[Json]
    text: str
    start: float
    end: float
    parts: Sequence[Part]

    @property
    def words(self) -> list[Json]:
        """What was recognised in it, whatever its text is now."""
        return [word for part in self.parts for word in words_of(self.entries, part)]


def cut_at(whole: Whole, time: float) -> tuple[Side, Side] | None:
    """Cut before the first word whose middle is not before `time`; None without words on a side."""
    words = time_words(whole.words, whole.text, whole.start, whole.end)
    count = sum(middle(word) < time for word in words)
    if not 0 < count < len(words):
        return None
    at = start_of_word(whole.text, count)
    return cut_text(whole, whole.text[:at].rstrip(), whole.text[at:])


def cut_text(whole: Whole, before: str, after: str) -> tuple[Side, Side] | None:
    """Cut into these two texts, corrected or not; None without words on a side."""
    words, first = whole.words, count_words(before)
    timed = time_words(words, f"{before} {after}", whole.start, whole.end)
    if not 0 < first < len(timed):
        return None
    end = min(max(timed[first - 1]["end"], whole.start), whole.end)
    start = min(max(timed[first]["start"], whole.start), whole.end)
    count = count_recognised(words, before, after)
    left, right = _cut_parts(whole, count, (end + start) / 2)
    return Side(before, whole.start, end, left), Side(after, start, whole.end, right)


def join_parts(first: Sequence[Part], second: Sequence[Part]) -> list[Part]:
    """The parts of both, what was cut apart in one piece again."""
    joined = list(first)
    for part in second:
        last = joined[-1]
        if last.entry == part.entry and last.before is not None and last.before == part.after:
            joined[-1] = last._replace(before=part.before)
        else:
            joined.append(part)
    return joined


def _cut_parts(whole: Whole, count: int, at: float) -> tuple[list[Part], list[Part]]:
    """Parts up to and from the word number `count`; without words to go by, cut at `at` seconds."""
    left: list[Part] = []
    for n, part in enumerate(whole.parts):
        middles = [middle(word) for word in words_of(whole.entries, part)]
        rest = whole.parts[n + 1 :]
        if left and middles and count == 0:
            return left, [part, *rest]
        ends_later = not middles and at < whole.entries[part.entry]["end"]
        if not rest or count < len(middles) or ends_later:
            cut = _between(middles, count, at)
            return [*left, part._replace(before=cut)], [part._replace(after=cut), *rest]
        count -= len(middles)
        left.append(part)
    raise AssertionError("a segment has at least one part")


def _between(middles: Sequence[float], count: int, at: float) -> float:
    """A time that parts the words before the one numbered `count` from the others."""
    if not middles:
        return at
    if count <= 0:
        return min(at, middles[0])
    if count >= len(middles):
        return max(at, math.nextafter(middles[-1], math.inf))
    return sum(list(pairwise(middles))[count - 1]) / 2
