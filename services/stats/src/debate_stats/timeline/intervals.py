"""Interval algebra on NumPy columns, for all speakers of a debate at once.

Times are whole microseconds (int64). Floats would make a pause of exactly 0.5 s longer or shorter
than the threshold depending on where in the recording it lies, and sums depend on their order.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SECOND_US = 1_000_000

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of time with a speaker each: three columns of equal length.

    `start_us` and `end_us` are microseconds, `speaker` an index; no span is empty or reversed.
    """

    start_us: Ints
    end_us: Ints
    speaker: Ints

    def __len__(self) -> int:
        return len(self.start_us)

    def __getitem__(self, rows: Any) -> "Spans":
        return Spans(self.start_us[rows], self.end_us[rows], self.speaker[rows])

    @property
    def length_us(self) -> Ints:
        """The length of each span."""
        return self.end_us - self.start_us


def to_us(seconds: NDArray[np.float64]) -> Ints:
    """Round seconds to whole microseconds."""
    return np.rint(seconds * SECOND_US).astype(np.int64)


def bridge(spans: Spans, pause_us: int = 0) -> Spans:
    """Join what one speaker says with no pause of `pause_us` or more; 0 gives the plain union.

    The result is sorted by speaker, then start, and the spans of one speaker never touch.
    """
    if not len(spans):
        return spans
    # Each speaker gets a time axis of his own, so that one order and one running maximum serve all.
    axis = spans.speaker * _axis_length(spans, pause_us)
    order = np.argsort(spans.start_us + axis)
    spans, axis = spans[order], axis[order]
    reach = np.maximum.accumulate(spans.end_us + axis)
    gap = spans.start_us[1:] + axis[1:] - reach[:-1]
    first = np.flatnonzero(np.concatenate(([True], gap >= max(pause_us, 1))))
    return Spans(
        spans.start_us[first],
        np.maximum.reduceat(spans.end_us, first),
        spans.speaker[first],
    )


def locate(spans: Spans, at_us: Ints, speaker: Ints) -> Ints:
    """Row of the span of that speaker which holds each moment, or -1.

    `spans` must be sorted by speaker and start and be disjoint within a speaker.
    """
    if not len(spans):
        return np.full(len(at_us), -1, dtype=np.int64)
    axis = max(_axis_length(spans, 1), int(at_us.max(initial=0)) + 2)
    keys = spans.start_us + spans.speaker * axis
    row = np.searchsorted(keys, at_us + speaker * axis, side="right") - 1
    held = (row >= 0) & (spans.speaker[row] == speaker) & (spans.end_us[row] >= at_us)
    return np.where(held, row, -1).astype(np.int64)


def assign(spans: Spans, at_us: Ints, speaker: Ints) -> Ints:
    """Row of the span of that speaker which began last at each moment, else of the first to come.

    -1 for a speaker without spans. `spans` must be sorted by speaker and start.
    """
    axis = max(int(spans.end_us.max(initial=0)), int(at_us.max(initial=0))) + 2
    keys = spans.start_us + spans.speaker * axis
    begun = np.searchsorted(keys, at_us + speaker * axis, side="right") - 1
    everyone = np.arange(-1, int(speaker.max(initial=-1)) + 2)
    first = np.searchsorted(spans.speaker, everyone)
    silent = first[:-1] == first[1:]
    return np.where(silent[speaker + 1], -1, np.maximum(begun, first[speaker + 1]))


def overlapping_pairs(spans: Spans) -> tuple[Ints, Ints]:
    """Rows `(first, second)` of all pairs that share some time; `first` starts no later."""
    order = np.argsort(spans.start_us, kind="stable")
    start, end = spans.start_us[order], spans.end_us[order]
    place = np.arange(len(order))
    followers = np.searchsorted(start, end, side="left") - place - 1
    first = np.repeat(place, followers)
    nth = np.arange(len(first)) - np.repeat(np.cumsum(followers) - followers, followers)
    return order[first], order[first + 1 + nth]


def crowded(spans: Spans, least: int) -> Spans:
    """Where at least `least` speakers talk at once, in order; `spans` must be a union."""
    times = np.concatenate((spans.start_us, spans.end_us))
    step = np.repeat(np.array([1, -1]), len(spans))
    order = np.argsort(times, kind="stable")
    times, level = times[order], np.cumsum(step[order])
    held = np.flatnonzero((level[:-1] >= least) & (times[:-1] < times[1:]))
    pieces = Spans(times[held], times[held + 1], np.zeros(len(held), dtype=np.int64))
    return bridge(pieces)


def covered_before(cover: Spans, at_us: Ints) -> Ints:
    """How much of the disjoint, sorted `cover` lies before each moment, in microseconds."""
    if not len(cover):
        return np.zeros(len(at_us), dtype=np.int64)
    total = np.concatenate(([0], np.cumsum(cover.length_us)))
    row = np.searchsorted(cover.start_us, at_us, side="right")
    beyond = np.maximum(cover.end_us[np.maximum(row - 1, 0)] - at_us, 0)
    return total[row] - np.where(row > 0, beyond, 0)


def covered_within(cover: Spans, spans: Spans) -> Ints:
    """How much of each span the disjoint, sorted `cover` covers, in microseconds."""
    return covered_before(cover, spans.end_us) - covered_before(cover, spans.start_us)


def split_at_every(spans: Spans, step_us: int) -> tuple[Spans, Ints]:
    """Cut spans at multiples of `step_us`; also the number of the step each piece lies in."""
    first, last = spans.start_us // step_us, (spans.end_us - 1) // step_us
    count = last - first + 1
    row = np.repeat(np.arange(len(spans)), count)
    step = first[row] + np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    start = np.maximum(spans.start_us[row], step * step_us)
    end = np.minimum(spans.end_us[row], (step + 1) * step_us)
    return Spans(start, end, spans.speaker[row]), step


def _axis_length(spans: Spans, margin_us: int) -> int:
    return int(spans.end_us.max()) + margin_us + 1
