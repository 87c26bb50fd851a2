"""How far shares and rates could have come out otherwise: bootstrap over turns.

Everybody's turns are drawn anew from their own, as many as there were, with replacement, and every
figure is computed from the drawn components (stratified bootstrap, percentile interval: Efron &
Tibshirani 1993, chapters 8 and 13). Turns are drawn whole, since the words of one belong together,
and within a speaker, since turns alternate: who spoke how often is a fact, not chance. The draws
are seeded: same input, same figures.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from debate_stats.intervals import Ints
from debate_stats.turns import TurnTaking

LEVEL = 0.9
DRAWS = 500
# Fewer turns tell nothing of how turns vary: their interval would look surer than it is.
LEAST_TURNS = 5

Floats = NDArray[np.float64]
Interval = tuple[float, float] | None

_SEED = 20_201_022  # any fixed number


@dataclass(frozen=True, slots=True)
class Blocks:
    """What is drawn: the turns, and each back-channel by itself. One speaker a block."""

    of_unit: Ints
    speaker: Ints

    def sums(self, values: NDArray[Any], unit: Ints) -> Floats:
        """The sum of a component in each block, from values that lie in units (-1: in none)."""
        held = unit >= 0
        total = np.zeros(len(self.speaker))
        np.add.at(total, self.of_unit[unit[held]], values[held])
        return total


def find_blocks(taking: TurnTaking) -> Blocks:
    """Turns first, then back-channels."""
    quiet = taking.is_backchannel
    of_unit = taking.turn.copy()
    of_unit[quiet] = len(taking.turns) + np.arange(int(quiet.sum()))
    return Blocks(of_unit, np.concatenate((taking.turns.speaker, taking.units.speaker[quiet])))


class Bootstrap:
    """The draws of one debate; every figure is computed from the same ones."""

    def __init__(self, blocks: Blocks, speakers: int) -> None:
        self.blocks = blocks
        self.order = np.argsort(blocks.speaker, kind="stable")
        self.count = np.bincount(blocks.speaker, minlength=speakers)
        self.first = np.cumsum(self.count) - self.count
        self.times = self._draw()

    def share_intervals(self, component: Floats) -> list[Interval]:
        """Interval of each speaker's share of a component's sum over all."""
        drawn = self._drawn(component)
        return self._intervals(drawn, drawn.sum(axis=1, keepdims=True))

    def ratio_intervals(self, part: Floats, whole: Floats, factor: float) -> list[Interval]:
        """Interval of each speaker's `part / whole * factor`."""
        return self._intervals(self._drawn(part) * factor, self._drawn(whole))

    def _draw(self) -> Floats:
        """How often each block is drawn (column, sorted by speaker), for each draw (row)."""
        total = len(self.order)
        speaker = self.blocks.speaker[self.order]
        random = np.random.default_rng(_SEED).random((DRAWS, total))
        drawn = self.first[speaker] + (random * self.count[speaker]).astype(np.int64)
        drawn += np.arange(DRAWS)[:, None] * total
        times = np.bincount(drawn.ravel(), minlength=DRAWS * total)
        return times.reshape(DRAWS, total).astype(np.float64)

    def _drawn(self, component: Floats) -> Floats:
        """Sum of the component per draw (row) and speaker (column)."""
        sums = np.zeros((DRAWS, len(self.count)))
        heard = np.flatnonzero(self.count)
        if len(heard):
            weighted = self.times * component[self.order]
            sums[:, heard] = np.add.reduceat(weighted, self.first[heard], axis=1)
        return sums

    def _intervals(self, part: Floats, whole: Floats) -> list[Interval]:
        wholes = np.broadcast_to(whole, part.shape)
        columns = zip(part.T, wholes.T, self.count.tolist(), strict=True)
        return [_interval(p, w) if turns >= LEAST_TURNS else None for p, w, turns in columns]


def _interval(part: Floats, whole: Floats) -> Interval:
    """Percentile interval of the quotient, from the draws in which it is defined."""
    defined = whole > 0
    if not defined.any():
        return None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(part[defined] / whole[defined], [tail, 1 - tail]).tolist()
    return low, high
