"""Runs ffmpeg: the one on PATH, else the one that comes with a Python wheel."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from debate_contract.errors import BadInput, DiskFull, StageError

OnProgress = Callable[[float], None]
FULL_DISK_SIGNS = ("No space left on device", "File too large", "Disk quota exceeded")


def find_ffmpeg() -> str:
    """Path of the ffmpeg to use."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def run_ffmpeg(
    arguments: list[str], name: str, on_progress: OnProgress, feed: list[str] | None = None
) -> None:
    """Run ffmpeg with these arguments; `on_progress` hears the seconds written so far.

    `name` is what the user calls the recording; `feed` are the arguments of another one whose
    output is read as `pipe:0`. Raises DiskFull, or BadInput with ffmpeg's own last words. When the
    caller is interrupted both are killed.
    """
    command = [find_ffmpeg(), "-nostdin", "-v", "error", "-y", "-progress", "pipe:1", *arguments]
    with tempfile.TemporaryFile("w+") as said, ExitStack() as stack:
        source = stack.enter_context(_fed(feed)) if feed else None
        process = stack.enter_context(_started(command, source, said, text=True))
        _follow(process.stdout, on_progress)
        process.wait()
        said.seek(0)
        if process.returncode != 0:
            raise _failure(process.returncode, said.read(), name)


@contextmanager
def _fed(arguments: list[str]) -> Iterator[IO[bytes] | None]:
    """What another ffmpeg writes; what it complains of is heard by nobody, as of one alone."""
    command = [find_ffmpeg(), "-nostdin", "-v", "quiet", *arguments]
    with _started(command, None, subprocess.DEVNULL) as process:
        yield process.stdout


@contextmanager
def _started(
    command: list[str], source: IO[bytes] | None, said: Any, *, text: bool = False
) -> Iterator["subprocess.Popen[Any]"]:
    """A process whose output is read; it is killed where that is not read to the end."""
    pipes = {"stdin": source, "stdout": subprocess.PIPE, "stderr": said, "text": text}
    with subprocess.Popen(command, **pipes) as process:
        try:
            yield process
        finally:
            process.kill()


def _follow(lines: IO[str] | None, on_progress: OnProgress) -> None:
    for line in lines or ():
        key, _, value = line.strip().partition("=")
        if key == "out_time_us" and value.isdigit():
            on_progress(int(value) / 1e6)


def _failure(return_code: int, said: str, name: str) -> StageError:
    if return_code == -signal.SIGXFSZ or any(sign in said for sign in FULL_DISK_SIGNS):
        return DiskFull()
    last = said.strip().splitlines()[-1:] or [f"exit status {return_code}"]
    return BadInput(f"{name} cannot be converted to MP4 (ffmpeg: {last[0]}): is it damaged?")
