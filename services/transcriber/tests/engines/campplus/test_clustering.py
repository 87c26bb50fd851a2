import numpy as np
import pytest
from debate_transcriber.engines.campplus.voices import clustering
from debate_transcriber.engines.campplus.voices.clustering import cluster, find_voices, unit
from debate_transcriber.engines.speech import SpeakerCount
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

AUTO = SpeakerCount()


def talk(*voices: int, spread: float = 0.25, seconds: float = 5.0) -> tuple[np.ndarray, ...]:
    """Windows in which one local speaker is heard, whose voice is the number given."""
    rng = np.random.default_rng(1)
    centres = unit(rng.normal(size=(max(voices) + 1, 192)))
    vectors = np.full((len(voices), 3, 192), np.nan, np.float32)
    vectors[:, 0] = centres[list(voices)] + rng.normal(0, spread / 14, (len(voices), 192))
    clean = np.zeros((len(voices), 3))
    clean[:, 0] = seconds
    return vectors, clean, clean / 5


def voices_of(labels: np.ndarray) -> list[int]:
    return labels[:, 0].tolist()


def test_voices_are_counted_and_told_apart() -> None:
    labels, centres = cluster(*talk(*[0, 1, 2] * 8), AUTO)
    found = voices_of(labels)
    assert len(centres) == 3
    assert found == found[:3] * 8
    assert (labels[:, 1:] == -1).all()
    assert np.linalg.norm(centres, axis=1) == pytest.approx([1, 1, 1])


def test_a_cough_is_no_voice() -> None:
    vectors, clean, own = talk(*[0] * 20, 1, *[0] * 20)
    clean[20], own[20] = 2.2, 0.4
    labels, centres = cluster(vectors, clean, own, AUTO)
    assert len(centres) == 1
    assert set(voices_of(labels)) == {0}


def test_too_many_voices_are_joined() -> None:
    for count in (SpeakerCount(exact=2), SpeakerCount(maximum=2)):
        _labels, centres = cluster(*talk(*[0, 1, 2] * 8), count)
        assert len(centres) == 2


def test_a_missing_voice_is_looked_for_among_short_remarks() -> None:
    vectors, clean, own = talk(*[0] * 20, 1, *[0] * 20)
    clean[20], own[20] = 0.8, 0.2
    for count in (SpeakerCount(exact=2), SpeakerCount(minimum=2)):
        labels, centres = cluster(vectors, clean, own, count)
        assert len(centres) == 2
        assert voices_of(labels)[20] != voices_of(labels)[0]


def test_a_voice_is_split_before_a_missing_one_is_looked_for() -> None:
    vectors, clean, own = talk(*[0] * 20, 1, *[0] * 20)
    clean[20], own[20] = 0.8, 0.2

    def split(labels: np.ndarray, centres: np.ndarray) -> np.ndarray:
        assert len(centres) == labels.max() + 1 == 1
        return np.concatenate([centres, unit(vectors[:1, 0] + 0.01)])

    _labels, centres = cluster(vectors, clean, own, SpeakerCount(exact=2), split)
    assert centres @ unit(vectors[20, 0]) == pytest.approx([0, 0], abs=0.3)


def test_a_count_is_a_wish_where_nobody_sounds_like_another_voice() -> None:
    _labels, centres = cluster(*talk(*[0] * 20), SpeakerCount(exact=4))
    assert len(centres) == 1


def test_two_speakers_of_one_window_are_never_the_same_voice() -> None:
    vectors, clean, own = talk(*[0, 1] * 8)
    vectors[0, 1], clean[0, 1] = vectors[0, 0] + 0.001, 1.0
    labels, _centres = cluster(vectors, clean, own, AUTO)
    assert labels[0, 0] != labels[0, 1]


def test_more_speakers_than_voices_share_them() -> None:
    vectors, clean, own = talk(*[0] * 4)
    vectors[0] = vectors[0, 0]
    labels, centres = cluster(vectors, clean, own, SpeakerCount(exact=1))
    assert len(centres) == 1
    assert labels[0].tolist() == [0, 0, 0]


def test_as_many_silent_vectors_as_numbers_in_each_are_no_distances() -> None:
    assert len(find_voices(np.zeros((8, 8)), np.ones(8))) == 1


def test_nobody_at_all_is_no_voice() -> None:
    vectors = np.full((4, 3, 192), np.nan, np.float32)
    labels, centres = cluster(vectors, np.zeros((4, 3)), np.zeros((4, 3)), SpeakerCount(exact=2))
    assert (labels == -1).all()
    assert len(centres) == 0


def test_of_a_long_recording_so_many_vectors_are_compared_as_memory_allows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[int] = []
    linked = clustering._linked

    def noting(points: np.ndarray) -> np.ndarray:
        compared.append(len(points))
        return linked(points)

    monkeypatch.setattr(clustering, "_linked", noting)
    monkeypatch.setattr(clustering, "MOST_POINTS", 50)
    vectors, _clean, own = talk(*[0, 1, 2] * 80)
    found = find_voices(unit(vectors[:, 0]), own[:, 0])
    assert compared == [48]
    assert sum(centre.seconds for centre in found) == pytest.approx(240, rel=0.05)


@given(
    arrays(np.float32, (6, 3, 8), elements=st.floats(-1, 1, width=32)),
    arrays(np.bool_, (6, 3)),
    st.sampled_from([AUTO, SpeakerCount(exact=3), SpeakerCount(minimum=2, maximum=4)]),
)
def test_everybody_who_is_heard_gets_a_voice_that_there_is(
    vectors: np.ndarray, heard: np.ndarray, count: SpeakerCount
) -> None:
    vectors[~heard] = np.nan
    clean = np.where(heard, 3.0, 0.0)
    labels, centres = cluster(vectors, clean, clean, count)
    assert ((labels >= 0) == heard).all()
    assert labels.max(initial=-1) < max(len(centres), 1)
    assert len(centres) <= (count.exact or count.maximum or 18)
