"""The interval algebra: spans of speaker 0 and 1, times in microseconds."""

import numpy as np
from debate_stats.timeline.intervals import (
    Spans,
    assign,
    bridge,
    covered_within,
    crowded,
    locate,
    overlapping_pairs,
    split_at_every,
)
from hypothesis import given
from hypothesis import strategies as st

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 15), st.integers(0, 2)), max_size=12)


def spans(*rows):
    """From (start, end, speaker)."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Spans(*columns)


def rows(found):
    columns = (found.start_us, found.end_us, found.speaker)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_a_union_joins_what_touches_and_keeps_speakers_and_gaps_apart():
    found = bridge(spans((5, 9, 0), (0, 5, 0), (11, 12, 0), (4, 20, 1), (6, 7, 1)))
    assert rows(found) == [(0, 9, 0), (11, 12, 0), (4, 20, 1)]


def test_a_gap_is_bridged_below_the_pause_and_not_at_it():
    assert rows(bridge(spans((0, 5, 0), (14, 20, 0)), 10)) == [(0, 20, 0)]
    assert rows(bridge(spans((0, 5, 0), (15, 20, 0)), 10)) == [(0, 5, 0), (15, 20, 0)]


def test_a_moment_lies_in_the_speakers_own_span_ends_included():
    held = spans((0, 5, 0), (10, 15, 0), (3, 12, 1))
    at, who = np.array([0, 5, 7, 15, 16, 2, 12, 4]), np.array([0, 0, 0, 0, 0, 1, 1, 2])
    assert locate(held, at, who).tolist() == [0, 0, -1, 1, -1, -1, 2, -1]


def test_a_moment_outside_goes_to_the_span_before_or_the_first():
    held = spans((5, 6, 0), (10, 15, 0), (3, 12, 1))
    at, who = np.array([0, 8, 99, 0, 4]), np.array([0, 0, 0, 1, 2])
    assert assign(held, at, who).tolist() == [0, 0, 1, 2, -1]


def grid(some, speaker=None):
    return {ms for start, end, who in some if speaker in (None, who) for ms in range(start, end)}


def as_rows(drawn):
    return [(start, start + length, who) for start, length, who in drawn]


@given(SPANS)
def test_unions_crowds_and_cover_equal_the_grid(drawn):
    some = as_rows(drawn)
    union = bridge(spans(*some))
    for who in range(3):
        assert grid(rows(union), who) == grid(some, who)
    level = [sum(ms in grid(some, who) for who in range(3)) for ms in range(60)]
    for least in (1, 2, 3):
        crowd = crowded(union, least)
        assert grid(rows(crowd)) == {ms for ms in range(60) if level[ms] >= least}
        covered = [len(grid([one]) & grid(rows(crowd))) for one in rows(union)]
        assert covered_within(crowd, union).tolist() == covered


@given(SPANS)
def test_pairs_are_all_that_share_time(drawn):
    some = as_rows(drawn)
    first, second = overlapping_pairs(spans(*some))
    found = {frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}
    places = range(len(some))
    assert found == {
        frozenset((a, b)) for a in places for b in range(a) if grid([some[a]]) & grid([some[b]])
    }
    assert all(some[a][0] <= some[b][0] for a, b in zip(first, second, strict=True))


@given(SPANS)
def test_pieces_lie_in_their_step_and_make_up_the_whole(drawn):
    some = as_rows(drawn)
    pieces, step = split_at_every(spans(*some), 7)
    assert sum(end - start for start, end, _ in rows(pieces)) == sum(e - s for s, e, _ in some)
    for (start, end, _), number in zip(rows(pieces), step.tolist(), strict=True):
        assert 7 * number <= start < end <= 7 * number + 7
