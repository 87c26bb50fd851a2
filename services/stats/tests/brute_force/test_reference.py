"""Whole recordings against brute force: a grid of milliseconds, one bit for each."""

import pytest
import regex
from oracle import Oracle
from recordings import NOBODY, all_recordings
from timelines import assert_pairs_equal, by_pair, by_speaker, compute

WINDOW = 60_000
WORD = regex.compile(r"(?w)\b(?=\w).+?\b")

recordings = pytest.mark.parametrize("recording", all_recordings(), ids=lambda one: one.name)


def grid_of(recording):
    """For each speaker the milliseconds of speech, as the bits of a number."""
    grid = {}
    for who, start, end in recording.speech:
        grid[who] = grid.get(who, 0) | ((1 << end - start) - 1) << start
    return grid


def seconds(bits):
    return pytest.approx(bits.bit_count() / 1000, abs=1e-9)


@recordings
def test_speaking_time_overlap_and_words_equal_the_grid(recording):
    statistics, grid = compute(recording.transcript()), grid_of(recording)
    rows = by_speaker(statistics)
    assert set(rows) >= set(grid)
    anyone = twice = 0
    for own in grid.values():
        anyone, twice = anyone | own, twice | anyone & own
    for who, own in grid.items():
        others = 0
        for other in grid.keys() - {who}:
            others |= grid[other]
        assert rows[who].total_seconds == seconds(own)
        assert rows[who].overlap_seconds == seconds(own & others)
        said = [word[3] for word in recording.words if word[0] == who]
        assert rows[who].word_count == sum(len(WORD.findall(text)) for text in said)
        minutes = statistics.floor_time.seconds[who]
        assert all(
            spoken == seconds((own >> WINDOW * n) & ((1 << WINDOW) - 1))
            for n, spoken in enumerate(minutes)
        )
    assert statistics.totals.speech_seconds == seconds(anyone)
    assert statistics.totals.overlap_seconds == seconds(twice)
    lost = sum(len(WORD.findall(word[3])) for word in recording.words if word[0] == NOBODY)
    assert statistics.totals.unattributed_words == lost


@recordings
def test_overlap_of_pairs_equals_the_grid(recording):
    rows, grid = by_pair(compute(recording.transcript())), grid_of(recording)
    for one in grid:
        for other in grid.keys() - {one}:
            both = grid[one] & grid[other]
            found = rows[one, other].overlap_seconds if (one, other) in rows else 0
            assert found == seconds(both)


@recordings
def test_turns_and_what_passes_between_speakers_equal_the_grid_minute_by_minute(recording):
    last = max(end for _, _, end in recording.speech)
    for since in range(0, last, WINDOW):
        check_window(recording, since, since + WINDOW)


def check_window(recording, since, until):
    obj = recording.transcript(since, until)
    speech, middles = {}, {}
    for one in obj["speech"]:
        span = (round(one["start"] * 1000), round(one["end"] * 1000))
        speech.setdefault(one["speaker"], []).append(span)
    for one in obj["transcription"]:
        at = (round(one["start"] * 1000) + round(one["end"] * 1000)) / 2
        middles.setdefault(one["speaker"], []).extend([at] * len(WORD.findall(one["text"])))
    oracle, statistics = Oracle(speech, middles), compute(obj)
    for name, row in by_speaker(statistics).items():
        if name in speech:
            assert row.turn_count == len(oracle.turns[name])
            assert row.backchannels == sum(bool(unit.hosts) for unit in oracle.units[name])
    assert_pairs_equal(oracle, statistics)
