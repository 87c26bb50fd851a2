"""A job as its stages leave it, what they said, and `make submit`, which makes one."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkout import command
from running import succeed

DOWNLOAD = command("services/downloader", "debate-download")
TRANSCRIBE = command("services/transcriber", "debate-transcribe")
STATS = command("services/stats", "debate-stats")
WEBAPP = command("services/webapp", "debate-webapp")
DEBATE = command("pipeline", "debate")


@dataclass(frozen=True)
class Job:
    """A job's folder and what each stage wrote to standard error."""

    folder: Path
    logs: dict[str, str]

    def the(self, pattern: str) -> Path:
        """The one file of the job that fits a pattern."""
        (path,) = self.folder.glob(pattern)
        return path


@dataclass(frozen=True)
class Submission:
    """What `make submit` was given, what it printed, and the job that it made."""

    url: str
    store: Path
    said: str
    job: Job


def submit(url: str, store: Path) -> Submission:
    """Run the command of the README; how many speak is left to the diarizer."""
    said = succeed("make", "submit", f"URL={url}", f"STORAGE_ROOT={store}", timeout=600)
    (folder,) = store.glob("jobs/*/")
    return Submission(url, store, said, Job(folder, logs={}))


def tree(folder: Path) -> set[str]:
    """The files below a folder, hidden ones too, by their relative paths."""
    return {
        os.path.relpath(Path(base) / name, folder)
        for base, _, names in os.walk(folder)
        for name in names
    }


def events(log: str) -> list[dict[str, Any]]:
    """The log lines of a stage, without what a library may have printed between them."""
    return [json.loads(line) for line in log.splitlines() if line.startswith("{")]


def complaint(result: subprocess.CompletedProcess[str], exit_code: int) -> str:
    """The sentence with which a stage under LOG_FORMAT=json refused, after checking that it is one
    line, carries the exit code expected, and comes without a traceback."""
    assert result.returncode == exit_code, result.stderr
    assert "Traceback" not in result.stderr
    last = events(result.stderr)[-1]
    assert (last["event"], last["exit_code"]) == ("failed", exit_code)
    assert last["message"] == last["message"].strip() != ""
    assert "\n" not in last["message"]
    return str(last["message"])
