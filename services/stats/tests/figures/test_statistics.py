"""The columns that are not about turn-taking, checked to exact numbers."""

import math
from dataclasses import asdict

import pytest
from timelines import by_speaker, compute, draw, segment, transcript, word


def test_times_words_and_shares():
    rows = by_speaker(
        compute(
            transcript(
                [
                    segment(0, 6, "A", "one two three four five six"),
                    segment(6, 9, "B", "one two three"),
                    segment(9, 10, "A", "one two three"),
                ]
            )
        )
    )
    a, b = rows["A"], rows["B"]
    assert (a.total_seconds, b.total_seconds) == (7.0, 3.0)
    assert (a.share_speaking_time, b.share_speaking_time) == (0.7, 0.3)
    assert (a.word_count, b.word_count) == (9, 3)
    assert (a.share_words, b.share_words) == (0.75, 0.25)
    assert (a.wpm, b.wpm) == (9 * 60 / 7, 60.0)
    assert (a.segment_count, a.avg_segment_duration_sec, a.median_segment_duration_sec) == (
        2,
        3.5,
        3.5,
    )
    assert (a.shortest_talk_sec, a.longest_talk_sec) == (1.0, 6.0)
    assert (a.is_first_speaker, a.is_last_speaker) == (True, True)
    assert (b.is_first_speaker, b.is_last_speaker) == (False, False)


def test_speaking_time_comes_from_the_diarization_and_pauses_are_none():
    obj = transcript([segment(0, 10, "A", "one two")])
    obj["speech"] = [
        {"start": 0, "end": 3, "speaker": "A"},
        {"start": 2, "end": 4, "speaker": "A"},
        {"start": 8, "end": 10, "speaker": "A"},
    ]
    row = by_speaker(compute(obj))["A"]
    assert row.total_seconds == 6.0
    assert row.segment_seconds == 10.0
    assert row.wpm == 20.0


def test_articulation_leaves_out_pauses_of_a_quarter_second_and_more():
    words = [
        word(0, 1, " one"),
        word(1.24, 2, " two"),
        word(2.25, 3, " three"),
        word(4, 5, " four"),
    ]
    one = segment(0, 5, "A", "x") | {"text": "one two three four", "words": words}
    row = by_speaker(compute(transcript([one])))["A"]
    assert row.articulation_seconds == pytest.approx(2 + 0.75 + 1)
    assert row.pause_seconds == pytest.approx(0.25 + 1)
    assert row.articulation_rate == pytest.approx(4 * 60 / 3.75)
    assert row.wpm == 4 * 60 / 5


def test_silence_between_two_turns_is_no_pause_of_the_speaker():
    picture = """
    A  ========............========
    B  ........============........
    """
    rows = by_speaker(compute(draw(picture, {"A": ["one two"] * 2, "B": ["one two three four"]})))
    assert rows["A"].pause_seconds == 0.0


def test_silence_between_words_outside_any_turn_is_no_pause():
    obj = transcript([segment(0, 2, "A", "one two"), segment(5, 9, "A", "three")])
    obj["speech"] = [{"start": 20, "end": 30, "speaker": "A"}]
    assert by_speaker(compute(obj))["A"].pause_seconds == 0.0


def test_the_last_speaker_is_whose_speech_ends_last():
    rows = by_speaker(
        compute(
            draw("""
    A  ======..........===....
    B  ....==============.....
    C  ..........=============
    """)
        )
    )
    assert [rows[name].is_first_speaker for name in "ABC"] == [True, False, False]
    assert [rows[name].is_last_speaker for name in "ABC"] == [False, False, True]


def test_a_label_with_segments_but_no_speech_has_undefined_rates():
    obj = transcript([segment(0, 2, "A", "one two"), segment(2, 4, "B", "one")])
    obj["speech"] = obj["speech"][:1]
    row = by_speaker(compute(obj))["B"]
    assert (row.total_seconds, row.word_count, row.turn_count) == (0.0, 1, 0)
    assert (row.wpm, row.avg_turn_length_sec, row.response_latency_median_sec) == (None, None, None)


