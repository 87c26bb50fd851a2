from itertools import pairwise

import numpy as np
import pytest
from debate_transcriber.engines.speech import SAMPLE_RATE, Interval, Waveform
from debate_transcriber.engines.whisper.input.chunks import LONGEST, Chunk, cut_chunks
from hypothesis import given, settings
from hypothesis import strategies as st


def noise(seconds: float) -> Waveform:
    rng = np.random.default_rng(1)
    return rng.uniform(-0.5, 0.5, round(seconds * SAMPLE_RATE)).astype(np.float32)


def spans(chunks: list[Chunk]) -> list[tuple[float, float]]:
    return [(chunk.start, chunk.end) for chunk in chunks]


def test_short_pauses_stay_inside_a_chunk_and_long_ones_end_it() -> None:
    # seconds  0    5 6   10         15    20
    # speech   ━━━━━  ━━━━           ━━━━━━
    # chunks   ┝━━━━━━━━━━┥          ┝━━━━━┥
    chunks = cut_chunks(noise(20), [Interval(0, 5), Interval(6, 10), Interval(15, 20)])

    assert chunks == [Chunk(0, 10, 9), Chunk(15, 20, 5)]


def test_a_chunk_ends_at_the_pause_before_it_would_pass_thirty_seconds() -> None:
    # seconds  0          14 15          29 30      44
    # speech   ━━━━━━━━━━━━━ ━━━━━━━━━━━━━━ ━━━━━━━━━━
    # chunks   ┝━━━━━━━━━━━━━━━━━━━━━━━━━━━┥┝━━━━━━━━┥
    chunks = cut_chunks(noise(44), [Interval(0, 14), Interval(15, 29), Interval(30, 44)])

    assert spans(chunks) == [(0, 29), (30, 44)]


def test_speech_without_a_pause_is_cut_where_it_is_quietest() -> None:
    waveform = noise(40)
    waveform[round(25.5 * SAMPLE_RATE) : round(25.6 * SAMPLE_RATE)] = 0

    (_, first_end), (second_start, _) = spans(cut_chunks(waveform, [Interval(0, 40)]))

    assert first_end == second_start == pytest.approx(25.55, abs=0.06)


def test_speech_past_the_end_and_blips_are_left_out() -> None:
    chunks = cut_chunks(noise(10), [Interval(0, 0.05), Interval(5, 12), Interval(14, 15)])

    assert spans(chunks) == [(5, 10)]


def test_silence_has_no_chunks() -> None:
    assert cut_chunks(noise(10), []) == []


@settings(deadline=None)  # a busy machine is no fault
@given(
    st.lists(st.tuples(st.floats(0, 8), st.floats(0.2, 70)), max_size=8),
)
def test_chunks_cover_all_speech_in_order_and_fit_the_window(
    gaps_and_lengths: list[tuple[float, float]],
) -> None:
    speech, now = [], 0.0
    for gap, length in gaps_and_lengths:
        speech.append(Interval(now + gap, now + gap + length))
        now = speech[-1].end

    chunks = cut_chunks(noise(now + 1), speech)

    assert all(chunk.duration <= LONGEST + 1e-6 for chunk in chunks)
    assert all(a.end <= b.start + 1e-6 for a, b in pairwise(chunks))
    heard = sum(chunk.speech_seconds for chunk in chunks)
    assert heard == pytest.approx(sum(i.end - i.start for i in speech), abs=0.1 * len(chunks) + 0.1)
