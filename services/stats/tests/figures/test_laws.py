"""Laws that hold for every debate."""

import copy
from dataclasses import asdict, replace

import pytest
from debates import NAMES, transcripts
from hypothesis import given, settings
from hypothesis import strategies as st
from timelines import compute

law = settings(max_examples=100, deadline=None)

# What counts segments or measures them changes when one is cut in two; nothing else may.
OF_SEGMENTS = {
    "segment_count",
    "avg_segment_duration_sec",
    "median_segment_duration_sec",
    "shortest_talk_sec",
    "longest_talk_sec",
    "avg_turn_length_segments",
    "turn_segments",
}


def moved(obj, seconds):
    """The same debate, later in its recording; times stay whole milliseconds."""
    result = copy.deepcopy(obj)
    words = [word for one in result["transcription"] for word in one["words"]]
    for timed in (*result["transcription"], *result["speech"], *words):
        for key in ("start", "end"):
            timed[key] = round(timed[key] * 1000 + seconds * 1000) / 1000
    return result


def renamed(obj, names):
    result = copy.deepcopy(obj)
    for one in (*result["transcription"], *result["speech"]):
        one["speaker"] = names[one["speaker"]]
    return result


def figures(statistics):
    """All but what a mapping records about itself."""
    return replace(
        statistics,
        speakers=tuple(replace(row, labels=()) for row in statistics.speakers),
        totals=replace(statistics.totals, speakers_reviewed=False),
    )


@law
@given(transcripts())
def test_shares_add_up_to_one(obj):
    rows = compute(obj).speakers
    for column in ("share_speaking_time", "share_words"):
        shares = [getattr(row, column) for row in rows]
        assert None in shares or not shares or sum(shares) == pytest.approx(1)


@law
@given(transcripts())
def test_nobody_speaks_longer_than_all_together_nor_all_than_the_recording(obj):
    statistics = compute(obj)
    totals = statistics.totals
    last = max((one["end"] for one in obj["speech"]), default=0)
    assert totals.speech_seconds <= last + 1e-9
    assert totals.overlap_seconds <= totals.speech_seconds <= totals.total_seconds
    for row in statistics.speakers:
        assert row.overlap_seconds <= row.total_seconds <= totals.speech_seconds
        assert row.total_seconds <= row.turn_seconds + row.backchannels + 1e-9


@law
@given(transcripts())
def test_minutes_add_up_to_speaking_time(obj):
    statistics = compute(obj)
    for row in statistics.speakers:
        minutes = statistics.floor_time.seconds[row.speaker_id_in_transcript]
        assert sum(minutes) == pytest.approx(row.total_seconds)
        assert all(0 <= seconds <= 60 for seconds in minutes)


@law
@given(transcripts(), st.permutations(NAMES))
def test_other_names_for_the_labels_change_nothing_but_the_names(obj, names):
    other = dict(zip(NAMES, names, strict=True))
    assert figures(compute(renamed(obj, other))) == figures(compute(obj, other))


@law
@given(transcripts(), st.integers(1, 100_000))
def test_when_the_debate_begins_does_not_matter(obj, seconds):
    here, later = compute(obj), compute(moved(obj, seconds))
    assert later.speakers == here.speakers
    assert replace(later.totals, duration=None) == replace(here.totals, duration=None)
    without_times = [
        [
            (
                r.from_speaker,
                r.to_speaker,
                r.transitions,
                r.interruptions,
                r.overlap_seconds,
                r.latencies_sec,
            )
            for r in statistics.interactions
        ]
        for statistics in (here, later)
    ]
    assert without_times[0] == without_times[1]


@law
@given(transcripts(), st.data())
def test_cutting_an_interval_of_speech_in_two_changes_nothing(obj, data):
    cut = copy.deepcopy(obj)
    long = [one for one in cut["speech"] if one["end"] - one["start"] > 0.002]
    if long:
        one = data.draw(st.sampled_from(long))
        at = (
            data.draw(st.integers(round(one["start"] * 1000) + 1, round(one["end"] * 1000) - 1))
            / 1000
        )
        cut["speech"].append(dict(one, start=at))
        one["end"] = at
    assert compute(cut) == compute(obj)


@law
@given(transcripts(), st.data())
def test_cutting_a_segment_in_two_changes_only_what_is_counted_in_segments(obj, data):
    cut = copy.deepcopy(obj)
    long = [n for n, one in enumerate(cut["transcription"]) if len(one["words"]) > 1]
    if long:
        cut_segment(cut["transcription"], data.draw(st.sampled_from(long)), data)
    before, after = asdict(compute(obj)), asdict(compute(cut))
    for statistics in (before, after):
        statistics["totals"].pop("segment_count")
        for row in statistics["speakers"]:
            for column in OF_SEGMENTS:
                row.pop(column)
    assert after == before


def cut_segment(segments, n, data):
    one = segments[n]
    k = data.draw(st.integers(1, len(one["words"]) - 1))
    parts = [one["words"][:k], one["words"][k:]]
    middle = one["words"][k]["start"]
    texts = ["".join(word["word"] for word in part).strip() for part in parts]
    segments[n : n + 1] = [
        dict(one, end=middle, words=parts[0], text=texts[0]),
        dict(one, start=middle, words=parts[1], text=texts[1]),
    ]


@law
@given(transcripts(NAMES[:3]))
def test_two_labels_of_one_person_are_as_one_label_from_the_start(obj):
    person = {"SPEAKER_00": "ann", "SPEAKER_01": "ann", "SPEAKER_02": "ben"}
    assert figures(compute(obj, person)) == figures(compute(renamed(obj, person)))


@law
@given(transcripts())
def test_row_and_column_sums_of_the_matrix_are_the_speakers_figures(obj):
    statistics = compute(obj)
    totals = statistics.totals
    for row in statistics.speakers:
        name = row.speaker_id_in_transcript
        into = [one for one in statistics.interactions if one.to_speaker == name]
        out_of = [one for one in statistics.interactions if one.from_speaker == name]
        assert row.interruptions_made == sum(one.interruptions for one in into)
        assert row.interruptions_received == sum(one.interruptions for one in out_of)
        assert len(row.response_latencies_sec) == sum(one.transitions for one in into)
    assert totals.transitions == sum(one.transitions for one in statistics.interactions)
    assert totals.turn_count == sum(row.turn_count for row in statistics.speakers)
