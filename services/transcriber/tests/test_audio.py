from pathlib import Path

import numpy as np
import pytest
from debate_contract.errors import BadInput
from debate_transcriber import audio
from debate_transcriber.errors import NoAudioTrack
from debate_transcriber.peaks import compute_peaks
from speaking import ignore_progress, make_media

TONE = ("-f", "lavfi", "-i", "sine=frequency=440:duration=1")


def test_any_recording_becomes_mono_at_16_khz(tmp_path: Path) -> None:
    file = make_media(tmp_path / "a:b.mp3", *TONE, "-ar", "44100", "-ac", "2")
    waveform = audio.decode(file, 1.0, ignore_progress)
    assert waveform.dtype == np.float32
    assert waveform.size == pytest.approx(16_000, rel=0.1)
    assert np.abs(waveform).max() <= 1


def test_both_channels_are_heard(tmp_path: Path) -> None:
    left_only = make_media(tmp_path / "s.wav", *TONE, "-af", "pan=stereo|c0=c0|c1=0*c0")
    assert np.abs(audio.decode(left_only, None, ignore_progress)).max() > 0.03


def test_a_video_without_sound_is_told_apart(tmp_path: Path) -> None:
    file = make_media(tmp_path / "mute.mp4", "-f", "lavfi", "-i", "color=size=64x64:duration=1")
    with pytest.raises(NoAudioTrack, match=r"mute\.mp4 has no sound"):
        audio.decode(file, None, ignore_progress)


def test_what_is_no_recording_is_bad_input_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "page.mp4"
    file.write_text("<html>not found</html>")
    with pytest.raises(BadInput, match=r"page\.mp4 cannot be read as a recording: .+"):
        audio.decode(file, None, ignore_progress)


def test_hours_in_a_few_kilobytes_are_not_decoded_to_their_end(tmp_path: Path) -> None:
    silence = ("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "3600")
    file = make_media(tmp_path / "silence.flac", *silence)
    decoded: list[float] = []

    with pytest.raises(BadInput, match=r"silence\.flac is longer than 0\.05 h.*MAX_SECONDS"):
        audio.decode(file, None, lambda done, _: decoded.append(done), max_seconds=180)

    assert max(decoded) <= 180


def test_the_wheel_has_an_ffmpeg_for_machines_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert "imageio_ffmpeg" in audio.ffmpeg()


@pytest.mark.parametrize("samples", [0, 1, 3_999, 4_001, 1_000_000])
def test_peaks_never_exceed_4000_pixels(samples: int) -> None:
    peaks = compute_peaks(np.linspace(-1, 1, samples, dtype=np.float32))
    assert peaks["length"] <= 4000
    assert len(peaks["data"]) == 2 * peaks["length"]
    assert peaks["length"] * peaks["samples_per_pixel"] >= samples


def test_peaks_are_the_extremes_of_each_pixel() -> None:
    waveform = np.zeros(8_000, np.float32)
    waveform[2:4] = (-0.5, 0.25)
    assert compute_peaks(waveform)["data"][:6] == [0, 0, -64, 32, 0, 0]
