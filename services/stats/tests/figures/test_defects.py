"""Silence that is a defect of the recording is no pause, no response time and no part of a turn."""

import pytest
from debate_stats import BadTranscript
from timelines import by_pair, by_speaker, compute, draw

# A stops at 2 s, B answers at 4.5 s.
ANSWER = """
A  ========................====
B  ..................======....
"""
ALONE = """
A  ========..........========..
"""
HOLE = {"defects": [{"start": 2.2, "end": 4.4, "kind": "missing"}]}


def test_a_floor_that_passes_across_a_hole_has_no_response_time():
    whole, holed = compute(draw(ANSWER)), compute(draw(ANSWER) | HOLE)

    assert by_pair(whole)["A", "B"].latencies_sec != ()
    passed = by_pair(holed)["A", "B"]
    assert (passed.transitions, passed.latencies_sec, passed.latency_median_sec) == (1, (), None)
    assert by_speaker(holed)["B"].response_latencies_sec == ()


def test_other_response_times_stay():
    whole, holed = compute(draw(ANSWER)), compute(draw(ANSWER) | HOLE)

    assert by_pair(holed)["B", "A"] == by_pair(whole)["B", "A"]


def test_a_hole_is_no_pause_and_no_part_of_the_turn_around_it():
    drawn = draw(ALONE, {"A": ["so it is", "and so on"]})
    whole, holed = (by_speaker(compute(one))["A"] for one in (drawn, drawn | HOLE))

    assert (holed.turn_count, holed.total_seconds) == (whole.turn_count, whole.total_seconds)
    assert whole.turn_seconds - holed.turn_seconds == pytest.approx(2.2)
    assert whole.pause_seconds - holed.pause_seconds == pytest.approx(2.2)


@pytest.mark.parametrize("defects", [None, []])
def test_a_recording_without_defects_or_of_which_nobody_knows_is_as_before(defects):
    assert compute(draw(ANSWER) | {"defects": defects}) == compute(draw(ANSWER))


def test_a_hole_that_ends_where_speech_begins_counts_and_one_that_follows_does_not():
    silence = {"defects": [{"start": 4.0, "end": 4.5, "kind": "damaged"}]}
    speech = {"defects": [{"start": 4.5, "end": 5.5, "kind": "damaged"}]}

    assert by_pair(compute(draw(ANSWER) | silence))["A", "B"].latencies_sec == ()
    assert by_pair(compute(draw(ANSWER) | speech))["A", "B"].latencies_sec != ()


def test_a_defect_without_times_is_refused_by_name():
    with pytest.raises(BadTranscript, match=r"defects\[0\]"):
        compute(draw(ANSWER) | {"defects": [{"end": 1.0, "kind": "missing"}]})
