"""The two versions of a debate as carrying over sees them: words in order, and rows of words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise, starmap
from typing import NamedTuple

from debate_webapp.editing.carrying.words import Token, heard_tokens
from debate_webapp.editing.corrected import Json, Part, words_of
from debate_webapp.incoming.artefact import kept_text


@dataclass(frozen=True, slots=True)
class Row:
    """A segment as it is shown: `person` is the slug of its own person, who wins over the label.

    `touched` says whether an editor ever changed it.
    """

    id: int
    text: str
    start: float
    end: float
    label: str
    parts: tuple[Part, ...]
    person: str | None = None
    reviewed: bool = False
    touched: bool = False


class Join(NamedTuple):
    """Two words, by their places, that are in one row though the file had them in two segments."""

    row: int
    left: int
    right: int


class Cut(NamedTuple):
    """Two neighbouring words that are in two rows though the file had them in one segment."""

    row: int
    left: int
    right: int


def _one_after_another(parts: Sequence[Sequence[Token]]) -> list[range]:
    """The places that each part has in all of them as one."""
    ends = list(accumulate(map(len, parts), initial=0))
    return list(starmap(range, pairwise(ends)))


@dataclass(frozen=True)
class Corrected:
    """The version that editors worked on: `heard` are the words of its file, segment by segment.

    `places` says for each row which of them it has; `names` who the labels are.
    """

    entries: Sequence[Json]
    rows: Sequence[Row]
    names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _by_entry(self) -> list[range]:
        return _one_after_another(self._heard)

    @cached_property
    def _heard(self) -> list[list[Token]]:
        return [
            heard_tokens(e.get("words") or [], kept_text(e.get("text")), e["start"], e["end"])
            for e in self.entries
        ]

    @cached_property
    def heard(self) -> list[Token]:
        """All words of the file."""
        return [token for tokens in self._heard for token in tokens]

    @cached_property
    def beginnings(self) -> set[int]:
        """The words with which the file's segments begin."""
        return {words.start for words in self._by_entry}

    @cached_property
    def places(self) -> list[list[int]]:
        """For each row its words, as places in `heard`."""
        return [[at for part in row.parts for at in self.of_part(part)] for row in self.rows]

    def of_part(self, part: Part) -> list[int]:
        """The words of a part, as places in `heard`."""
        low = float("-inf") if part.after is None else part.after
        high = float("inf") if part.before is None else part.before
        return [at for at in self._by_entry[part.entry] if low <= self.heard[at].middle < high]

    @cached_property
    def joins(self) -> list[Join]:
        """Where segments were merged."""
        found = []
        for at, row in enumerate(self.rows):
            for one, other in zip(row.parts, row.parts[1:], strict=False):
                left, right = self.of_part(one), self.of_part(other)
                if one.entry != other.entry and left and right:
                    found.append(Join(at, left[-1], right[0]))
        return found

    @cached_property
    def cuts(self) -> list[Cut]:
        """Where a segment was split."""
        found = []
        for at, row in enumerate(self.rows):
            for part in row.parts:
                words = self.of_part(part)
                inside = words and words[0] - 1 in self._by_entry[part.entry]
                if part.after is not None and inside:
                    found.append(Cut(at, words[0] - 1, words[0]))
        return found

    def given_away(self, at: int) -> bool:
        """Whether an editor gave a row to someone else than the file did."""
        row = self.rows[at]
        return row.person is not None or row.label != self.entries[row.parts[0].entry]["speaker"]

    def speaker(self, at: int) -> tuple[str | None, str]:
        """Whose a row is: the slug of a person, if any, and its label."""
        row = self.rows[at]
        return row.person or self.names.get(row.label), row.label


@dataclass(frozen=True)
class Newer:
    """The version that takes over: its rows as they are now, and who its labels are."""

    entries: Sequence[Json]
    rows: Sequence[Row]
    names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _tokens(self) -> list[list[Token]]:
        return [self._of_row(row) for row in self.rows]

    def _of_row(self, row: Row) -> list[Token]:
        words = [word for part in row.parts for word in words_of(self.entries, part)]
        return heard_tokens(words, row.text, row.start, row.end)

    @cached_property
    def tokens(self) -> list[Token]:
        """All words, row by row."""
        return [token for tokens in self._tokens for token in tokens]

    @cached_property
    def spans(self) -> list[range]:
        """For each row its words, as places in `tokens`."""
        return _one_after_another(self._tokens)

    @cached_property
    def row_of(self) -> list[int]:
        """For each word its row, by its place."""
        return [at for at, span in enumerate(self.spans) for _ in span]
