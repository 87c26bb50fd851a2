"""Recordings for the tests: parts of the sample, and files that must be refused."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
from checkout import SAMPLE

PICTURE = "-f lavfi -i testsrc=size=160x120:rate=5:duration=3"
SOUND = "-f lavfi -i anullsrc=r=16000:cl=mono"


def ffmpeg(*arguments: str | Path) -> str:
    """Run ffmpeg and return what it complained of."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


def excerpt(target: Path, start: float, duration: float) -> Path:
    """A part of the sample debate without its title, cut at key frames (every 2 s)."""
    span = ("-ss", start, "-t", duration)
    ffmpeg(*span, "-i", SAMPLE, "-c", "copy", "-map_metadata", "-1", target)
    return target


def silence(target: Path) -> Path:
    """Three seconds of a test picture in which nobody speaks."""
    ffmpeg(*PICTURE.split(), *SOUND.split(), "-shortest", "-c:a", "aac", target)
    return target


def without_sound(target: Path) -> Path:
    """A video with no audio track."""
    ffmpeg(*PICTURE.split(), target)
    return target


def damage(path: Path) -> str:
    """What a player would stumble over in a recording; empty when it is whole."""
    return ffmpeg("-i", path, "-f", "null", "-")
