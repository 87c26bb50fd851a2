"""A checkout whose stages are fakes, and the command `debate` in it."""

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

from debate_pipeline import cli
from debate_pipeline.job.stages import COMMANDS, STAGES
from debate_pipeline.local.store import JobStore

FAKE = Path(__file__).with_name("fake_stage.py")


class House:
    """A checkout with fake stages, a store, and the command `debate` to run there."""

    def __init__(self, folder: Path, figures: Path) -> None:
        self.home, self.root, self.control = folder / "home", folder / "data", folder / "control"
        self.control.mkdir()
        shutil.copy(figures, self.control / "stats.parquet")
        self._started: list[subprocess.Popen[str]] = []
        for stage in STAGES:
            self._install(stage)

    def _install(self, stage: str) -> None:
        service, (program, *_) = COMMANDS[stage]
        command = self.home / "services" / service / ".venv" / "bin" / program
        command.parent.mkdir(parents=True)
        words = shlex.join([sys.executable, "-IS", str(FAKE), stage])
        told = f"FAKE_CONTROL={shlex.quote(str(self.control))}"
        command.write_text(f'#!/bin/sh\n{told} exec {words} "$@"\n')
        command.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        own = {
            "DEBATE_HOME": str(self.home),
            "STORAGE_ROOT": str(self.root),
            "FAKE_CONTROL": str(self.control),
            "RETRY_DELAY": "0.05",
            "COLUMNS": "200",
        }
        return {"PATH": os.environ["PATH"]} | own | more

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "debate_pipeline", *arguments],
            env=self.environment(**environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._started.append(process)
        return process

    def debate(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run the command in this process, which is quicker; its stages are processes still."""
        out, err = io.StringIO(), io.StringIO()
        own_environment = mock.patch.dict(os.environ, self.environment(**environment), clear=True)
        with own_environment, redirect_stdout(out), redirect_stderr(err):
            code = cli.run(arguments)
        return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())

    def order(self, stage: str, *orders: str) -> None:
        (self.control / f"{stage}.script").write_text("\n".join(orders))

    def wait_for(self, stage: str) -> None:
        wait_until((self.control / f"{stage}.waiting").exists)

    def start_and_wait(self, stage: str, *arguments: str) -> subprocess.Popen[str]:
        """Start the command and return when its stage is at its `wait` or `stubborn`, once more."""
        (self.control / f"{stage}.waiting").unlink(missing_ok=True)
        process = self.start(*arguments)
        self.wait_for(stage)
        return process

    def wait_for_rest(self) -> None:
        store = JobStore(self.root)
        [job] = store.all()
        wait_until(lambda: not store.is_running(job.job_id))

    def let_go(self, stage: str) -> None:
        (self.control / f"{stage}.go").touch()

    def calls(self, stage: str) -> list[dict]:
        path = self.control / f"{stage}.calls"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def count_calls(self) -> list[int]:
        return [len(self.calls(stage)) for stage in STAGES]

    def jobs(self) -> list[dict]:
        records = (self.root / "jobs").glob("*/job.json")
        found = [json.loads(path.read_text()) for path in records]
        return sorted(found, key=lambda job: job["created_at"])

    def states(self) -> list[str]:
        [job] = self.jobs()
        return [stage["state"] for stage in job["stages"]]

    def files(self) -> list[str]:
        """What lies in the only job's folder, apart from the logs."""
        [folder] = (path for path in (self.root / "jobs").iterdir() if path.is_dir())
        found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
        return sorted(str(path) for path in found if path.parts[0] != "logs")

    def close(self) -> None:
        for stage in STAGES:
            self.let_go(stage)
        for process in self._started:
            process.kill()
            process.communicate()


def wait_until(condition, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)
