import numpy as np
from debate_transcriber.engines.campplus.turns import heard, move_pieces, turns_of
from debate_transcriber.engines.campplus.windows import FRAME_STEP, Windows
from debate_transcriber.engines.speech import SAMPLE_RATE
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays


def test_overlaps_are_kept_and_the_exclusive_turns_have_none() -> None:
    #   voice 0   ████████
    #   voice 1       ████████
    activity = np.zeros((1, 589, 3), np.bool_)
    activity[0, 60:300, 1] = True
    activity[0, 200:400, 0] = True
    both, one = heard(activity, np.array([[1, 0, -1]]), np.array([0]), 2)
    assert both.sum(1).max() == 2
    assert both.sum(0).tolist() == [240, 200]
    assert one.sum(1).max() == 1
    assert (one.any(1) == both.any(1)).all()


def test_windows_vote_on_who_is_heard() -> None:
    windows = Windows(20 * SAMPLE_RATE)
    activity = np.zeros((windows.count, 589, 3), np.bool_)
    activity[:, :, 0] = True
    activity[2, :, 0] = False  # one of five hears nobody
    both, _one = heard(activity, np.where(activity.any(1), 0, -1), windows.first_frames, 1)
    assert both[:, 0].mean() > 0.99


def test_a_piece_takes_the_frames_that_its_voice_has_alone_to_another_voice() -> None:
    #   voice 0   ██████████      ███░░░████      ░ the second piece, 0.5 s to 1 s
    #   voice 1        ███     →     ██████
    both = np.zeros((90, 2), np.bool_)
    both[:, 0] = True
    both[50:70, 1] = True
    one = both.copy()
    one[50:70, 1] = False
    move_pieces(both, one, np.array([0, 0, -1]), np.array([0, 1, -1]))
    assert np.flatnonzero(~both[:, 0]).tolist() == list(range(30, 50))
    assert np.flatnonzero(both[:, 1]).tolist() == list(range(30, 70))
    assert np.flatnonzero(one[:, 1]).tolist() == list(range(30, 50))
    assert (one.sum(1) == 1).all()


def test_turns_end_where_the_recording_does() -> None:
    chosen = np.ones((600, 1), np.bool_)
    (turn,) = turns_of(chosen, 4.0)
    assert (turn.end, turn.label) == (4.0, "0")
    assert turns_of(chosen, 0.01) == []


@given(arrays(np.bool_, (3, 40, 3)), arrays(np.int64, (3, 3), elements=st.integers(-1, 2)))
def test_nobody_is_heard_who_is_in_no_window(activity: np.ndarray, labels: np.ndarray) -> None:
    activity &= ~((activity.sum(2, keepdims=True) == 3) & (np.arange(3) == 2))  # two at most
    first = np.array([0, 10, 20])
    both, one = heard(activity, labels, first, 3)
    for voice in range(both.shape[1]):
        seen = np.zeros(60, np.bool_)
        for window, speakers, start in zip(activity, labels, first, strict=True):
            seen[start : start + 40] |= window[:, speakers == voice].any(1)
        assert not (both[:, voice] & ~seen).any()
    assert not (one & ~both).any()
    total = sum(turn.end - turn.start for turn in turns_of(both, 100.0))
    assert abs(total - both.sum() * FRAME_STEP) < 1e-6
