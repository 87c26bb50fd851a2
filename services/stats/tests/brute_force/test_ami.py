"""Real conversations with much overlap: the AMI turns in data/ami, against the 1 ms grid."""

from pathlib import Path

import pytest
from oracle import Oracle
from timelines import by_pair, by_speaker, compute

CLIPS = sorted((Path(__file__).parent / "data" / "ami").glob("*.rttm"))


def read_rttm(path):
    rows = [line.split() for line in path.read_text().splitlines() if line.startswith("SPEAKER")]
    return [
        {"start": float(row[3]), "end": float(row[3]) + float(row[4]), "speaker": row[7]}
        for row in rows
    ]


def test_there_are_clips():
    assert len(CLIPS) == 6


@pytest.mark.parametrize("clip", CLIPS, ids=lambda clip: clip.stem)
def test_every_figure_equals_the_grid(clip):
    speech = read_rttm(clip)
    spans = {}
    for one in speech:
        milliseconds = (round(one["start"] * 1000), round(one["end"] * 1000))
        spans.setdefault(one["speaker"], []).append(milliseconds)
    oracle = Oracle(spans, {})
    statistics = compute({"schema_version": "1.0", "transcription": [], "speech": speech})

    for name, row in by_speaker(statistics).items():
        assert row.total_seconds == pytest.approx(oracle.seconds(name), abs=1e-9)
        assert row.overlap_seconds == pytest.approx(oracle.overlap(name), abs=1e-9)
        assert row.turn_count == len(oracle.turns[name])
        assert row.backchannels == sum(bool(unit.hosts) for unit in oracle.units[name])
    expected, rows = oracle.pairs(), by_pair(statistics)
    assert set(rows) == set(expected)
    for pair, row in rows.items():
        transitions, cuts, overlap, latency, backchannels = expected[pair]
        assert (row.transitions, row.interruption_times) == (transitions, tuple(cuts))
        assert row.overlap_seconds == pytest.approx(overlap, abs=1e-9)
        assert row.latency_median_sec == (latency if latency is None else pytest.approx(latency))
        assert row.backchannel_times == tuple(backchannels)
