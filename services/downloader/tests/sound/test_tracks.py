"""All the sound there is: of several tracks those that speak, and every channel."""

from pathlib import Path

import av
import pytest
from conftest import Download, ffmpeg
from sounding import AAC, PLAIN, SILENT, TONES, onsets

LATER = ("-f", "lavfi", "-i", "aevalsrc='0.4*sin(3000*t)*between(mod(t,2),1.4,1.7)':d=6:s=24000")
OTHERS = (1.4, 3.4, 5.4)  # where its tones begin


def tracks(path: Path, *sources: tuple[str, ...], more: tuple[str, ...] = ()) -> Path:
    """A file with one sound track of each source."""
    maps = [word for n in range(len(sources)) for word in ("-map", str(n))]
    ffmpeg(*[word for source in sources for word in source], *maps, *AAC, *more, path)
    return path


def test_a_silent_track_is_passed_over(tmp_path: Path, download: Download) -> None:
    outcome = download(tracks(tmp_path / "two.mkv", SILENT, PLAIN))

    assert onsets(outcome.video) == pytest.approx(TONES, abs=0.03)
    assert "2 sound tracks, 1 of them silent: number 2 is taken" in outcome.notes()
    assert outcome.media["video"]["apart"] == 0


def test_tracks_that_speak_are_mixed_and_kept_apart_besides(
    tmp_path: Path, download: Download
) -> None:
    outcome = download(tracks(tmp_path / "two.mkv", PLAIN, LATER))

    assert outcome.media["video"]["apart"] == 2
    assert "number 1, number 2 are mixed" in outcome.notes()
    assert onsets(outcome.video) == pytest.approx(sorted((*TONES, *OTHERS)), abs=0.03)
    assert onsets(outcome.video, 1) == pytest.approx(TONES, abs=0.03)
    assert onsets(outcome.video, 2) == pytest.approx(OTHERS, abs=0.03)


def test_of_two_languages_one_is_played(tmp_path: Path, download: Download) -> None:
    named = ("-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=fra")
    outcome = download(tracks(tmp_path / "two.mkv", PLAIN, LATER, more=named))

    assert onsets(outcome.video) == pytest.approx(TONES, abs=0.03)
    assert "number 1 (eng) is taken; AUDIO_TRACK=" in outcome.notes()
    assert outcome.media["video"]["apart"] == 2


def test_a_track_is_chosen_by_its_number(tmp_path: Path, download: Download) -> None:
    source = tracks(tmp_path / "two.mkv", PLAIN, LATER)
    outcome = download(source, "--audio-track", "2")

    assert onsets(outcome.video) == pytest.approx(OTHERS, abs=0.03)
    assert outcome.media["options"]["audio_track"] == 2
    assert download(source).events[-1]["skipped"] is False  # another request


def test_a_track_that_is_not_there_is_wrong_usage(tmp_path: Path, download: Download) -> None:
    outcome = download(tracks(tmp_path / "two.mkv", PLAIN, LATER), "--audio-track", "3")

    assert outcome.code == 64
    assert "AUDIO_TRACK=3: there is no such track to be heard, there are 2 sound" in outcome.message


def test_more_than_two_channels_play_as_two_and_are_kept(
    tmp_path: Path, download: Download
) -> None:
    four = ("-filter_complex", "[0][1][0][1]amerge=inputs=4")
    ffmpeg(*PLAIN, *LATER, *four, "-c:a", "pcm_s16le", tmp_path / "four.wav")
    outcome = download(tmp_path / "four.wav")

    with av.open(str(outcome.video)) as container:
        assert [stream.channels for stream in container.streams.audio] == [2, 1, 1, 1, 1]
    assert onsets(outcome.video) == pytest.approx(sorted((*TONES, *OTHERS)), abs=0.03)
    assert onsets(outcome.video, 3) == pytest.approx(TONES, abs=0.03)
    assert onsets(outcome.video, 4) == pytest.approx(OTHERS, abs=0.03)
