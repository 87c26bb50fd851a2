"""Pieces of half a second: whose they are, where they move, and voices that are two people."""

import numpy as np
import pytest
from debate_transcriber.engines.campplus.voices.clustering import unit
from debate_transcriber.engines.campplus.voices.pieces import PIECE, Pieces, find_pieces, numbers_of
from debate_transcriber.engines.campplus.voices.resegmentation import (
    pieces_voices,
    split_voices,
    two_people,
)

FRAMES = 500


def alone(*rows: tuple[int, float, float, int], windows: int = 1) -> np.ndarray:
    """(window, start, end, speaker) heard alone."""
    found = np.zeros((windows, 3, FRAMES), np.bool_)
    for window, start, end, speaker in rows:
        found[window, speaker, round(start * 50) : round(end * 50)] = True
    return found


def sounds(*voices: int, spread: float = 0.6, seed: int = 1) -> np.ndarray:
    """Vectors of length 1 around the voices' centres."""
    rng = np.random.default_rng(seed)
    centres = unit(np.random.default_rng(9).normal(size=(max(voices) + 1, 192)))
    noise = rng.normal(0, spread / 14, (len(voices), 192))
    return unit(centres[list(voices)] + noise)


def row_of(count: int) -> Pieces:
    """Pieces that are each a window's first speaker's, heard for the whole of it."""
    return Pieces(
        np.arange(count),
        np.zeros(count, np.int64),
        np.ones((count, FRAMES), np.bool_),
        np.full(count, PIECE),
        np.full(count, 2.0),
    )


def labels_for(voices: list[int]) -> np.ndarray:
    labels = np.full((len(voices), 3), -1)
    labels[:, 0] = voices
    return labels


@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_piece_of_the_recording_belongs_to_one_window(count: int) -> None:
    numbers = [n for w in range(count) for n in numbers_of(range(w, w + 1), count)]
    assert numbers == list(range(4 * (count - 1) + 20))
    heard = np.ones((count, 3, FRAMES), np.bool_)
    middles = (np.arange(len(numbers)) + 0.5) * PIECE
    windows = find_pieces(heard, range(count), count).windows
    away = np.abs(middles - (windows * 2 + 5))
    nearest = np.abs(middles[:, None] - (np.arange(count) * 2 + 5)).min(1)
    assert away == pytest.approx(nearest)


def test_in_stretches_the_pieces_are_the_same() -> None:
    heard = np.random.default_rng(0).random((5, 3, FRAMES)) > 0.5
    whole = find_pieces(heard, range(5), 5)
    parts = [find_pieces(heard[a:b], range(a, b), 5) for a, b in ((0, 2), (2, 5))]
    for name in ("windows", "speakers", "masks", "seconds", "listened"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        assert np.array_equal(joined, getattr(whole, name))


def test_a_piece_is_of_whoever_is_alone_in_it_for_longest() -> None:
    #   speaker 0   ████▁▁▁▁      speaker 2       ████
    found = find_pieces(alone((0, 0, 4.2, 0), (0, 4.2, 8, 2)), range(1), 1)
    assert found.speakers[:17].tolist() == [0] * 8 + [2] * 8 + [-1]
    assert found.seconds[8] == pytest.approx(0.3)
    assert found.listened[3] == pytest.approx(2.0, abs=0.03)
    first, last = found.masks[3].nonzero()[0][[0, -1]]  # 0.75 s to 2.75 s
    assert (first, last) == pytest.approx((37.5, 137), abs=1)


def test_too_short_a_sound_is_nobodys_piece() -> None:
    assert (find_pieces(alone((0, 5, 5.4, 1)), range(1), 1).speakers == -1).all()


def test_a_piece_goes_to_a_voice_that_is_clearly_nearer() -> None:
    voices = [0, 0, 1, 0]
    centres = sounds(0, 1, spread=0.0)
    before, after = pieces_voices(row_of(4), sounds(*voices), labels_for([0] * 4), centres)
    assert before.tolist() == [0] * 4
    assert after.tolist() == voices


def test_a_piece_between_two_voices_stays() -> None:
    centres = sounds(0, 1, spread=0.0)
    between = unit(centres[:1] * 0.98 + centres[1:])
    _before, after = pieces_voices(row_of(1), between, labels_for([0]), centres)
    assert after.tolist() == [0]


def test_nobodys_pieces_stay_so() -> None:
    vectors = np.full((3, 192), np.nan)
    before, after = pieces_voices(row_of(3), vectors, labels_for([0] * 3), sounds(0))
    assert before.tolist() == after.tolist() == [-1] * 3


def test_two_people_in_one_voice_are_found() -> None:
    halves = two_people(sounds(*[0, 0, 1] * 12), np.full(36, PIECE), 6.0)
    assert halves is not None
    assert sorted((halves @ sounds(0, 1, spread=0.0).T).argmax(1).tolist()) == [0, 1]


@pytest.mark.parametrize("spread", [0.1, 0.6, 1.2])
def test_one_person_is_one(spread: float) -> None:
    assert two_people(sounds(*[0] * 80, spread=spread), np.full(80, PIECE), 6.0) is None


@pytest.mark.parametrize("voices", [[], [0], [0, 1], [0] * 30 + [1] * 8])
def test_a_few_sounds_of_another_kind_are_no_person(voices: list[int]) -> None:
    vectors = sounds(*voices) if voices else np.zeros((0, 192))
    assert two_people(vectors, np.full(len(voices), PIECE), 6.0) is None


def split(voices: list[int], most: int | None = None) -> np.ndarray:
    """The centres, where all windows were taken for one voice."""
    vectors = sounds(*voices)
    centre = unit(vectors.mean(0, keepdims=True))

    def assign(centres: np.ndarray) -> np.ndarray:
        return labels_for((vectors @ centres.T).argmax(1).tolist())

    labels = labels_for([0] * len(voices))
    return split_voices(row_of(len(voices)), vectors, labels, centre, most, assign)


def test_a_voice_is_split_until_each_is_one_person() -> None:
    assert len(split([0] * 40)) == 1
    assert len(split([0, 0, 1] * 20)) == 2
    assert len(split([0, 1, 2] * 20)) == 3


def test_a_number_of_speakers_that_is_given_ends_the_splitting() -> None:
    assert len(split([0, 1, 2] * 20, most=2)) == 2
    assert len(split([0, 1] * 20, most=1)) == 1
