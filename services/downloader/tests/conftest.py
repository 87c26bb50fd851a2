"""Real media from ffmpeg, a real web server, the real command."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from debate_downloader import cli
from debate_downloader.sources.web import online
from hypothesis import settings
from site_server import Site, serve

pytest_plugins = ["debate_contract.testing"]

# Two suites run side by side, so no time by the clock says anything.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

SECONDS = 3
SOUND = ["-f", "lavfi", "-i", f"sine=frequency=300:duration={SECONDS}:sample_rate=16000"]
PICTURE = ["-f", "lavfi", "-i", f"testsrc2=duration={SECONDS}:size=160x120:rate=10"]
H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10"]
VP9 = ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]


def ffmpeg(*arguments: str | Path) -> None:
    """Run the ffmpeg of the wheel; the tests need no other."""
    program = imageio_ffmpeg.get_ffmpeg_exe()
    subprocess.run([program, "-v", "error", "-y", *map(str, arguments)], check=True)


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small recordings, each named for what it is."""
    folder = tmp_path_factory.mktemp("media")
    ffmpeg(*PICTURE, *SOUND, *H264, "-c:a", "aac", folder / "clip.mp4")
    ffmpeg(*PICTURE, *SOUND, *VP9, "-c:a", "libopus", folder / "clip.webm")
    ffmpeg(*PICTURE, *H264, folder / "silent.mp4")
    ffmpeg(*SOUND, folder / "sound.wav")
    hls = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "0"]
    segments = ["-hls_segment_filename", folder / "seg%d.ts"]
    ffmpeg("-i", folder / "clip.mp4", "-c", "copy", *hls, *segments, folder / "stream.m3u8")
    return folder


@pytest.fixture
def site(media: Path, tmp_path: Path) -> Iterator[Site]:
    """A server of those recordings, and of what a test adds."""
    folder = tmp_path / "site"
    shutil.copytree(media, folder)
    site, server = serve(folder)
    yield site
    site.closing.set()
    server.shutdown()
    server.server_close()


@dataclass
class Outcome:
    """What one run of the command did."""

    code: int
    events: list[dict[str, Any]]
    job: Path
    sha256: str | None = None  # of the recording, which a later run may replace

    @property
    def message(self) -> str:
        """The last thing it said."""
        return str(self.events[-1]["message"])

    @property
    def media(self) -> dict[str, Any]:
        """Its media.json."""
        return dict(json.loads((self.job / "media.json").read_text()))

    @property
    def video(self) -> Path:
        """The recording it made."""
        return self.job / self.media["video"]["path"]

    def notes(self) -> str:
        """All choices and warnings."""
        return "\n".join(e["message"] for e in self.events if e["event"] == "note")


Download = Callable[..., Outcome]


@pytest.fixture
def job(tmp_path: Path) -> Path:
    """Where the job will be."""
    return tmp_path / "jobs" / "first"


@pytest.fixture
def download(
    job: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Download:
    """Run `debate-download` in this process; pauses and timeouts are short."""
    monkeypatch.setattr(online, "SOCKET_TIMEOUT", 1)
    monkeypatch.delenv("AWS_BATCH_JOB_ID", raising=False)

    def run(
        source: str | Path, *options: str, private: bool = True, to: str | None = None
    ) -> Outcome:
        base = ["--video-url", str(source), "--output-s3-prefix", to or str(job)]
        quick = ["--log-format", "json", "--retry-seconds", "0.01"]
        allowed = ["--allow-private-hosts"] if private else []
        with pytest.raises(SystemExit) as stop:
            cli.command.main([*base, *quick, *allowed, *options], standalone_mode=False)
        events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        outcome = Outcome(int(stop.value.code or 0), events, job)
        if (job / "media.json").is_file():
            outcome.sha256 = outcome.media["video"]["sha256"]
        return outcome

    return run


def command_line(name: str) -> str:
    """The installed command, for tests of the whole process."""
    return str(Path(sys.executable).with_name(name))


def start(*arguments: str, **extra: Any) -> subprocess.Popen[str]:
    """Run the real program in a process of its own, as the pipeline does."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True} | extra
    environment = {k: v for k, v in os.environ.items() if k != "AWS_BATCH_JOB_ID"}
    return subprocess.Popen([command_line("debate-download"), *arguments], env=environment, **pipes)


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for something another process does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def left_behind(folder: Path) -> list[str]:
    """Every file below a folder."""
    return sorted(os.path.relpath(p, folder) for p in folder.rglob("*") if p.is_file())
