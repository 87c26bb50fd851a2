import numpy as np
import pytest
from debate_transcriber.audio import voice_activity
from debate_transcriber.engines.speech import Waveform
from speaking import ignore_progress


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


def voice(seconds: float, loudness: float = 0.1) -> Waveform:
    """As loud from beginning to end."""
    time = np.arange(round(seconds * 16_000)) / 16_000
    return np.float32(loudness * np.sin(2 * np.pi * 200 * time))


def rustle(seconds: float, loudness: float) -> Waveform:
    noise = np.random.default_rng(0).normal(0, loudness, round(seconds * 16_000))
    return np.float32(noise)


@pytest.mark.parametrize(
    ("before", "after", "ends"),
    [
        # network ━━━━━━━━━━┥1.0 s
        # voice   ├──────┤          at most 0.16 s earlier
        (voice(0.9), np.zeros(8000, np.float32), 0.9),
        (voice(0.5), np.zeros(8000, np.float32), 0.84),
        (voice(1.2), np.zeros(8000, np.float32), 1.0),
        # a quiet ending is a part of the voice, the room's noise is none
        (np.concatenate([voice(0.85), voice(0.1, 0.005)]), np.zeros(8000, np.float32), 0.95),
        (voice(0.9), rustle(0.5, 0.005), 0.9),
        # as quiet as the noise after it
        (rustle(1.0, 0.1), rustle(0.5, 0.1), 1.0),
        # the recording breaks off
        (voice(1.0), np.zeros(0, np.float32), 1.0),
    ],
)
def test_a_voice_ends_where_it_falls_silent(before: Waveform, after: Waveform, ends: float) -> None:
    sound = np.concatenate([before, after])
    room = np.random.default_rng(1).normal(0, 0.005, sound.size) if after.any() else 0
    waveform = np.float32(sound + room)

    assert voice_activity.end_of_voice(waveform, 0, 16_000) / 16_000 == pytest.approx(
        ends, abs=0.01
    )


def test_speech_ends_before_the_recording_does(debate: Waveform) -> None:
    loud = np.flatnonzero(np.abs(debate) > 0.01)[-1]
    cut = debate[: loud + 3200]  # 0.2 s of silence, too few for a pause

    last = voice_activity.find_speech(np.float32(cut), ignore_progress)[-1]

    assert last.end - voice_activity.MARGIN == pytest.approx(loud / 16_000, abs=0.1)


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
