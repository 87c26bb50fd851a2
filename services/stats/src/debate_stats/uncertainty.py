"""How far shares and rates could have come out otherwise: bootstrap over turns.

Everybody's turns are drawn anew from their own, as many as there were, with replacement, and every
figure is computed from the drawn components (stratified bootstrap, percentile interval: Efron &
Tibshirani 1993, chapters 8 and 13). Turns are drawn whole, since the words of one belong together,
and within a speaker, since turns alternate: who spoke how often is a fact, not chance. The draws
are seeded: same input, same figures.
"""

from dataclasses import dataclass

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

    def sums(self, values: Ints, unit: Ints) -> Floats:
        """The sum of a component in each block, from values that lie in units (-1: in none)."""
        held = unit >= 0
        sums = np.bincount(self.of_unit[unit[held]], values[held], len(self.speaker))
        return sums.astype(np.float64, copy=False)


def find_blocks(taking: TurnTaking) -> Blocks:
    """Turns first, then back-channels."""
    quiet = taking.is_backchannel
    of_unit = taking.turn.copy()
    of_unit[quiet] = len(taking.turns) + np.arange(int(quiet.sum()))
    return Blocks(of_unit, np.concatenate((taking.turns.speaker, taking.units.speaker[quiet])))


class Bootstrap:
    """The draws of one debate; every figure is computed from the same ones.

    `components` has a row per block and a column per component. `drawn` holds the sums: by draw,
    speaker and component.
    """

    def __init__(self, blocks: Blocks, components: Floats, speakers: int) -> None:
        self.turns = np.bincount(blocks.speaker, minlength=speakers).tolist()
        self.drawn = np.zeros((DRAWS, speakers, components.shape[1]))
        random = np.random.default_rng(_SEED)
        for speaker in range(speakers):
            own = components[blocks.speaker == speaker]
            self.drawn[:, speaker] = _times_drawn(random, len(own)) @ own

    def share_intervals(self, component: int) -> list[Interval]:
        """Interval of each speaker's share of a component's sum over all."""
        drawn = self.drawn[:, :, component]
        return self._intervals(drawn, np.broadcast_to(drawn.sum(axis=1)[:, None], drawn.shape))

    def ratio_intervals(self, part: int, whole: int, factor: float) -> list[Interval]:
        """Interval of each speaker's `part / whole * factor`."""
        return self._intervals(self.drawn[:, :, part] * factor, self.drawn[:, :, whole])

    def _intervals(self, part: Floats, whole: Floats) -> list[Interval]:
        columns = zip(part.T, whole.T, self.turns, strict=True)
        return [_interval(p, w) if turns >= LEAST_TURNS else None for p, w, turns in columns]


def _times_drawn(random: np.random.Generator, blocks: int) -> Floats:
    """How often each block (column) is drawn in each draw (row) of as many as there are."""
    drawn = random.integers(0, max(blocks, 1), (DRAWS, blocks))
    drawn += np.arange(DRAWS)[:, None] * blocks
    times = np.bincount(drawn.ravel(), minlength=DRAWS * blocks)
    return times.reshape(DRAWS, blocks).astype(np.float64)


def _interval(part: Floats, whole: Floats) -> Interval:
    """Percentile interval of the quotient, from the draws in which it is defined."""
    defined = whole > 0
    if not defined.any():
        return None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(part[defined] / whole[defined], [tail, 1 - tail]).tolist()
    return low, high
