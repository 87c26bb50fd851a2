"""Rows of the newer version with the corrections of words, splits and merges made in them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from debate_webapp.editing.carrying.fitting import Change, Match, Place
from debate_webapp.editing.carrying.words import Token, write_tokens
from debate_webapp.exports.document import join_texts


@dataclass(frozen=True, slots=True)
class Said:
    """A word of a piece: in which row of the newer version, and from which row of the corrected.

    `owner` is None for a word that has no counterpart.
    """

    token: Token
    row: int
    owner: int | None


@dataclass(frozen=True, slots=True)
class Piece:
    """What becomes a row."""

    words: list[Said]

    @property
    def text(self) -> str:
        """Its words, those of merged rows joined as merging joins them."""
        rows = groupby(self.words, key=lambda said: said.row)
        return join_texts(write_tokens([said.token for said in words]) for _, words in rows)

    def share_of(self, owner: int) -> float:
        """The share of its words that a row of the corrected version has, 0 where few are known."""
        known = [said.owner for said in self.words if said.owner is not None]
        return known.count(owner) / len(known) if 2 * len(known) > len(self.words) else 0.0


@dataclass(frozen=True, slots=True)
class Group:
    """Rows of the newer version that become one, and the pieces that this one is split into."""

    rows: range
    pieces: list[Piece]


@dataclass(frozen=True)
class Reshaping:
    """The corrections that are made: words with their places, gaps to split at, rows to merge.

    A row in `joins` is merged with the next one. What is `there` already needs no change.
    """

    changes: Sequence[tuple[Change, Place]] = ()
    there: Sequence[tuple[Change, Place]] = ()
    cuts: frozenset[int] = frozenset()
    joins: frozenset[int] = frozenset()


def reshape(match: Match, made: Reshaping) -> list[Group]:
    """All rows of the newer version with these corrections made in them."""
    writer = _Writer(match, made)
    return [Group(rows, writer.pieces(rows)) for rows in _runs(len(match.new.rows), made.joins)]


def _runs(count: int, joins: frozenset[int]) -> Iterator[range]:
    first = 0
    for at in range(count):
        if at not in joins:
            yield range(first, at + 1)
            first = at + 1


@dataclass
class _Writer:
    match: Match
    made: Reshaping
    _replaced: dict[int, tuple[Change, Place]] = field(default_factory=dict)
    _inserted: dict[tuple[int, int, bool], list[Change]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _owners: list[int | None] = field(default_factory=list)
    # Up to here the words were written already.
    _done: int = 0

    def __post_init__(self) -> None:
        for change, place in self.made.changes:
            if place.first < place.end:
                self._replaced[place.first] = change, place
            else:
                self._inserted[place.row, place.first, place.behind].append(change)
        self._owners = _owners(self.match)
        for change, place in self.made.there:
            self._owners[place.first : place.end] = [change.row] * (place.end - place.first)

    def pieces(self, rows: Iterable[int]) -> list[Piece]:
        """The words of these rows, cut where they are to be split."""
        pieces: list[list[Said]] = [[]]
        for row in rows:
            for said in self._row(row):
                if said is None:
                    pieces.append([])
                else:
                    pieces[-1].append(said)
        return [Piece(words) for words in pieces if any(said.token.text for said in words)] or [
            Piece(pieces[0] or [Said(Token(""), next(iter(rows)), None)])
        ]

    def _row(self, row: int) -> Iterator[Said | None]:
        """The words of a row, None where it is to be split.

        A change may reach into the next row, which then begins behind it.
        """
        span = self.match.new.spans[row]
        at = max(span.start, self._done)
        while at <= span.stop:
            yield from self._inserted_at(row, at, behind=True)
            if at in self.made.cuts and span.start < at < span.stop:
                yield None
            yield from self._inserted_at(row, at, behind=False)
            if at == span.stop:
                return
            if at in self._replaced:
                change, place = self._replaced[at]
                yield from self._new(row, change)
                at = self._done = place.end
            else:
                yield Said(self.match.new.tokens[at], row, self._owners[at])
                at += 1

    def _inserted_at(self, row: int, at: int, *, behind: bool) -> Iterator[Said]:
        for change in self._inserted.get((row, at, behind), ()):
            yield from self._new(row, change)

    @staticmethod
    def _new(row: int, change: Change) -> Iterator[Said]:
        return (Said(token, row, change.row) for token in change.words)


def _owners(match: Match) -> list[int | None]:
    """For each word of the newer version the corrected row that has its counterpart."""
    owners: list[int | None] = [None] * len(match.new.tokens)
    for row, places in enumerate(match.old.places):
        for place in places:
            there = match.place_of[place]
            if there is not None:
                owners[there] = row
    return owners
