"""The command as its callers meet it: options, environment, exit codes, sentences."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from timelines import segment, transcript

DEBATE = json.dumps(transcript([segment(0, 4, "A", "one two three"), segment(3, 6, "B", "four")]))


def debate_stats(*options, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [sys.executable, "-m", "debate_stats", *map(str, options)],
        env=clean | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "debate_transcription.json").write_text(DEBATE)
    return tmp_path


def test_the_option_wins_over_the_environment(folder):
    done = debate_stats("--transcripts-prefix", folder, TRANSCRIPTS_PREFIX="/nowhere")
    assert done.returncode == 0
    assert "wrote the statistics of 1 of 1 transcript" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["TRANSCRIPTS_PREFIX", "TRANSCRIPTS_S3_PREFIX"])
def test_the_environment_is_enough_and_a_second_run_does_nothing(folder, name):
    assert debate_stats(**{name: str(folder)}).returncode == 0
    again = debate_stats(**{name: str(folder)})
    assert again.returncode == 0
    assert "nothing to do" in again.stderr


def test_batch_gets_json_lines(folder):
    done = debate_stats(TRANSCRIPTS_PREFIX=str(folder), AWS_BATCH_JOB_ID="job-1")
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert events[0]["event"] == "started"
    assert events[-1]["event"] == "finished"
    assert all(one["stage"] == "stats" and one["time"] and one["message"] for one in events)
    assert len(events[-1]["outputs"]) == 3


def test_a_bad_transcript_exits_with_65_and_names_file_and_field(folder):
    (folder / "bad_transcription.json").write_text('{"transcription": [{"start": NaN, "end": 1}]}')
    done = debate_stats("--transcripts-prefix", folder, "--log-format", "json")
    failed = json.loads(done.stderr.splitlines()[-1])
    assert done.returncode == failed["exit_code"] == 65
    assert failed["error"] == "BadTranscripts"
    assert "bad_transcription.json: transcription[0].start" in failed["message"]
    assert "Traceback" not in done.stderr
    assert (folder / "debate_transcript_stats.json").is_file()


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        ((), 64, "TRANSCRIPTS_PREFIX"),
        (("--no-such-option",), 64, "No such option"),
        (("--transcripts-prefix", "ftp://x/y"), 64, "neither s3://"),
        (("--transcripts-prefix", "/nowhere/at/all"), 66, "/nowhere/at/all"),
    ],
)
def test_failures_are_one_sentence_and_an_exit_code(options, code, sentence):
    done = debate_stats(*options)
    assert done.returncode == code
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


def test_version_and_help():
    assert debate_stats("--version").stdout.startswith("debate-stats, version ")
    text = debate_stats("--help").stdout
    assert "TRANSCRIPTS_S3_PREFIX" in text
    assert "Examples:" in text


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        ("import debate_stats.command.cli", {"numpy", "pyarrow", "boto3", "cloudpathlib"}),
        (
            f"import debate_stats as d; d.compute_statistics(d.parse_transcript({DEBATE!r}))",
            {"pyarrow", "boto3", "cloudpathlib"},
        ),
    ],
    ids=["the command's help", "the library"],
)
def test_what_is_not_needed_is_not_loaded(code, unwanted):
    code += f";import sys; sys.exit(bool({unwanted!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_source_date_epoch_fixes_the_time_in_the_files(folder):
    debate_stats("--transcripts-prefix", folder, SOURCE_DATE_EPOCH="1000000000")
    totals = json.loads((folder / "debate_transcript_stats.json").read_text())
    assert totals["created_at"] == "2001-09-09T01:46:40Z"


def start(folder):
    command = [sys.executable, "-m", "debate_stats", "--transcripts-prefix", str(folder)]
    environment = os.environ | {"SOURCE_DATE_EPOCH": "1000000000", "LOG_FORMAT": "json"}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def finish(running):
    running.communicate(timeout=60)
    return running.returncode


def many(folder, count=60):
    for n in range(count):
        (folder / f"debate{n:03d}_transcription.json").write_text(DEBATE)
    return folder


def wait_for_output(folder):
    until = time.monotonic() + 60
    while not any(folder.glob("*_transcript_stats.json")) and time.monotonic() < until:
        time.sleep(0.01)


def test_sigterm_exits_with_75(tmp_path):
    running = start(many(tmp_path))
    wait_for_output(tmp_path)
    running.send_signal(signal.SIGTERM)
    _, errors = running.communicate(timeout=20)
    failed = json.loads(errors.splitlines()[-1])
    assert running.returncode == failed["exit_code"] == 75
    assert not list(tmp_path.glob(".partial-*"))


def test_killed_at_random_moments_and_run_again_it_leaves_the_same_bytes(tmp_path):
    calm, killed = (many(folder_at(tmp_path / name)) for name in ("calm", "killed"))
    began = time.monotonic()
    assert finish(start(calm)) == 0
    took = time.monotonic() - began

    chance = random.Random(1)
    for _ in range(4):
        running = start(killed)
        time.sleep(chance.uniform(0.3, 1) * took)
        family = processes(running.pid)
        running.kill()
        finish(running)
        assert_gone(family)
    assert finish(start(killed)) == 0
    assert published(killed) == published(calm)
    assert len(published(calm)) == 4 * 60


def folder_at(path):
    path.mkdir()
    return path


def published(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name[0] != "."}


def processes(pid):
    """A process and all below it."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in processes(int(child)))]


def assert_gone(pids):
    """Nobody goes on working for a command that was killed."""
    until = time.monotonic() + 20
    while any(map(is_alive, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(map(is_alive, pids))


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