def test_words_and_speech_of_nobody_are_no_row_but_are_reported():
    obj = transcript(
        [
            segment(0, 6, "A", "one two three"),
            segment(5, 8, "SPEAKER_UNKNOWN", "one"),
            {"start": 8.0, "end": 9.0, "speaker": None, "text": "two three"},
        ]
    )
    obj["speech"] = obj["speech"][:1]
    statistics = compute(obj)
    assert [row.speaker_id_in_transcript for row in statistics.speakers] == ["A"]
    assert statistics.speakers[0].share_words == 1.0
    totals = statistics.totals
    assert (totals.total_words, totals.unattributed_words) == (6, 3)
    assert totals.share_unattributed_words == 0.5
    assert (totals.speech_seconds, totals.unattributed_seconds) == (6.0, 3.0)
    assert totals.share_unattributed_speech == pytest.approx(3 / 9)


def test_floor_time_falls_into_the_minutes_of_the_recording():
    speech = [segment(50, 130, "A"), segment(130, 140, "B")]
    floor = compute(transcript(speech)).floor_time
    assert floor.bin_seconds == 60
    assert floor.seconds == {"A": (10.0, 60.0, 10.0), "B": (0.0, 0.0, 10.0)}


def test_rows_come_in_order_of_the_first_words():
    speech = [segment(9, 12, "A"), segment(4, 6, "C"), segment(0, 2, "B")]
    rows = compute(transcript(speech)).speakers
    assert [row.speaker_id_in_transcript for row in rows] == ["B", "C", "A"]


def test_a_label_that_is_mapped_to_nobody_stays_a_label():
    obj = transcript([segment(0, 2, "A"), segment(2, 4, "B")])
    statistics = compute(obj, {"A": "ann", "B": None})
    assert [row.speaker_id_in_transcript for row in statistics.speakers] == ["ann", "B"]
    assert statistics.totals.speakers_reviewed


def test_an_empty_transcript_has_no_rows_and_no_made_up_figures():
    statistics = compute(transcript([], duration=30.0))
    assert (statistics.speakers, statistics.interactions) == ((), ())
    assert statistics.totals.duration == 30.0
    assert statistics.totals.share_unattributed_speech is None
    assert statistics.floor_time.seconds == {}


def test_one_speaker_alone():
    (row,) = compute(transcript([segment(0, 2, "A", "one two")])).speakers
    assert row.share_speaking_time == 1.0
    assert row.response_latency_median_sec is None
    assert row.is_first_speaker
    assert row.is_last_speaker


def test_five_hundred_speakers_in_a_day_of_recording():
    one_after_another = [
        segment(n * 172.8, n * 172.8 + 100, f"SPEAKER_{n:03d}", "one two") for n in range(500)
    ]
    statistics = compute(transcript(one_after_another, duration=86_400.0))
    assert len(statistics.speakers) == 500
    assert statistics.totals.transitions == 499
    assert sum(row.share_speaking_time for row in statistics.speakers) == pytest.approx(1)
    assert {row.total_seconds for row in statistics.speakers} == {100.0}


def test_a_hundred_speakers_at_once():
    statistics = compute(transcript([segment(0, 100, f"S{n}") for n in range(100)]))
    assert statistics.totals.overlap_seconds == 100.0
    assert len(statistics.interactions) == 100 * 99
    assert {row.interruptions_made for row in statistics.speakers} == {0}


def test_no_figure_is_ever_not_a_number():
    def numbers(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list | tuple):
            return [number for one in value for number in numbers(one)]
        return [value] if isinstance(value, float) else []

    obj = transcript(
        [segment(0, 0, "A", "one"), segment(1, 3, "B"), segment(3, 3, "SPEAKER_UNKNOWN")]
    )
    assert all(math.isfinite(number) for number in numbers(asdict(compute(obj))))
