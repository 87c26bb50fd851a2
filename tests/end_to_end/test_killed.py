"""`kill -9` during every stage, then the same command: it finishes, and nothing shows of it."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pytest
from artefacts import STAGES, broken_files, files_of_a_submission, read_json
from checkout import CHECKOUT
from jobs import DEBATE, WEBAPP, Job, events, tree
from recordings import excerpt
from running import environment, run
from serving.loopback import Site

# The event after which a stage has begun to make something; the short stages are caught starting.
AT_WORK = {"download": "progress", "transcribe": "progress"}


class Submit:
    """`debate submit` under way, in a process group of its own."""

    def __init__(self, url: str, store: Path) -> None:
        self.store = store
        self.process = subprocess.Popen(
            [DEBATE, "submit", "--speakers", "2", url],
            cwd=CHECKOUT,
            env=environment({"STORAGE_ROOT": str(store)}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing that the test started outlives it, also when it fails."""
        self.process.kill()
        self.process.wait()

    def wait_for(self, stage: str, seconds: float = 120) -> None:
        """Return once the stage is at work."""
        give_up = time.monotonic() + seconds
        while not self.is_at(stage):
            assert self.process.poll() is None, f"it ended before {stage} was caught"
            assert time.monotonic() < give_up, f"{stage} has not begun after {seconds} s"
            time.sleep(0.02)

    def is_at(self, stage: str) -> bool:
        record = self.record(stage)
        if record.get("state") != "running" or not record.get("pid"):
            return False
        log = self.folder / "logs" / f"{stage}.jsonl"
        said = events(log.read_bytes()[record["log_from"] :].decode().rpartition("\n")[0])
        return stage not in AT_WORK or AT_WORK[stage] in {event["event"] for event in said}

    @property
    def folder(self) -> Path:
        (folder,) = self.store.glob("jobs/*/")
        return folder

    def record(self, stage: str) -> dict[str, Any]:
        for path in self.store.glob("jobs/*/job.json"):
            return next((it for it in read_json(path)["stages"] if it["name"] == stage), {})
        return {}

    def kill(self, stage: str, *, with_stage: bool) -> None:
        """SIGKILL, as the kernel does when memory is short; with the stage as when power fails."""
        self.process.kill()
        self.process.wait()
        if with_stage and (pid := self.record(stage)["pid"]):
            with suppress(ProcessLookupError):  # it may have come to its end just now
                os.killpg(pid, signal.SIGKILL)


@pytest.mark.parametrize("with_stage", [False, True], ids=["the command", "command and stage"])
def test_killed_in_every_stage_it_still_finishes(
    with_stage: bool, site: Site, tmp_path: Path
) -> None:
    recording = excerpt(tmp_path / "short.mp4", 10, 8)
    url, store = site.serve("short.mp4", recording), tmp_path / "store"
    site.bytes_per_second = recording.stat().st_size / 3

    for stage in STAGES:
        with Submit(url, store) as submit:
            submit.wait_for(stage)
            submit.kill(stage, with_stage=with_stage)
            assert not broken_files(submit.folder)
    last = run(DEBATE, "submit", "--speakers", "2", url, STORAGE_ROOT=store)

    assert last.returncode == 0, last.stderr
    (folder,) = store.glob("jobs/*/")
    assert not broken_files(folder)
    job = Job(folder, logs={})
    assert tree(folder) == files_of_a_submission(job)
    assert_attempts(folder, 2 if with_stage else 1)
    assert_registered_once(store, job)


def assert_attempts(folder: Path, expected: int) -> None:
    """A stage that outlived its command is not run again; one that was killed is, once."""
    stages = read_json(folder / "job.json")["stages"]
    assert {stage["name"]: stage["attempts"] for stage in stages} == dict.fromkeys(STAGES, expected)


def assert_registered_once(store: Path, job: Job) -> None:
    transcript = job.the("transcripts/*_transcription.json")
    again = run(WEBAPP, "register", transcript, LOG_FORMAT="json", STORAGE_ROOT=store)
    last = events(again.stderr)[-1]
    assert (again.returncode, last["skipped"], last["outputs"]) == (0, True, ["/debates/1"])
