"""What passes between two voices, in the order and the shape in which the page shows it.

debate-stats counts; the page asks who interrupts whom, how often, and where to hear it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from debate_stats import Interaction

from debate_webapp.reading.figures import Figures, Row

# Of somebody who speaks less than a minute, a rate says more about chance than about manners.
LEAST_SPEECH = 60.0
TEN_MINUTES = 600.0
# More voices make a table that nobody can read; the list beneath it has every pair.
MOST_IN_MATRIX = 12
MOST_PAIRS = 50
SHADES = 4


@dataclass(frozen=True, slots=True)
class Exchange:
    """An ordered pair of voices: `first` has the floor, `second` answers, cuts in or agrees."""

    first: Row
    second: Row
    counted: Interaction

    @property
    def interruptions(self) -> int:
        """Those that are known of."""
        return self.counted.interruptions or 0

    @property
    def rate(self) -> float | None:
        """Interruptions in ten minutes of the speech of `first`; None where that is too little."""
        spoken = self.first.figures.total_seconds
        return self.interruptions * TEN_MINUTES / spoken if spoken >= LEAST_SPEECH else None


class Cell(NamedTuple):
    """Of the matrix: how many, how dark (0 to 4), and the pair's place among the `cuts`."""

    interruptions: int
    shade: int
    place: int | None


@dataclass(frozen=True, slots=True)
class Exchanges:
    """`pairs` by how often the floor passes; `cuts` are the pairs with interruptions, most first.

    A line of the `matrix` says whom that row interrupts, in the order of `rows`, None for oneself.
    It is empty for two voices, whose pairs say it all, and for very many. Without `overlaps_known`
    there may be interruptions that nobody could count: 0 would be a claim.
    """

    pairs: list[Exchange]
    cuts: list[Exchange]
    rows: tuple[Row, ...]
    matrix: list[list[Cell | None]]
    overlaps_known: bool

    @property
    def most_frequent(self) -> list[Exchange]:
        """The pairs that a table can hold."""
        return self.pairs[:MOST_PAIRS]

    @property
    def interruptions(self) -> int:
        """All interruptions of the debate."""
        return sum(pair.interruptions for pair in self.cuts)


def find_exchanges(figures: Figures) -> Exchanges:
    """Every ordered pair of voices that adjoin or overlap anywhere in the debate."""
    rows = {row.voice.key: row for row in figures.rows}
    pairs = [
        Exchange(rows[counted.from_speaker], rows[counted.to_speaker], counted)
        for counted in figures.statistics.interactions
    ]
    pairs.sort(key=lambda pair: -pair.counted.transitions)
    cuts = [pair for pair in pairs if pair.interruptions]
    cuts.sort(key=lambda pair: -pair.interruptions)
    matrix = _matrix(figures.rows, cuts)
    return Exchanges(pairs, cuts, figures.rows, matrix, figures.overlaps_known)


def _matrix(rows: Sequence[Row], cuts: Sequence[Exchange]) -> list[list[Cell | None]]:
    if not cuts or not 2 < len(rows) <= MOST_IN_MATRIX:
        return []
    most = cuts[0].interruptions
    cells = {
        (cut.second.voice.key, cut.first.voice.key): _cell(cut.interruptions, most, place)
        for place, cut in enumerate(cuts)
    }
    never = Cell(0, 0, None)
    return [
        [None if by is of else cells.get((by.voice.key, of.voice.key), never) for of in rows]
        for by in rows
    ]


def _cell(count: int, most: int, place: int) -> Cell:
    return Cell(count, -(-SHADES * count // most), place)
