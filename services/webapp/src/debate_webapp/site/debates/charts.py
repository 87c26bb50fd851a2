"""Geometry of the charts. Numbers in, numbers out; the templates draw them as SVG."""

from collections.abc import Sequence
from typing import NamedTuple

from debate_webapp.reading.figures import Figures
from debate_webapp.reading.kept import Interval

# The lane's own units: 1,000 across, so one unit is a thousandth of the debate.
LANE_WIDTH = 1000.0
# Stretches closer than this are drawn as one; a reader could not tell them apart.
LANE_GAP = 1.5
LANE_MINIMUM = 1.5


class Mark(NamedTuple):
    """A rectangle of a lane and the second at which it starts."""

    x: float
    width: float
    start: float


def bar_widths(figures: Figures) -> list[float]:
    """Widths in percent, the longest row 100; all on one scale that starts at zero."""
    times = [row.figures.total_seconds for row in figures.rows]
    longest = max(times, default=0.0)
    return [round(100 * time / longest, 2) if longest else 0.0 for time in times]


def lane_marks(speech: Sequence[Interval], duration: float) -> list[Mark]:
    """When a voice speaks: rectangles along the debate, neighbours joined."""
    if duration <= 0:
        return []
    scale = LANE_WIDTH / duration
    marks: list[Mark] = []
    first, x, width = 0.0, -2 * LANE_GAP, 0.0
    for start, end in sorted(speech):
        left, right = start * scale, min(end * scale, LANE_WIDTH)
        if left - (x + width) < LANE_GAP:
            width = max(width, right - x)
            continue
        marks.append(Mark(round(x, 2), round(width, 2), first))
        first, x, width = start, left, max(right - left, LANE_MINIMUM)
    marks.append(Mark(round(x, 2), round(width, 2), first))
    return marks[1:]
