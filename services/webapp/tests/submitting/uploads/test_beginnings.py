"""What may be a recording: every container that the stages read, and next to nothing else."""

import random
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from debate_webapp.submitting.uploads.beginning import LENGTH, is_recording

# The endings of the media whose times are tested through all stages, and cameras' and
# broadcasters' own.
SOUND = (
    *("wav", "flac", "mp3", "mp2", "aac", "ac3", "eac3", "ogg", "opus", "aiff", "au", "w64"),
    *("caf", "mka", "m4a", "wma"),
)
PICTURES = ("mp4", "mov", "mkv", "webm", "avi", "flv", "ts", "m2ts", "mpg", "3gp", "mxf")
TONE = ("-f", "lavfi", "-i", "sine=f=300:r=48000:d=1")
GRAY = ("-f", "lavfi", "-i", "color=gray:s=352x288:r=25:d=1")
WITHOUT_TAGS = ("-id3v2_version", "0", "-write_xing", "0")


def begin_of(file: Path, *arguments: str) -> bytes:
    """What a file begins with that ffmpeg makes."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments, str(file)]
    subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
    return file.read_bytes()[:LENGTH]


@pytest.mark.parametrize("ending", SOUND)
def test_every_file_of_sound_that_the_stages_read_is_taken(tmp_path: Path, ending: str) -> None:
    assert is_recording(begin_of(tmp_path / f"a.{ending}", *TONE))


@pytest.mark.parametrize("ending", PICTURES)
def test_every_file_of_pictures_that_the_stages_read_is_taken(tmp_path: Path, ending: str) -> None:
    codec = ("-c:a", "aac") if ending == "3gp" else ()

    assert is_recording(begin_of(tmp_path / f"a.{ending}", *GRAY, *TONE, *codec, "-ar", "48000"))


@pytest.mark.parametrize("rate", ["8k", "64k", "320k"])
def test_frames_without_a_container_are_taken_at_every_rate(tmp_path: Path, rate: str) -> None:
    low = ("-ar", "8000") if rate == "8k" else ()
    beginning = begin_of(tmp_path / "a.mp3", *TONE, *low, "-b:a", rate, *WITHOUT_TAGS)

    assert beginning[0] == 0xFF
    assert is_recording(beginning)


def test_packets_with_bytes_against_errors_are_taken(tmp_path: Path) -> None:
    sent = begin_of(tmp_path / "a.ts", *TONE)
    packets = (sent[at : at + 188] + bytes(16) for at in range(0, len(sent), 188))

    assert is_recording(b"".join(packets))


def test_of_ten_thousand_random_files_none_is_a_recording() -> None:
    """Some four bytes of each are compared: less than one in a hundred million files passes."""
    dice = random.Random(14)

    assert not any(is_recording(dice.randbytes(dice.choice((40, LENGTH)))) for _ in range(10_000))


@pytest.mark.parametrize("first", [b"G", b"\0\0\0\0G", b"\xff\xfb", b"\xff\xf1", b"\x0b\x77"])
def test_the_first_bytes_of_a_stream_alone_are_not_enough(first: bytes) -> None:
    dice = random.Random(14)
    taken = sum(is_recording(first + dice.randbytes(LENGTH)) for _ in range(2000))

    assert taken <= 2000 / 50


@pytest.mark.parametrize(
    "beginning",
    [
        b"", b"\xff", b"G", b"%PDF-1.7", b"PK\x03\x04", b"<html>", b"\x89PNG",
        b"Good evening, and welcome to the council.\n" * 200,
        "\ufeffGood evening, and welcome to the council.\r\n".encode("utf-16-le") * 99,
        b"RIFF\x24\0\0\0WEBPVP8 " + bytes(LENGTH), b"FORM\0\0\0\x40ILBM" + bytes(LENGTH),
        b"\xff" * LENGTH, bytes(LENGTH),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(beginning: bytes) -> None:
    assert not is_recording(beginning)
