"""Stopped, killed, out of time, out of disk: nothing half-done stays, and the next run goes on."""

import json
import os
import pty
import resource
import signal
import time
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import SOUND, Download, ffmpeg, left_behind, start, wait_until
from site_server import Site


def arguments(source: str, job: Path, *more: str) -> list[str]:
    base = ["--video-url", source, "--output-s3-prefix", str(job), "--allow-private-hosts"]
    return [*base, "--log-format", "json", *more]


def last_event(text: str) -> dict[str, object]:
    assert "Traceback" not in text
    return dict(json.loads(text.splitlines()[-1]))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 75), (signal.SIGINT, 130)])
def test_a_signal_ends_a_download_cleanly(number, code, site: Site, job: Path):
    process = start(*arguments(f"{site.url}/drip/clip.mp4", job))
    wait_until(lambda: site.asked["/drip/clip.mp4"])
    began = time.monotonic()
    process.send_signal(number)
    _, said = process.communicate(timeout=30)

    assert process.returncode == code
    assert time.monotonic() - began < 20
    assert last_event(said)["exit_code"] == code
    assert not job.exists()


def test_sigterm_ends_a_stream_whose_threads_all_hang(site: Site, job: Path):
    lines = (site.folder / "stream.m3u8").read_text().replace("seg", "hang-once/seg")
    process = start(*arguments(site.write("hanging.m3u8", lines), job))
    wait_until(lambda: site.asked["/hang-once/seg0.ts"])
    began = time.monotonic()
    process.terminate()
    _, said = process.communicate(timeout=30)

    assert process.returncode == 75
    assert time.monotonic() - began < 20
    assert "SIGTERM" in str(last_event(said)["message"])
    assert not job.exists()


def test_sigterm_ends_a_conversion(site: Site, job: Path, media: Path):
    picture = ["-f", "lavfi", "-i", "testsrc2=duration=120:size=640x480:rate=25"]
    long = site.folder / "long.avi"
    ffmpeg(*picture, *SOUND, "-c:v", "mpeg4", "-c:a", "pcm_s16le", long)
    process = start(*arguments(str(long), job))
    wait_until(lambda: list(job.glob(".download/*/result.mp4")))
    process.terminate()
    process.communicate(timeout=30)

    assert process.returncode == 75
    assert not job.exists()


def test_a_server_that_drips_meets_the_time_limit(site: Site, job: Path):
    process = start(*arguments(f"{site.url}/drip/clip.mp4", job, "--time-limit", "3"))
    _, said = process.communicate(timeout=40)

    assert process.returncode == 75
    assert "more than 3 s" in str(last_event(said)["message"])
    assert not job.exists()


def test_after_kill_9_the_same_command_finishes_and_clears_up(
    site: Site, job: Path, download: Download
):
    process = start(*arguments(f"{site.url}/drip/clip.mp4", job))
    wait_until(lambda: site.asked["/drip/clip.mp4"] and list(job.glob(".download/*")))
    process.kill()
    process.communicate(timeout=30)
    assert not (job / "videos").exists()

    outcome = download(f"{site.url}/clip.mp4")

    assert outcome.code == 0
    assert left_behind(job) == ["media.json", outcome.media["video"]["path"]]


def limited() -> None:
    """The kernel answers EFBIG, which is treated as the full disk that it stands for."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.mark.parametrize("name", ["clip.mp4", "stream.m3u8", "sound.wav", "own sound.wav"])
def test_a_full_disk_is_one_sentence_and_nothing_stays(name, site: Site, job: Path, media: Path):
    """Of one's own file it is the conversion that finds no room."""
    own = name.startswith("own ")
    source = str(media / name.removeprefix("own ")) if own else f"{site.url}/{name}"
    process = start(*arguments(source, job), preexec_fn=limited)
    _, said = process.communicate(timeout=60)

    assert process.returncode == 75
    assert "the disk is full" in str(last_event(said)["message"])
    assert not job.exists()


def test_a_terminal_shows_a_bar_and_where_the_files_are(site: Site, job: Path):
    master, slave = pty.openpty()
    plain = [a for a in arguments(f"{site.url}/clip.mp4", job) if a not in {"--log-format", "json"}]
    process = start(*plain, stderr=slave)
    os.close(slave)
    said = read_all(master)
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert "━" in said
    assert "MB" in said or "kB" in said
    assert str(job) in said.splitlines()[-1]


def read_all(descriptor: int) -> str:
    parts = []
    with suppress(OSError):  # a closed terminal reads as an input/output error
        while part := os.read(descriptor, 4096):
            parts.append(part)
    os.close(descriptor)
    return b"".join(parts).decode()
