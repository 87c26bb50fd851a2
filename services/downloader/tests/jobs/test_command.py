"""The command as users and pipelines meet it."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Download, command_line, left_behind
from debate_contract.schemas import faults
from debate_contract.storage import locate
from debate_downloader import __version__, job
from debate_downloader.sources.web.watch import Watch
from debate_downloader.storage import workplace
from site_server import Site


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [command_line("debate-download"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("name", ["clip.mp4", "sound.wav"])
def test_media_json_is_as_the_contract_says(name, site: Site, download: Download):
    site.write("x.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n")
    track = '<track kind="subtitles" src="/x.vtt" srclang="en">'
    outcome = download(site.write("p.html", f"<video src='/{name}'>{track}</video>"))
    document = outcome.media

    assert faults(document, "media") == []
    assert document["job_id"] == "first"
    assert document["video"]["bytes"] == outcome.video.stat().st_size
    made = ["media.json", document["subtitles"][0]["path"], document["video"]["path"]]
    assert left_behind(outcome.job) == made


def test_log_lines_are_as_the_contract_says(site: Site, download: Download):
    events = download(f"{site.url}/clip.mp4").events

    assert events[0]["event"] == "started"
    assert events[-1]["event"] == "finished"
    assert isinstance(events[-1]["outputs"], list)
    assert all({"time", "level", "stage", "event", "message"} <= set(e) for e in events)
    assert {e["stage"] for e in events} == {"download"}


def test_version_and_help_come_without_yt_dlp():
    script = (
        "import sys; from debate_downloader import cli\n"
        "try: cli.command.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'yt_dlp', 'av', 'boto3'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "[]"
    assert __version__ in run("--version").stdout
    for name in ("VIDEO_URL", "OUTPUT_S3_PREFIX", "YT_COOKIES_SECRET_ARN", "ALLOW_PRIVATE_HOSTS"):
        assert name in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--video-url", "http://a.org/x"],
        ["--no-such-option"],
        ["--video-url", "ftp://a.org/x", "--output-s3-prefix", "x"],
        ["--video-url", "http://a.org/x", "--output-s3-prefix", "s3://bucket"],
        ["--video-url", "http://a.org/x", "--output-s3-prefix", "x", "--max-height", "tall"],
    ],
)
def test_wrong_usage_is_64_without_a_traceback(arguments):
    done = run(*arguments)

    assert done.returncode == 64
    assert "rror: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_fault_of_our_own_is_70_with_the_traceback_in_the_log(download, media, monkeypatch):
    monkeypatch.setattr(job, "make_mp4", lambda *_: 1 / 0)
    outcome = download(media / "clip.mp4")

    assert outcome.code == 70
    assert "ZeroDivisionError" in outcome.events[-1]["traceback"]
    assert not outcome.job.exists()


def test_a_fault_of_our_own_inside_yt_dlp_is_70_as_well(site: Site, download, monkeypatch):
    monkeypatch.setattr(Watch, "_check_size", lambda *_: 1 / 0)

    assert download(f"{site.url}/clip.mp4").code == 70


def test_a_second_download_of_the_same_job_is_told_to_wait(job: Path, media: Path, download):
    with workplace(locate(str(job))):
        outcome = download(media / "clip.mp4")

    assert (outcome.code, outcome.events[-1]["error"]) == (75, "JobBusy")


def test_a_place_that_cannot_be_written_is_wrong_usage(tmp_path, media, download: Download):
    (tmp_path / "file").write_text("")

    assert download(media / "clip.mp4", to=str(tmp_path / "file" / "job")).code == 64


def test_the_wheels_ffmpeg_serves_where_none_is_installed(media, download, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    assert download(media / "clip.webm").code == 0


def test_other_files_of_the_job_are_left_alone(job: Path, media: Path, download: Download):
    (job / "logs").mkdir(parents=True)
    (job / "logs" / "download.jsonl").write_text("{}")
    download(media / "silent.mp4")

    assert left_behind(job) == ["logs/download.jsonl"]
