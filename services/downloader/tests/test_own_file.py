"""A recording the user already has."""

import os
import re
import shutil
from pathlib import Path

import av
import pytest
from conftest import Download, ffmpeg, left_behind

VTT = "WEBVTT\n\n00:00:00.000 --> 00:00:02.000\nGood evening.\n"
PLAYLIST = b"ffconcat version 1.0\nfile other.mp4\n"  # a file that names another one
SRT = "1\r\n00:00:00,000 --> 00:00:02,000\r\nGuten Abend, schöne Grüße.\r\n"


@pytest.fixture
def own(media: Path, tmp_path: Path) -> Path:
    """A folder with a recording in it."""
    folder = tmp_path / "my recordings"
    folder.mkdir()
    shutil.copy(media / "clip.mp4", folder / "other.mp4")
    shutil.copy(media / "clip.mp4", folder / "Council #3.mp4")
    return folder / "Council #3.mp4"


@pytest.mark.parametrize("form", ["path", "uri"])
def test_a_file_is_taken_by_path_and_by_uri(form, own: Path, download: Download):
    outcome = download(own if form == "path" else own.as_uri(), private=False)

    assert outcome.code == 0
    assert outcome.media["source"] | {"id": ""} == {
        "url": own.as_uri(),
        "extractor": "file",
        "id": "",
        "title": "Council #3",
        "uploader": None,
        "upload_date": None,
        "duration": None,
    }
    assert outcome.video.name.startswith("Council-3-")


def test_the_users_file_is_not_touched(own: Path, download: Download):
    before = own.read_bytes(), own.stat().st_mtime_ns
    download(own)

    assert (own.read_bytes(), own.stat().st_mtime_ns) == before
    assert sorted(os.listdir(own.parent)) == [own.name, "other.mp4"]  # noqa: PTH208


def test_subtitles_beside_it_are_taken_along(own: Path, download: Download):
    own.with_suffix(".vtt").write_text(VTT)
    own.with_suffix(".de.srt").write_bytes(SRT.encode("cp1252"))
    own.with_name("Other.en.srt").write_text(SRT)
    outcome = download(own)

    found = {
        (s["language"], s["kind"]): outcome.job / s["path"] for s in outcome.media["subtitles"]
    }
    assert set(found) == {("und", "manual"), ("de", "manual")}
    assert "schöne Grüße" in found["de", "manual"].read_text(encoding="utf-8")


def test_subtitles_are_read_as_their_language_was_written(own: Path, download: Download):
    said = "Привет, мир. Бюджет города."
    text = f"1\n00:00:00,000 --> 00:00:02,000\n{said}\n"
    own.with_suffix(".ru.srt").write_bytes(text.encode("cp1251"))
    outcome = download(own)

    written = outcome.job / outcome.media["subtitles"][0]["path"]
    assert written.read_text(encoding="utf-8") == text


def test_a_folder_named_like_subtitles_is_passed_over(own: Path, download: Download):
    own.with_suffix(".pl.srt").mkdir()
    outcome = download(own)

    assert (outcome.code, outcome.media["subtitles"]) == (0, [])


def test_pictures_that_are_converted_say_how_high_they_become(own: Path, download: Download):
    high = own.with_name("high.mkv")
    ffmpeg("-i", own, "-vf", "scale=96:64", "-c:v", "mpeg4", "-c:a", "copy", high)
    outcome = download(high, "--max-height", "32")

    assert outcome.media["video"]["height"] == 32
    assert "made 32 lines high (MAX_HEIGHT= keeps more)" in outcome.notes()


@pytest.mark.parametrize("extension", ["flac", "mp3", "m4a", "ogg", "mkv", "avi", "mov"])
def test_common_files_become_an_mp4_that_browsers_play(extension, own, download):
    other = own.with_name(f"x.{extension}")
    ffmpeg("-i", own, other)
    outcome = download(other)

    video = outcome.media["video"]
    assert outcome.code == 0
    assert video["audio_codec"] == "aac"
    assert video["video_codec"] in {"h264", None}
    assert video["duration"] == pytest.approx(3, abs=0.3)


def test_a_track_that_browsers_play_is_copied_bit_for_bit(own: Path, download: Download):
    outcome = download(own)

    assert stream_hash(outcome.video) == stream_hash(own)


def stream_hash(path: Path) -> str:
    """Digest of the compressed pictures and sound, without the container."""
    target = path.with_name("streams.md5")
    ffmpeg("-i", path, "-c", "copy", "-f", "streamhash", target)
    text = target.read_text()
    target.unlink()
    return text


