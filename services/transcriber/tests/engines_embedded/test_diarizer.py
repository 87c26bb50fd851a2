from types import MappingProxyType

import numpy as np
import pytest
from debate_transcriber import voice_activity
from debate_transcriber.engines.embedded.clustering import SHARPNESS, cluster, fits_of, unit
from debate_transcriber.engines.embedded.diarizer import VoiceDiarizer, window_starts
from debate_transcriber.engines.embedded.encoder import VoiceEncoder
from debate_transcriber.speech import Interval, SpeakerCount, Waveform
from speaking import ignore_progress


def hum() -> Waveform:
    """A voiced sound made from formulas: 1.6 s, pitch and loudness swinging."""
    time = np.arange(25_600) / 16_000
    phase = 2 * np.pi * np.cumsum(140 + 30 * np.sin(2 * np.pi * 3 * time)) / 16_000
    sound = sum(np.sin(k * phase) / k for k in range(1, 20)) * (
        0.6 + 0.4 * np.sin(2 * np.pi * 4 * time)
    )
    return np.float32(sound * 0.1 / np.sqrt(np.square(sound).mean()))


def test_the_vector_equals_the_one_of_the_published_encoder() -> None:
    # Largest entries for hum() by Resemblyzer 0.1.4's own VoiceEncoder and librosa 0.11.
    published = {
        36: 0.215424,
        84: 0.157977,
        113: 0.165926,
        120: 0.184733,
        146: 0.224352,
        246: 0.209885,
    }
    vector = VoiceEncoder().embed(hum(), np.array([0]))[0]
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert {i: pytest.approx(float(vector[i]), abs=1e-5) for i in published} == published


@pytest.mark.filterwarnings("ignore:.*torch.jit.load:DeprecationWarning")
def test_voice_activity_equals_the_published_loop(debate: Waveform) -> None:
    import torch
    from silero_vad import load_silero_vad

    level = np.clip(debate * 3, -1, 1)  # loud enough that no gain is applied
    frames = np.pad(level, (0, -level.size % 512)).reshape(-1, 512)
    model = load_silero_vad()
    with torch.inference_mode():
        stock = [model(torch.from_numpy(frame), 16_000).item() for frame in frames]
    positions, gains = voice_activity.level_gains(level)
    assert gains.max() == 1.0, positions
    ours = voice_activity.compute_speech_probabilities(level, ignore_progress)
    assert np.abs(ours - np.array(stock)).max() < 1e-4


def test_two_voices_are_told_apart_without_a_count(debate: Waveform) -> None:
    speech = voice_activity.find_speech(debate, ignore_progress)
    found = VoiceDiarizer(threads=1).diarize(debate, speech, SpeakerCount(), ignore_progress)
    heard = [turn.label for turn in found.exclusive if turn.end - turn.start > 1]
    order = [label for i, label in enumerate(heard) if i == 0 or label != heard[i - 1]]
    assert order == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]
    assert [voice.label for voice in found.voices] == ["SPEAKER_00", "SPEAKER_01"]
    assert [np.linalg.norm(v.vector) for v in found.voices] == pytest.approx([1, 1], abs=1e-4)


def test_what_was_kept_is_found_whatever_the_count(debate: Waveform) -> None:
    speech = voice_activity.find_speech(debate, ignore_progress)
    diarizer, kept = VoiceDiarizer(threads=1), {}
    arguments = (debate, speech, SpeakerCount(2), ignore_progress)
    first = diarizer.diarize(debate, speech, SpeakerCount(), ignore_progress, kept)
    again = diarizer.diarize(*arguments, MappingProxyType(kept))  # refuses every new piece
    assert again.speech == diarizer.diarize(*arguments).speech
    assert len(kept) == 1
    assert len(first.voices) == 2


@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.0, 1.7, 2.1, 2.5])
@pytest.mark.parametrize("count", [None, 2])
def test_any_number_of_windows_can_be_clustered(seconds: float, count: int | None) -> None:
    waveform = np.tile(hum(), 3)
    speech = [Interval(0.5, 0.5 + seconds)] if seconds else []
    found = VoiceDiarizer(threads=1).diarize(waveform, speech, SpeakerCount(count), ignore_progress)
    assert sum(t.end - t.start for t in found.speech) == pytest.approx(seconds)
    assert {v.label for v in found.voices} == {t.label for t in found.speech}


def music(seconds: int) -> Waveform:
    """Plucked chords that change twice a second, with a beat."""
    rng = np.random.default_rng(0)
    time = np.arange(8000) / 16_000
    roots = 110 * 2 ** (rng.choice([0, 3, 5, 7, 8, 10], 2 * seconds) / 12)
    partials = [chord * h for chord in (1, 1.26, 1.5, 2, 4) for h in range(1, 6)]
    chords = [sum(np.sin(2 * np.pi * r * p * time) / p for p in partials) for r in roots]
    beat = rng.normal(0, 1, time.size) * np.exp(-40 * time)
    return np.float32(np.concatenate([c * np.exp(-3 * time) + beat for c in chords]) / 10)


@pytest.mark.parametrize("sound", ["silence", "noise", "tone", "music"])
def test_without_speech_there_are_no_turns(sound: str) -> None:
    time = np.arange(48_000) / 16_000
    sounds = {
        "silence": np.zeros_like(time),
        "noise": np.random.default_rng(0).normal(0, 0.05, time.size),
        "tone": 0.3 * np.sin(2 * np.pi * 440 * time),
        "music": music(seconds=20),
    }
    assert voice_activity.find_speech(np.float32(sounds[sound]), ignore_progress) == []


def voices(number: int, windows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    centres = np.abs(rng.normal(size=(number, 256))) ** 3
    true = np.repeat(rng.integers(0, number, windows // 10), 10)
    noise = np.abs(rng.normal(0, 0.3, (true.size, 256)))
    return unit(np.float32(centres[true] + noise)), true


@pytest.mark.parametrize("number", [1, 2, 5])
def test_voices_are_counted(number: int) -> None:
    vectors, true = voices(number, 300)
    found = cluster(vectors, SpeakerCount())
    assert len(set(zip(found, true, strict=True))) == number


def test_bounds_on_the_count_are_kept() -> None:
    vectors, _ = voices(4, 300)
    assert cluster(vectors, SpeakerCount(exact=3)).max() == 2
    assert cluster(vectors, SpeakerCount(maximum=2)).max() <= 1
    assert cluster(vectors, SpeakerCount(minimum=6)).max() >= 5


@pytest.mark.parametrize("count", [SpeakerCount(exact=2), SpeakerCount(minimum=2)])
def test_one_voice_is_not_cut_up_when_another_is_asked_for(count: SpeakerCount) -> None:
    vectors, _ = voices(1, 200)
    sizes = np.bincount(cluster(vectors, count))
    assert sizes.size == 2
    assert sizes.min() <= 0.1 * len(vectors)


def test_between_two_voices_a_window_is_more_likely_of_the_one_who_speaks_more() -> None:
    often, seldom = np.eye(2, dtype=np.float32)
    between = unit((often + seldom)[None])
    fits = fits_of(between, np.stack([often] * 9 + [seldom]), np.repeat([0, 1], [9, 1]))
    assert fits[0, 0] - fits[0, 1] == pytest.approx(np.log(9) / SHARPNESS)


def test_six_hours_of_speech_make_54_000_windows() -> None:
    starts = window_starts([Interval(0, 6 * 3600)])
    assert starts.size == pytest.approx(54_000, rel=0.01)
