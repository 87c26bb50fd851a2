"""The intervals of shares and rates."""

import numpy as np
import pytest
from debates import transcripts
from hypothesis import given, settings
from timelines import by_speaker, compute, segment, transcript

COLUMNS = ("share_speaking_time", "share_words", "wpm", "articulation_rate")


def exchange(lengths, words="one two three four"):
    """A and B in turns, a second apart, each turn as long as told."""
    segments, at = [], 0.0
    for n, length in enumerate(lengths):
        segments.append(segment(at, at + length, "AB"[n % 2], words))
        at += length + 1
    return transcript(segments)


def test_equal_turns_leave_nothing_uncertain():
    row = by_speaker(compute(exchange([4.0] * 40)))["A"]
    assert row.wpm_low == row.wpm_high == row.wpm == 60.0
    assert row.share_speaking_time_low == row.share_speaking_time_high == 0.5


def test_the_width_is_that_of_the_sum_of_the_drawn_turns():
    # A: 40 turns of 2 or 6 s (deviation 2), B: 40 of 4 s; the derivative of a / (a + b) by a is
    # b / (a + b)^2
    row = by_speaker(compute(exchange([2.0, 4.0, 6.0, 4.0] * 20)))["A"]
    deviation = 2 * np.sqrt(40) * 160 / 320**2
    assert width(row, "share_speaking_time") == pytest.approx(2 * 1.645 * deviation, rel=0.15)


def test_more_turns_make_intervals_narrower():
    few, many = (by_speaker(compute(exchange([2.0, 4.0, 6.0] * n)))["A"] for n in (8, 80))
    for column in ("share_speaking_time", "wpm"):
        assert width(many, column) < width(few, column) / 2


def width(row, column):
    return getattr(row, f"{column}_high") - getattr(row, f"{column}_low")


def test_too_few_turns_have_no_interval():
    rows = by_speaker(compute(exchange([4.0] * 8)))
    assert {getattr(rows["A"], f"{column}_low") for column in COLUMNS} == {None}


def test_backchannels_are_no_turns_that_could_vary():
    # B's single turn comes after A's, in which B has encouraged A six times
    encouraged = [segment(2 * n + 1, 2 * n + 1.5, "B", "mhm") for n in range(6)]
    obj = transcript([segment(0, 20, "A", "one"), *encouraged, segment(21, 25, "B", "two")])
    row = by_speaker(compute(obj))["B"]
    assert (row.turn_count, row.backchannels) == (1, 6)
    assert row.wpm_low is None


def test_the_intervals_cover_the_truth_as_often_as_they_say():
    """200 debates from a process whose share is known: about 90 % of the intervals hold it."""
    held = 0
    for seed in range(200):
        lengths = np.random.default_rng(seed).gamma(2.0, [3.0, 1.5] * 30)
        row = by_speaker(compute(exchange(np.round(lengths + 1.1, 3).tolist(), "")))["A"]
        truth = (6.0 + 1.1) / (6.0 + 1.1 + 3.0 + 1.1)
        held += row.share_speaking_time_low <= truth <= row.share_speaking_time_high
    assert 0.82 <= held / 200 <= 0.96


@settings(max_examples=100, deadline=None)
@given(transcripts())
def test_bounds_are_in_order_and_shares_stay_shares(obj):
    for row in compute(obj).speakers:
        for column in COLUMNS:
            low, high = getattr(row, f"{column}_low"), getattr(row, f"{column}_high")
            assert (low is None) == (high is None)
            assert low is None or 0 <= low <= high
        assert (row.share_speaking_time_high or 0) <= 1
