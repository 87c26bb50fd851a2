"""Where in the newer version the words of each correction are, and whether it fits there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from debate_webapp.editing.carrying.sides import Corrected, Join, Newer
from debate_webapp.editing.carrying.words import Token, match_words, written_tokens
from debate_webapp.exports.document import join_texts

OTHER_WORDS = "the new transcription has other words there"
NEW_SEGMENT = "a segment of the new transcription begins in the middle of it"
BY_HAND = "that segment was corrected in the new version"
SCATTERED = "its words do not follow each other in the new transcription"
WITHIN = "it was split off from within one word of the old transcription"

# How many words without a counterpart may lie between a correction and the next word that has one.
REACH = 3


class Outcome(StrEnum):
    """What becomes of a correction."""

    FITS = "fits"
    THERE = "there"
    NOT = "not"


class Fit(NamedTuple):
    """An outcome and, where a correction does not fit, why."""

    outcome: Outcome
    why: str | None = None


def misfit(why: str) -> Fit:
    """A correction that does not fit."""
    return Fit(Outcome.NOT, why)


@dataclass(frozen=True, slots=True)
class Change:
    """Words that were put in the place of the words heard `first` up to `end`, in one row.

    `after_first_word` tells an insertion behind a word of its row from one before its first.
    """

    row: int
    first: int
    end: int
    words: tuple[Token, ...]
    after_a_word: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change goes in the newer version: its row and the words there that it replaces.

    They may reach into the rows up to `last_row`, where these are merged with it. Without words to
    replace, `behind` says on which side of a cut at that gap it stays.
    """

    row: int
    last_row: int
    first: int
    end: int
    behind: bool


def find_changes(old: Corrected) -> list[Change | int]:
    """What editors put in the place of which words; the row alone where its words are scattered."""
    return [change for at in range(len(old.rows)) for change in _changes(old, at)]


def _changes(old: Corrected, at: int) -> list[Change | int]:
    places = [place for place in old.places[at] if old.heard[place].text] or old.places[at][:1]
    now = written_tokens(old.rows[at].text)
    was, written = list(_merged(old, places)), _written(now)
    if was == written:
        return []
    steps = SequenceMatcher(None, was, written).get_opcodes()
    changed = [step[1:] for step in steps if step[0] != "equal"]
    if not (places and _is_unbroken(old, places)):
        return [at]
    gaps = [*places, places[-1] + 1]
    return [
        Change(
            at, gaps[i], gaps[i_end - 1] + 1 if i < i_end else gaps[i], tuple(now[j:j_end]), i > 0
        )
        for i, i_end, j, j_end in changed
    ]


def _is_unbroken(old: Corrected, places: Sequence[int]) -> bool:
    """Whether these words follow each other in the file, but for segments without any."""
    between = set(range(places[0], places[-1] + 1)) - set(places)
    return places == sorted(places) and not any(old.heard[place].text for place in between)


def _merged(old: Corrected, places: Sequence[int]) -> Iterator[tuple[str, bool]]:
    """The words heard as they were written before anybody changed one, merged segments joined."""
    before = ""
    for place in places:
        text, space = old.heard[place].text, old.heard[place].space
        if place in old.beginnings and before:
            space = join_texts((before, text)) != before + text
        yield text, space or not before
        before = text or before


def _written(tokens: Sequence[Token]) -> list[tuple[str, bool]]:
    """What tells corrected from uncorrected: every character but the first word's space."""
    return [(token.text, token.space or at == 0) for at, token in enumerate(tokens)]