def test_stereo_stays_stereo(own: Path, download: Download):
    wide = own.with_name("wide.wav")
    ffmpeg("-f", "lavfi", "-i", "aevalsrc=sin(2000*t)|sin(900*t):d=2", wide)
    outcome = download(wide)
    with av.open(str(outcome.video)) as container:
        assert container.streams.audio[0].channels == 2


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda p: p.parent / "gone.mp4", 66, "does not exist"),
        (lambda p: p / "x.mp4", 66, "cannot be read"),
        (lambda p: Path("/dev/zero"), 65, "or a device"),
        (lambda p: p.parent, 65, "is a folder or a device"),
        (lambda p: write(p.parent / "text.mp4", b"hello"), 65, "not a video or audio file"),
        (lambda p: write(p.parent / "nothing.mp4", b""), 65, "not a video or audio file"),
        (
            lambda p: write(p.parent / "list.mp4", PLAYLIST),
            65,
            "not a",
        ),
        (lambda p: write(p.parent / "half.mp4", p.read_bytes()[:9000]), 65, "not a video"),
    ],
    ids=["missing", "below a file", "device", "folder", "text", "empty", "playlist", "half"],
)
def test_a_file_that_is_no_recording_is_refused(make, code, said, own, download):
    outcome = download(make(own))

    assert outcome.code == code
    assert said in outcome.message
    assert not outcome.job.exists()


def test_the_playlist_above_would_open_if_it_were_let(own: Path):
    listing = write(own.parent / "list.mp4", PLAYLIST)
    with av.open(str(listing), format="concat") as container:
        assert container.streams.audio


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_of_a_damaged_file_what_is_there_is_taken_with_a_warning(own: Path, download: Download):
    sound = ["-f", "lavfi", "-i", "sine=duration=20:sample_rate=16000", "-c:a", "aac"]
    ffmpeg(*sound, "-movflags", "+faststart", own)
    own.write_bytes(own.read_bytes()[: own.stat().st_size // 2])
    outcome = download(own)

    assert outcome.code == 0
    assert re.search(r"is damaged and ends after (8|9|10) of 20 s", outcome.notes())


def test_a_name_that_is_no_utf_8_does_not_stop_it(own: Path, download: Download):
    odd = own.rename(own.with_name(os.fsdecode(b"d\xe9bat.mp4")))
    outcome = download(odd)

    assert outcome.code == 0
    assert outcome.media["source"]["title"] == "d?bat"


def test_a_second_run_does_nothing(own: Path, download: Download):
    first = download(own)
    second = download(own)

    assert second.code == 0
    assert second.events[-1]["skipped"] is True
    assert second.events[-1]["outputs"] == first.events[-1]["outputs"]


@pytest.mark.parametrize(
    "change",
    [
        lambda own, job: own.write_bytes(own.read_bytes() + b"\0" * 64),
        lambda own, job: next(job.glob("videos/*")).write_bytes(b"cut"),
        lambda own, job: next(job.glob("videos/*")).unlink(),
        lambda own, job: (job / "media.json").write_text("{"),
        lambda own, job: (job / "media.json").unlink(),
    ],
    ids=["source changed", "video cut", "video gone", "bad json", "no json"],
)
def test_a_job_that_is_not_whole_is_done_again(change, own: Path, job: Path, download: Download):
    download(own)
    change(own, job)
    outcome = download(own)

    assert outcome.code == 0
    assert outcome.events[-1]["skipped"] is False
    assert left_behind(job) == ["media.json", outcome.media["video"]["path"]]


@pytest.mark.parametrize("options", [["--force"], ["--max-height", "240"]])
def test_force_or_another_request_does_it_again(options, own: Path, download: Download):
    first = download(own)
    second = download(own, *options)

    assert second.events[-1]["skipped"] is False
    assert second.sha256 == first.sha256


def test_another_recording_replaces_the_files_of_the_first(own: Path, job: Path, download, media):
    own.with_suffix(".en.vtt").write_text(VTT)
    download(own)
    outcome = download(media / "sound.wav")

    assert left_behind(job) == ["media.json", outcome.media["video"]["path"]]


def test_the_title_within_a_file_comes_before_its_name(
    media: Path, tmp_path: Path, download: Download
):
    titled = tmp_path / "rec_0042.mp4"
    ffmpeg("-i", media / "clip.mp4", "-c", "copy", "-metadata", "title=Town hall", titled)

    assert download(titled).media["source"]["title"] == "Town hall"


@pytest.mark.parametrize("name", ["clip.mp4", "sound.wav"])
def test_a_recording_that_is_too_long_is_refused_in_a_sentence(
    name: str, media: Path, download: Download
):
    outcome = download(media / name, "--max-seconds", "2")

    assert outcome.code == 65
    assert f"{name} is longer than " in outcome.message
    assert "MAX_SECONDS" in outcome.message


def test_hours_in_a_few_kilobytes_are_not_unpacked_to_their_end(tmp_path: Path, download: Download):
    """The header of FLAC is not believed; the conversion stops where it becomes too long."""
    silence = tmp_path / "silence.flac"
    ffmpeg("-f", "lavfi", "-i", "anullsrc=r=8000:cl=mono", "-t", "3600", silence)

    outcome = download(silence, "--max-seconds", "60", "--time-limit", "60")

    assert (outcome.code, "longer than" in outcome.message) == (65, True)
