from pathlib import Path

import numpy as np
import pytest
from debate_contract.errors import BadInput
from debate_transcriber import audio
from debate_transcriber.audio import mixing
from debate_transcriber.audio.peaks import compute_peaks
from debate_transcriber.errors import NoAudioTrack
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
    said: list[str] = []
    audio.decode(left_only, None, ignore_progress, remark=said.append)
    assert said == []
    assert np.abs(audio.decode(left_only, None, ignore_progress)).max() > 0.03


def ones(waveform: np.ndarray) -> list[float]:
    """Where a tone begins after a pause of 0.2 s or more."""
    loud = np.abs(waveform[: waveform.size // 160 * 160]).reshape(-1, 160).max(axis=1) > 0.03
    before = np.lib.stride_tricks.sliding_window_view(np.r_[np.zeros(20, bool), loud], 20)
    return (np.flatnonzero(loud & ~before[:-1].any(axis=1)) / 100).tolist()


BURSTS = ("-f", "lavfi", "-i", "aevalsrc='0.4*sin(4000*t)*between(mod(t,2),0.5,1)':d=4:s=24000")
GRAY = ("-f", "lavfi", "-i", "color=size=64x64:rate=5:duration=9")


def test_sound_that_begins_late_is_where_a_player_plays_it(tmp_path: Path) -> None:
    late = make_media(tmp_path / "late.mp4", *GRAY, "-itsoffset", "3", *BURSTS)
    assert ones(audio.decode(late, None, ignore_progress)) == pytest.approx([3.5, 5.5], abs=0.03)


def test_a_hole_in_the_sound_moves_nothing_that_follows(tmp_path: Path) -> None:
    hole = ("-af", "asetpts='if(gt(T,2),PTS+3/TB,PTS)'")
    file = make_media(tmp_path / "hole.mp4", *GRAY, *BURSTS, *hole)
    assert ones(audio.decode(file, None, ignore_progress)) == pytest.approx([0.5, 5.5], abs=0.03)


def test_channels_that_cancel_out_are_heard(tmp_path: Path) -> None:
    turned = make_media(tmp_path / "turned.wav", *TONE, "-af", "pan=stereo|c0=c0|c1=-1*c0")
    said: list[str] = []
    assert np.abs(audio.decode(turned, None, ignore_progress, remark=said.append)).max() > 0.1
    (sentence,) = said
    assert sentence.startswith("the channels of turned.wav cancel each other out for 1 s")


def test_a_silent_track_is_passed_over_and_that_is_said(tmp_path: Path) -> None:
    silence = ("-f", "lavfi", "-i", "anullsrc=r=16000:cl=mono:d=1")
    file = make_media(tmp_path / "two.mkv", *silence, *TONE, "-map", "0", "-map", "1")
    said: list[str] = []
    assert np.abs(audio.decode(file, None, ignore_progress, remark=said.append)).max() > 0.1
    assert said == [
        "two.mkv has 2 sound tracks: number 2, the first with any sound, is taken",
    ]


def test_tracks_that_are_kept_apart_are_nothing_to_choose_from(tmp_path: Path) -> None:
    file = make_media(tmp_path / "x.mkv", *TONE, "-map", "0", "-map", "0", "-map", "0")
    said: list[str] = []
    audio.decode(file, None, ignore_progress, apart=2, remark=said.append)
    assert said == []


def test_the_waveform_is_as_long_as_the_recording_plays() -> None:
    second = np.ones(16_000, np.float32)
    assert audio.fit(second, 1.5).size == 24_000
    assert audio.fit(second, 0.5).size == 8_000
    assert audio.fit(second, None) is second


def test_every_channel_and_track_is_a_voice_of_its_own(tmp_path: Path) -> None:
    bursts = BURSTS[-1].replace("0.5,1)", "1.5,1.9)")
    apart = ("-filter_complex", "[0][1]amerge=inputs=2[both]", "-map", "[both]", "-map", "1")
    others = ("-f", "lavfi", "-i", bursts)
    file = make_media(tmp_path / "x.mkv", *BURSTS, *others, *apart, "-c:a", "flac")

    voices = audio.decode_voices(file, None, ignore_progress)

    begins = [ones(voice) for voice in voices]
    assert begins == [pytest.approx(at, abs=0.02) for at in ([0.5, 2.5], [1.5, 3.5], [1.5, 3.5])]
    assert len({voice.size for voice in voices}) == 1


def test_the_mix_of_tracks_that_are_kept_apart_is_no_voice(tmp_path: Path) -> None:
    file = make_media(tmp_path / "x.mkv", *TONE, "-map", "0", "-map", "0", "-map", "0")
    assert len(audio.decode_voices(file, None, ignore_progress, apart=2)) == 2
    assert len(audio.decode_voices(file, None, ignore_progress)) == 3


def noise(*loud: tuple[int, int], level: float = 0.1) -> np.ndarray:
    """Ten seconds, loud between these seconds."""
    samples = np.random.default_rng(len(loud)).standard_normal(160_000).astype(np.float32)
    gate = np.zeros(160_000, np.float32)
    for start, end in loud:
        gate[start * 16_000 : end * 16_000] = level
    return samples * gate


def test_a_voice_in_each_channel_is_noticed_and_one_room_is_not() -> None:
    first, second = noise((0, 3), (6, 8)), noise((3, 6), (8, 10))
    apart = np.stack([first, second], axis=1)
    room = np.stack([first + second, 0.6 * (first + second)], axis=1)
    alone = np.stack([first, np.zeros_like(first)], axis=1)

    found = [mixing.hold_a_voice_each(mixing.levels_of(both)) for both in (apart, room, alone)]

    assert found == [True, False, False]


def test_what_a_voice_leaves_in_another_microphone_is_muted_and_both_at_once_are_kept() -> None:
    #  first  ■■■■■■······■■      second  ······■■■■■■    and a tenth of each in the other's
    first, second = noise((0, 4), (8, 10)), noise((3, 8))
    voices = [first + 0.1 * second, second + 0.1 * first]

    audio.silence_bleed(voices)

    loud = [np.abs(voice).reshape(10, 16_000).max(axis=1) > 0.1 for voice in voices]
    assert loud[0].tolist() == [True] * 4 + [False] * 4 + [True] * 2
    assert loud[1].tolist() == [False] * 3 + [True] * 5 + [False] * 2
    assert np.abs(voices[1][16_000 : 2 * 16_000]).max() == 0
    assert np.abs(voices[0][6 * 16_000 : 7 * 16_000]).max() == 0


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
