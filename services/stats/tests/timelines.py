"""Debates drawn as text: one line per speaker, `=` speaks, one character is a quarter second.

    A  ========....====
    B  ......====......

Anything but `=` is silence. Each run of `=` becomes a `speech` interval and a segment whose text is
taken, in order, from `said`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from debate_stats import Statistics, compute_statistics, parse_transcript

STEP = 0.25


def draw(picture: str, said: Mapping[str, Iterable[str]] | None = None) -> dict[str, Any]:
    texts = {name: iter(lines) for name, lines in (said or {}).items()}
    segments = []
    for line in picture.strip().splitlines():
        name, track = re.fullmatch(r"\s*(\S+) {2}(.*)", line).groups()
        for run in re.finditer("=+", track):
            text = next(texts.get(name, iter(())), "")
            segments.append(segment(run.start() * STEP, run.end() * STEP, name, text))
    return transcript(sorted(segments, key=lambda one: one["start"]))


def transcript(segments: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    speech = [{key: one[key] for key in ("start", "end", "speaker")} for one in segments]
    return {"schema_version": "1.0", "transcription": segments, "speech": speech} | fields


def segment(start: float, end: float, speaker: str, text: str = "") -> dict[str, Any]:
    """A segment whose words share its time evenly and are spelled as Whisper does."""
    words = text.split()
    step = (end - start) / max(len(words), 1)
    return {
        "start": start,
        "end": end,
        "speaker": speaker,
        "text": " ".join(words),
        "words": [
            word(start + n * step, start + (n + 1) * step, f" {text}")
            for n, text in enumerate(words)
        ],
    }


def word(start: float, end: float, text: str, probability: float = 0.9) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, "probability": probability}


def compute(obj: Mapping[str, Any], people: Mapping[str, str | None] | None = None) -> Statistics:
    return compute_statistics(parse_transcript(obj), people)


def by_speaker(statistics: Statistics) -> dict[str, Any]:
    return {row.speaker_id_in_transcript: row for row in statistics.speakers}


def by_pair(statistics: Statistics) -> dict[tuple[str, str], Any]:
    return {(row.from_speaker, row.to_speaker): row for row in statistics.interactions}


def assert_pairs_equal(oracle, statistics):
    """Everything that passes between two speakers is what the grid says."""
    expected, rows = oracle.pairs(), by_pair(statistics)
    assert set(rows) == set(expected)
    for pair, row in rows.items():
        transitions, cuts, overlap, latency, backchannels = expected[pair]
        assert row.transitions == transitions
        assert list(row.interruption_times) == pytest.approx(cuts)
        assert row.overlap_seconds == pytest.approx(overlap, abs=1e-9)
        assert row.latency_median_sec == (latency if latency is None else pytest.approx(latency))
        assert list(row.backchannel_times) == pytest.approx(backchannels)
