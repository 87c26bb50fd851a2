"""Units, back-channels, turns and the passing of the floor, for all speakers at once.

Terms: inter-pausal unit (Bigi & Priego-Valverde 2019 and the works they cite), back-channel (Yngve
1970), floor transfer and within-speaker overlap (Heldner & Edlund 2010, Journal of Phonetics 38).
"""

from dataclasses import dataclass

import numpy as np

from debate_stats.timeline.intervals import (
    SECOND_US,
    Bools,
    Ints,
    Spans,
    assign,
    bridge,
    overlapping_pairs,
)

# Speech of one speaker is one unit as long as no pause reaches this.
UNIT_PAUSE_US = SECOND_US // 2
# A back-channel ("mhm", "yes, sure") is at most this long and has at most this many words.
BACKCHANNEL_US = SECOND_US
BACKCHANNEL_WORDS = 3


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """The units, sorted by speaker and start, and the turns they form, sorted likewise.

    `turn` holds for each unit the row of its turn, -1 for a back-channel. `hosts` pairs the row of
    each back-channel with the speaker in whose turn it lies; a unit may lie in two turns.
    `word_unit` holds for each word the row of the unit that its speaker began last before it.
    """

    units: Spans
    turn: Ints
    turns: Spans
    hosts: tuple[Ints, Ints]
    word_unit: Ints

    @property
    def is_backchannel(self) -> Bools:
        """For each unit whether it is a back-channel."""
        return self.turn < 0


def compute_turn_taking(speech: Spans, word_at_us: Ints, word_speaker: Ints) -> TurnTaking:
    """Find units, back-channels and turns in the speech of all speakers.

    Whether a short unit is a back-channel depends on the turns and the reverse; so the turns that
    can host one are built first, from the units that are too long to be back-channels.
    """
    units = bridge(speech, UNIT_PAUSE_US)
    word_unit = assign(units, word_at_us, word_speaker)
    hosts = _find_hosts(units, _is_short(units, word_at_us, word_unit))
    kept = np.ones(len(units), dtype=np.bool_)
    kept[hosts[0]] = False
    turn = np.full(len(units), -1, dtype=np.int64)
    turn[kept] = np.cumsum(_turn_starts(units[kept])) - 1
    return TurnTaking(units, turn, _join(units[kept], _turn_starts(units[kept])), hosts, word_unit)


def floor_transfers(turns: Spans) -> tuple[Ints, Ints]:
    """Rows `(before, after)` of the turns between which the floor passes, in order of time."""
    holders = floor_holders(turns)
    return holders[:-1], holders[1:]


def floor_holders(turns: Spans) -> Ints:
    """Rows of the turns that have the floor, in order of time.

    A turn that lies wholly inside another's never has the floor: its speaker talks over one who
    goes on (a within-speaker overlap), so nothing passes to or from it.
    """
    order = np.lexsort((turns.speaker, -turns.end_us, turns.start_us))
    end = turns.end_us[order]
    reach = np.concatenate(([np.int64(-1)], np.maximum.accumulate(end)[:-1]))
    return order[end > reach[: len(end)]]


def _is_short(units: Spans, word_at_us: Ints, word_unit: Ints) -> Bools:
    known = word_unit >= 0
    unit, at_us = word_unit[known], word_at_us[known]
    within = (units.start_us[unit] <= at_us) & (at_us <= units.end_us[unit])
    words = np.bincount(unit[within], minlength=len(units))
    return (units.length_us <= BACKCHANNEL_US) & (words <= BACKCHANNEL_WORDS)


def _turn_starts(units: Spans) -> Bools:
    """For each unit whether a new turn begins with it: in the silence before it another spoke.

    Counting all units that reach into the silence is enough, since none of the speaker's own does.
    """
    quiet_from, quiet_to = units.end_us[:-1], units.start_us[1:]
    begun = np.searchsorted(np.sort(units.start_us), quiet_to, side="left")
    ended = np.searchsorted(np.sort(units.end_us), quiet_from, side="right")
    changes = units.speaker[1:] != units.speaker[:-1]
    return np.concatenate((np.ones(min(1, len(units)), np.bool_), changes | (begun > ended)))


def _join(units: Spans, starts: Bools) -> Spans:
    first = np.flatnonzero(starts)
    last = np.append(first[1:], len(units))[: len(first)] - 1
    return Spans(units.start_us[first], units.end_us[last], units.speaker[first])


def _find_hosts(units: Spans, short: Bools) -> tuple[Ints, Ints]:
    """Rows of the short units inside another's turn, each with that turn's speaker."""
    turns = _join(units[~short], _turn_starts(units[~short]))
    rows = np.flatnonzero(short)
    both = Spans(
        np.concatenate((turns.start_us, units.start_us[rows])),
        np.concatenate((turns.end_us, units.end_us[rows])),
        np.concatenate((turns.speaker, units.speaker[rows])),
    )
    a, b = overlapping_pairs(both)
    host, guest = np.minimum(a, b), np.maximum(a, b)
    inside = (host < len(turns)) & (guest >= len(turns))
    inside &= (both.start_us[host] <= both.start_us[guest]) & (
        both.end_us[guest] <= both.end_us[host]
    )
    inside &= both.speaker[host] != both.speaker[guest]
    pairs = np.unique(
        np.stack((rows[guest[inside] - len(turns)], both.speaker[host[inside]])), axis=1
    )
    return pairs[0], pairs[1]
