"""Every figure that depends on time equals an independent computation on a grid of 1 ms."""

import pytest
from debates import transcripts
from hypothesis import given, settings
from oracle import Oracle
from timelines import assert_pairs_equal, by_speaker, compute


def oracle_of(obj):
    speech, words = {}, {}
    for one in obj["speech"]:
        span = (round(one["start"] * 1000), round(one["end"] * 1000))
        speech.setdefault(one["speaker"], []).append(span)
    for one in obj["transcription"]:
        for spoken in one["words"]:
            middle = (spoken["start"] + spoken["end"]) * 500
            words.setdefault(one["speaker"], []).append(middle)
    return Oracle(speech, words)


@settings(max_examples=150, deadline=None)
@given(transcripts())
def test_figures_of_speakers_equal_the_grid(obj):
    oracle, rows = oracle_of(obj), by_speaker(compute(obj))
    assert set(rows) == set(oracle.said)
    for name, row in rows.items():
        runs = oracle.turns[name]
        assert row.total_seconds == pytest.approx(oracle.seconds(name), abs=1e-9)
        assert row.overlap_seconds == pytest.approx(oracle.overlap(name), abs=1e-9)
        assert row.turn_count == len(runs)
        assert row.turn_seconds == pytest.approx(
            sum(run[-1].end - run[0].first for run in runs) / 1000, abs=1e-9
        )
        assert row.backchannels == sum(bool(unit.hosts) for unit in oracle.units[name])


@settings(max_examples=150, deadline=None)
@given(transcripts())
def test_figures_of_pairs_equal_the_grid(obj):
    assert_pairs_equal(oracle_of(obj), compute(obj))
