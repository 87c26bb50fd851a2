import numpy as np
import pytest
from debate_transcriber.engines.campplus.pauses import quiet_frames, without_pauses
from debate_transcriber.engines.speech import SAMPLE_RATE, Turn, Waveform
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

TALK, HUSH = 0.1, 0.001


def sound(drawn: str, seed: int = 0) -> Waveform:
    """Noise, a tenth of a second for each letter: # is speech, . is the room."""
    loud = np.repeat([TALK if c == "#" else HUSH for c in drawn], SAMPLE_RATE // 10)
    return np.float32(np.random.default_rng(seed).normal(0, 1, loud.size) * loud)


def cut(drawn: str, *turns: tuple[float, float]) -> list[tuple[float, float]]:
    found = without_pauses([Turn(*turn, "0") for turn in turns], quiet_frames(sound(drawn)))
    return [(round(turn.start, 1), round(turn.end, 1)) for turn in found]


def test_a_long_pause_ends_a_turn_and_a_short_one_does_not() -> None:
    #        0         1         2         3
    assert cut("##########..##########......##########", (0, 3.8)) == [(0, 2.2), (2.8, 3.8)]


def test_a_turn_begins_and_ends_with_sound() -> None:
    assert cut("....##########....##########..", (0, 1.6), (1.6, 3)) == [(0.4, 1.4), (1.8, 2.8)]


def test_a_turn_without_any_sound_is_none() -> None:
    assert cut("##########..........", (0, 1), (1.2, 1.8)) == [(0, 1)]


def test_in_steady_noise_nothing_is_cut() -> None:
    assert cut("#" * 40, (0.5, 3.5)) == [(0.5, 3.5)]


def test_another_minute_may_have_another_background() -> None:
    louder = np.tile(sound("####......"), 60) * np.float32(30)
    quiet = quiet_frames(np.concatenate([np.tile(sound("####......"), 60), louder]))
    assert quiet[:6000].mean() == pytest.approx(quiet[6000:].mean(), abs=0.02)
    assert 0.5 < quiet.mean() < 0.62


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 800])
def test_a_recording_of_any_length_has_its_frames(samples: int) -> None:
    assert len(quiet_frames(np.zeros(samples, np.float32))) == samples // 160


@given(
    arrays(np.bool_, 300), st.lists(st.tuples(st.integers(0, 299), st.integers(1, 120)), max_size=4)
)
def test_what_is_left_lies_in_the_turns_and_is_all_that_is_loud(
    quiet: np.ndarray, spans: list[tuple[int, int]]
) -> None:
    turns = [
        Turn(first / 100, min(first + n, 300) / 100, str(i)) for i, (first, n) in enumerate(spans)
    ]
    left = without_pauses(turns, quiet)
    for turn in turns:
        its = np.zeros(300, np.bool_)
        for part in left:
            if part.label == turn.label:
                assert turn.start <= part.start < part.end <= turn.end
                its[round(part.start * 100) : round(part.end * 100)] = True
        span = slice(round(turn.start * 100), round(turn.end * 100))
        assert (its[span] | quiet[span]).all()
