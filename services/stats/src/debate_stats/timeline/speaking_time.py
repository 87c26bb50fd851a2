"""Speaking time and what it is made of, in microseconds per speaker."""

from dataclasses import dataclass

import numpy as np

from debate_stats.timeline.intervals import (
    SECOND_US,
    Ints,
    Spans,
    bridge,
    covered_within,
    crowded,
    locate,
    split_at_every,
)

# Silence between two words shorter than this belongs to articulation (Goldman-Eisler 1968; De Jong
# & Bosker 2013, who find 0.25 s the best threshold).
ARTICULATION_PAUSE_US = SECOND_US // 4
FLOOR_TIME_STEP_US = 60 * SECOND_US


@dataclass(frozen=True, slots=True)
class Together:
    """Time in which anyone known speaks, two or more of them do, only somebody unknown does."""

    speech_us: int
    overlap_us: int
    unattributed_us: int


def sum_by_speaker(values: Ints, speaker: Ints, speakers: int) -> Ints:
    """Sum of the values of each speaker, exact: below 285 years a float holds every microsecond."""
    return np.bincount(speaker, values, speakers).astype(np.int64)


def compute_overlap(speech: Spans, speakers: int) -> Ints:
    """How long each speaks while at least one other does; `speech` must be a union."""
    return sum_by_speaker(covered_within(crowded(speech, 2), speech), speech.speaker, speakers)


def compute_together(speech: Spans, unknown: Spans) -> Together:
    """Totals over all speakers; `unknown` is speech that nobody is known for."""
    anyone = crowded(speech, 1)
    strangers = bridge(unknown)
    alone = strangers.length_us.sum() - covered_within(anyone, strangers).sum()
    overlap = crowded(speech, 2).length_us.sum()
    return Together(int(anyone.length_us.sum()), int(overlap), int(alone))


def find_runs(words: Spans) -> Spans:
    """Runs of words without a pause between, from the times of single words."""
    return bridge(words, ARTICULATION_PAUSE_US)


def compute_pauses(runs: Spans, turns: Spans, defects: Spans, speakers: int) -> Ints:
    """Time of the pauses between runs of words within the speaker's own turns.

    What of it is a defect of the recording is no pause; `defects` must be a union.
    """
    before, after = runs[:-1], runs[1:]
    turn = locate(turns, before.end_us, before.speaker)
    same = (turn >= 0) & (turn == locate(turns, after.start_us, after.speaker))
    silence = Spans(before.end_us[same], after.start_us[same], before.speaker[same])
    heard = silence.length_us - covered_within(defects, silence)
    return sum_by_speaker(heard, silence.speaker, speakers)


def compute_turn_time(turns: Spans, defects: Spans, speakers: int) -> Ints:
    """Length of each speaker's turns, without what is a defect of the recording."""
    heard = turns.length_us - covered_within(defects, turns)
    return sum_by_speaker(heard, turns.speaker, speakers)


def compute_floor_time(speech: Spans, speakers: int) -> Ints:
    """Speaking time per speaker (rows) and minute of the recording (columns)."""
    pieces, minute = split_at_every(speech, FLOOR_TIME_STEP_US)
    table = np.zeros((speakers, int(minute.max(initial=-1)) + 1), dtype=np.int64)
    np.add.at(table, (pieces.speaker, minute), pieces.length_us)
    return table
