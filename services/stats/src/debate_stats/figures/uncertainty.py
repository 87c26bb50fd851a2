"""How far shares and rates could have come out otherwise: bootstrap over turns.

Everybody's turns get random weights that add up to their number, and every figure is computed from
the weighted components (Bayesian bootstrap with percentile intervals: Rubin 1981, Annals of
Statistics 9). The intervals are those of Efron's bootstrap, which draws turns with replacement, but
no draw leaves a speaker without speech. Turns are weighed whole, since the words of one belong
together, and within a speaker, since turns alternate: who spoke how often is a fact, not chance.
The draws are seeded: same input, same figures.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from debate_stats.timeline.intervals import Ints
from debate_stats.timeline.turns import TurnTaking

LEVEL = 0.9
DRAWS = 500
# Fewer turns tell nothing of how turns vary: their interval would look surer than it is.
LEAST_TURNS = 5

Floats = NDArray[np.float64]
Interval = tuple[float, float] | None

_SEED = 20_201_022  # any fixed number
_UNIT = 256  # of the weights, on average


@dataclass(frozen=True, slots=True)
class Blocks:
    """What is weighed: the turns, and each back-channel by itself. One speaker a block.

    The first `turns` of them are turns; `of_unit` holds for each unit the row of its block.
    """

    of_unit: Ints
    speaker: Ints
    turns: int

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
    speaker = np.concatenate((taking.turns.speaker, taking.units.speaker[quiet]))
    return Blocks(of_unit, speaker, len(taking.turns))


class Bootstrap:
    """The draws of one debate; every figure is computed from the same ones.

    `components` has a row per block and a column per component. `drawn` holds the weighted sums,
    by component, speaker and draw, `scale` what makes a speaker's weights add up to the blocks.
    """

    def __init__(self, blocks: Blocks, components: Floats, speakers: int) -> None:
        order = np.argsort(blocks.speaker, kind="stable")
        self.turns = np.bincount(blocks.speaker[: blocks.turns], minlength=speakers)
        self.drawn = np.zeros((components.shape[1], speakers, DRAWS))
        self.scale = np.zeros((speakers, DRAWS))
        count = np.bincount(blocks.speaker, minlength=speakers)
        last = np.cumsum(count)
        weights, components = _weights(len(order)), components[order]
        for n in np.flatnonzero(count).tolist():
            own = slice(last[n] - count[n], last[n])
            self.drawn[:, n] = components[own].T @ weights[own]
            self.scale[n] = count[n] / weights[own].sum(axis=0)

    def share_intervals(self, component: int) -> list[Interval]:
        """Interval of each speaker's share of a component's sum over all."""
        drawn = self.drawn[component] * self.scale
        return self._intervals(drawn, np.broadcast_to(drawn.sum(axis=0), drawn.shape))

    def ratio_intervals(self, part: int, whole: int, factor: float) -> list[Interval]:
        """Interval of each speaker's `part / whole * factor`."""
        return self._intervals(self.drawn[part] * factor, self.drawn[whole])

    def _intervals(self, part: Floats, whole: Floats) -> list[Interval]:
        """Percentile interval of each row's quotient; weights are positive, so is a sum or none."""
        known = np.flatnonzero((self.turns >= LEAST_TURNS) & (whole > 0).all(axis=1))
        tail = (1 - LEVEL) / 2
        bounds = np.quantile(part[known] / whole[known], [tail, 1 - tail], axis=1)
        found: list[Interval] = [None] * len(part)
        for n, low, high in zip(known.tolist(), *bounds.tolist(), strict=True):
            found[n] = low, high
        return found


def _weights(blocks: int) -> Floats:
    """The weight of each block (row) in each draw (column), from the exponential distribution."""
    return _draw(1 << max(blocks, 256).bit_length())[:blocks]


@cache
def _draw(blocks: int) -> Floats:
    """Weights for so many blocks; those for fewer are the first of them.

    The same ones serve every debate: to draw them takes longer than all else that is done here.
    They are whole numbers, and so are the sums: the same on every machine.
    """
    drawn = np.random.default_rng(_SEED).standard_exponential((blocks, DRAWS))
    return np.ceil(drawn * _UNIT)
