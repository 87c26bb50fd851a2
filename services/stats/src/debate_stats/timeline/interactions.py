"""Who follows, cuts short, talks over and encourages whom: one row per ordered pair of speakers.

A row reads in the direction in which the floor passes: `before` has it, `after` comes next.
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from debate_stats.figures.records import Interaction
from debate_stats.timeline.intervals import (
    SECOND_US,
    Bools,
    Ints,
    Spans,
    overlapping_pairs,
)
from debate_stats.timeline.turns import TurnTaking, floor_transfers

# Who cuts in must go on for this long after the other has stopped.
FLOOR_HELD_US = SECOND_US

# Times and values of the events of one ordered pair, in microseconds.
_Cell = tuple[list[int], list[int]]
_NOTHING: _Cell = ([], [])


@dataclass(frozen=True, slots=True)
class Events:
    """Things that happen from one speaker to the next: columns of equal length.

    `value_us` is a latency, an overlap's length or nothing, by the kind of event.
    """

    before: Ints
    after: Ints
    at_us: Ints
    value_us: Ints

    def __len__(self) -> int:
        return len(self.at_us)

    def __getitem__(self, rows: Bools) -> "Events":
        return Events(self.before[rows], self.after[rows], self.at_us[rows], self.value_us[rows])

    def by_pair(self) -> dict[tuple[int, int], _Cell]:
        """Times and values of each ordered pair that has any, in order of time."""
        order = np.lexsort((self.at_us, self.after, self.before))
        before, after = self.before[order], self.after[order]
        new = (np.diff(before, prepend=-1) != 0) | (np.diff(after, prepend=-1) != 0)
        first = np.flatnonzero(new)
        times, values = self.at_us[order].tolist(), self.value_us[order].tolist()
        bounds = pairwise((*first.tolist(), len(times)))
        cells = [(times[start:end], values[start:end]) for start, end in bounds]
        return dict(
            zip(zip(before[first].tolist(), after[first].tolist(), strict=True), cells, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Interactions:
    """All events between the speakers of a debate, by kind.

    `responses` are the transitions of which the latency is known: none of the silence before them
    is a defect of the recording, in which anybody may have spoken.
    """

    transitions: Events
    responses: Events
    interruptions: Events
    overlaps: Events
    backchannels: Events


def find_interactions(speech: Spans, taking: TurnTaking, defects: Spans) -> Interactions:
    """Find the events of every kind; `speech` and `defects` must be unions."""
    transitions = find_transitions(taking.turns)
    return Interactions(
        transitions=transitions,
        responses=transitions[~_across(defects, transitions)],
        interruptions=find_interruptions(taking),
        overlaps=find_overlaps(speech),
        backchannels=find_backchannels(taking),
    )


def compute_interactions(
    events: Interactions, names: tuple[str, ...], *, overlaps_known: bool
) -> tuple[Interaction, ...]:
    """One row for each ordered pair of speakers that ever adjoin or overlap."""
    transitions, interruptions = events.transitions.by_pair(), events.interruptions.by_pair()
    responses = events.responses.by_pair()
    overlaps, backchannels = events.overlaps.by_pair(), events.backchannels.by_pair()
    kinds = (transitions, interruptions, overlaps, backchannels)
    pairs = sorted(set().union(*kinds))
    return tuple(
        _row(
            (names[a], names[b]),
            *(kind.get((a, b), _NOTHING) for kind in kinds),
            latencies=responses.get((a, b), _NOTHING)[1],
            overlaps_known=overlaps_known,
        )
        for a, b in pairs
    )


def _row(
    pair: tuple[str, str],
    passed: _Cell,
    cut: _Cell,
    overlap: _Cell,
    backchannel: _Cell,
    *,
    latencies: list[int],
    overlaps_known: bool,
) -> Interaction:
    return Interaction(
        from_speaker=pair[0],
        to_speaker=pair[1],
        transitions=len(passed[0]),
        interruptions=len(cut[0]) if overlaps_known else None,
        overlap_seconds=sum(overlap[1]) / SECOND_US if overlaps_known else None,
        latency_median_sec=_median(latencies),
        latency_mad_sec=_deviation(latencies),
        evidence=_seconds(sorted({*passed[0], *cut[0], *overlap[0], *backchannel[0]})),
        backchannels=len(backchannel[0]),
        transition_times=_seconds(passed[0]),
        interruption_times=_seconds(cut[0]),
        overlap_times=_seconds(overlap[0]),
        backchannel_times=_seconds(backchannel[0]),
        latencies_sec=_seconds(latencies),
    )


def _seconds(values_us: list[int]) -> tuple[float, ...]:
    return tuple([value / SECOND_US for value in values_us])


def _median(values_us: list[int]) -> float | None:
    return median(values_us) / SECOND_US if values_us else None


def _deviation(values_us: list[int]) -> float | None:
    """Median absolute deviation from the median, unscaled."""
    if not values_us:
        return None
    middle = median(values_us)
    return median([abs(value - middle) for value in values_us]) / SECOND_US


def _across(defects: Spans, transitions: Events) -> Bools:
    """For each transition whether a part of the silence before it is a defect."""
    quiet = np.maximum(transitions.value_us, 0)
    ended = np.searchsorted(defects.end_us, transitions.at_us - quiet, side="right")
    begun = np.searchsorted(defects.start_us, transitions.at_us, side="left")
    return (begun > ended) & (quiet > 0)


def find_transitions(turns: Spans) -> Events:
    """The floor passes from one turn to the next; the value is the latency, negative in overlap."""
    before, after = floor_transfers(turns)
    latency = turns.start_us[after] - turns.end_us[before]
    return Events(turns.speaker[before], turns.speaker[after], turns.start_us[after], latency)


def find_interruptions(taking: TurnTaking) -> Events:
    """`after` starts while `before` speaks, `before` stops first, `after` then holds the floor.

    The floor is held from the stop until the end of the turn; back-channels neither interrupt nor
    can be interrupted. One who cuts two others short makes two interruptions.
    """
    rows = np.flatnonzero(~taking.is_backchannel)
    units = taking.units[rows]
    turn_end = taking.turns.end_us[taking.turn[rows]]
    first, second = overlapping_pairs(units)
    stop = units.end_us[first]
    cuts = (units.start_us[first] < units.start_us[second]) & (stop < units.end_us[second])
    cuts &= turn_end[second] - stop >= FLOOR_HELD_US
    cuts &= units.speaker[first] != units.speaker[second]
    first, second = first[cuts], second[cuts]
    at = units.start_us[second]
    return Events(units.speaker[first], units.speaker[second], at, np.zeros_like(at))


def find_overlaps(speech: Spans) -> Events:
    """Every stretch of two speakers talking at once, in both directions; the value is its length.

    `speech` must be a union.
    """
    first, second = overlapping_pairs(speech)
    at = speech.start_us[second]
    length = np.minimum(speech.end_us[first], speech.end_us[second]) - at
    one, other = speech.speaker[first], speech.speaker[second]
    return Events(
        np.concatenate((one, other)),
        np.concatenate((other, one)),
        np.concatenate((at, at)),
        np.concatenate((length, length)),
    )


def find_backchannels(taking: TurnTaking) -> Events:
    """`after` encourages `before` inside the turn of `before`; the value is the unit's length."""
    row, host = taking.hosts
    units = taking.units[row]
    return Events(host, units.speaker, units.start_us, units.length_us)