@dataclass(frozen=True)
class Match:
    """Two versions laid side by side, word by word."""

    old: Corrected
    new: Newer

    @cached_property
    def place_of(self) -> list[int | None]:
        """For each word heard its place in the newer version."""
        return match_words(self.old.heard, self.new.tokens)

    def fit_change(self, change: Change) -> tuple[Fit, Place | None]:
        """Whether a change fits, and where it goes or is already."""
        first, end = self._start(change), self._end(change)
        if (
            not self.new.tokens
            or first is None
            or end is None
            or not 0 <= end - first <= 2 * _size(change) + 2
        ):
            return misfit(OTHER_WORDS), None
        rows = set(self.new.row_of[first:end]) or {self._row_at(change, first)}
        place = Place(min(rows), max(rows), first, end, change.after_a_word)
        was, there = self.old.heard[change.first : change.end], self.new.tokens[first:end]
        fit = _compare(was, there, change.words)
        if fit.outcome is Outcome.FITS and any(self.new.rows[row].touched for row in rows):
            fit = misfit(BY_HAND)
        return fit, place

    def gap_after(self, word: int) -> int | None:
        """Before which word of the newer version the one heard ends."""
        if word < 0:
            return 0
        place = self.place_of[word]
        return self._by_time(word, self.old.heard[word].end) if place is None else place + 1

    def gap_before(self, word: int) -> int | None:
        """Before which word of the newer version the one heard begins."""
        if word == len(self.old.heard):
            return len(self.new.tokens)
        place = self.place_of[word]
        return self._by_time(word, self.old.heard[word].start) if place is None else place

    def _start(self, change: Change) -> int | None:
        replaces = change.first < change.end and self.place_of[change.first] is not None
        return self.place_of[change.first] if replaces else self.gap_after(change.first - 1)

    def _end(self, change: Change) -> int | None:
        replaces = change.first < change.end and self.place_of[change.end - 1] is not None
        return self.gap_after(change.end - 1) if replaces else self.gap_before(change.end)

    def _row_at(self, change: Change, gap: int) -> int:
        """The row to which an insertion goes, where it is one or the other's."""
        behind = change.after_a_word or gap == len(self.new.tokens)
        return self.new.row_of[max(gap - 1, 0) if behind else gap]

    def _by_time(self, word: int, time: float) -> int | None:
        """Where a time lies in the few words around one that has no counterpart."""
        low, high = self._known(word, -1), self._known(word, 1)
        if low is None or high is None:
            return None
        between = self.new.tokens[low + 1 : high]
        if between and not (self.old.heard[word].timed and all(t.timed for t in between)):
            return None
        return low + 1 + sum(token.middle < time for token in between)

    def _known(self, word: int, by: int) -> int | None:
        """The place of the next word, in one direction, that both have; None out of reach."""
        for at in range(word + by, word + by * (REACH + 1), by):
            if not 0 <= at < len(self.old.heard):
                return -1 if by < 0 else len(self.new.tokens)
            if (place := self.place_of[at]) is not None:
                return place
        return None


def _size(change: Change) -> int:
    return max(change.end - change.first, len(change.words))


def _compare(was: Sequence[Token], there: Sequence[Token], now: Sequence[Token]) -> Fit:
    """What becomes of `was` corrected to `now`, where the newer version has `there`."""
    if [token.text for token in there] == [token.text for token in now]:
        return Fit(Outcome.THERE)
    spoken_was, spoken_there, spoken_now = (
        "".join(token.spoken for token in tokens) for tokens in (was, there, now)
    )
    if spoken_was == spoken_now:
        # Only case or punctuation was corrected: worth nothing on other words.
        return Fit(Outcome.FITS) if spoken_there == spoken_was else misfit(OTHER_WORDS)
    return Fit(Outcome.THERE if spoken_there == spoken_now else Outcome.FITS)


def fit_join(match: Match, join: Join) -> tuple[Fit, int | None]:
    """Whether two segments can be merged as they were, and the row of the first."""
    left, right = match.gap_after(join.left), match.gap_before(join.right)
    if not match.new.tokens or left is None or right is None or left > right:
        return misfit(OTHER_WORDS), None
    row_of, last = match.new.row_of, len(match.new.row_of) - 1
    first, second = row_of[min(max(left - 1, 0), last)], row_of[min(right, last)]
    if first == second:
        return Fit(Outcome.THERE), None
    if second != first + 1:
        return misfit(SCATTERED), None
    if match.new.rows[first].touched or match.new.rows[second].touched:
        return misfit(BY_HAND), None
    return Fit(Outcome.FITS), first


def fit_cut(match: Match, left: int, right: int) -> tuple[Fit, int | None]:
    """Whether a segment can be split between two words heard, and before which word there."""
    after, before = match.gap_after(left), match.gap_before(right)
    gap = after if before is None else before
    if gap is None or (after is not None and before is not None and after > before):
        return misfit(OTHER_WORDS), None
    row_of = match.new.row_of
    if not 0 < gap < len(row_of) or row_of[gap - 1] != row_of[gap]:
        return Fit(Outcome.THERE), None
    if match.new.rows[row_of[gap]].touched:
        return misfit(BY_HAND), None
    return Fit(Outcome.FITS), gap
