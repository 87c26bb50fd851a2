"""Run the stages of one job, whose lock the caller holds, as child processes."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

from debate_contract.errors import TemporaryFault

from debate_pipeline.errors import Interrupted, StageFailed, Terminated
from debate_pipeline.job.follow import POLL, Outcome, read_outcome, tail
from debate_pipeline.job.record import Job, StageRecord, State
from debate_pipeline.job.stages import (
    Request,
    arguments_of,
    environment_of,
    find_command,
    options_of,
)
from debate_pipeline.local.inherited import inherited_by
from debate_pipeline.local.stopping import StopSignals
from debate_pipeline.local.store import JobStore
from debate_pipeline.settings import Settings
from debate_pipeline.terminal.display import Display

SAME_AGAIN = "the same command goes on from here"


@dataclass(frozen=True)
class Runner:
    """Runs stages for a request; `lock` is the job's."""

    settings: Settings
    store: JobStore
    job: Job
    request: Request
    display: Display
    lock: BinaryIO

    def run(self, stage: str) -> None:
        """Run a stage, and again when it fails for a passing reason; raise when it gives up."""
        delay = self.settings.retry_delay
        for tries_left in reversed(range(self.settings.tries)):
            record = self._attempt(stage)
            if record.state is State.DONE:
                return
            passing = record.state is State.FAILED and record.exit_code == TemporaryFault.exit_code
            if not (passing and tries_left):
                raise failure(self.store, self.job, stage)
            self.display.note(f"{stage}: {record.message}; trying again in {delay:g} s")
            time.sleep(delay)
            delay *= 2

    def _attempt(self, stage: str) -> StageRecord:
        """Run a stage once and return its record, which says how it ended."""
        self.display.begin(stage)
        with StopSignals() as signals:
            child = self._start(stage)
            try:
                self._watch(stage, child, signals)
            except KeyboardInterrupt as stop:
                self._stop(stage, child, signals)
                raise interrupted(stop, f"stopped during {stage}; {SAME_AGAIN}") from stop
            finally:
                self.display.end(stage, self.job.stages[stage])
        return self.job.stages[stage]

    def _start(self, stage: str) -> subprocess.Popen[bytes]:
        """Enter the attempt, then start it: a record that says "running" too early does no harm."""
        record, log = self.job.stages[stage], self.store.log(self.job.job_id, stage)
        log.parent.mkdir(exist_ok=True)
        with log.open("ab") as out:
            record.begin(options_of(stage, self.job.options), log_from=out.tell())
            self.store.save(self.job)
            child = self._spawn(stage, out)
        record.pid = child.pid
        self.store.save(self.job)
        return child

    def _spawn(self, stage: str, out: BinaryIO) -> subprocess.Popen[bytes]:
        """Start the process in a session of its own, with the log as output and the job's lock.

        So neither Ctrl-C nor a closed terminal reaches it but through us, and when we are killed
        it works on and still keeps others off the job.
        """
        folder = self.store.folder(self.job.job_id)
        inherited = inherited_by(stage, self.settings.environment, self.job.source)
        # Whose own machine it is may fetch from anywhere, but where others type the addresses.
        private = self.settings.environment.get("ALLOW_PRIVATE_HOSTS", "1")
        inherited["ALLOW_PRIVATE_HOSTS"] = private
        return subprocess.Popen(
            [*self._command(stage), *arguments_of(stage, self.request, folder)],
            env=inherited | environment_of(stage, self.job, self.request, folder),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            pass_fds=(self.lock.fileno(),),
        )

    def _command(self, stage: str) -> tuple[str, ...]:
        return find_command(stage, self.settings.home, self.settings.environment.get("PATH"))

    def _watch(self, stage: str, child: subprocess.Popen[bytes], signals: StopSignals) -> None:
        def lasts() -> bool:
            signals.check()
            return child.poll() is None

        log, start = self.store.log(self.job.job_id, stage), self.job.stages[stage].log_from
        for event in tail(log, lasts, start):
            self.display.event(stage, event)
        self._enter(stage, read_outcome(log, start, child.returncode))

    def _stop(self, stage: str, child: subprocess.Popen[bytes], signals: StopSignals) -> None:
        """Ask the stage to stop, make it when it does not, and enter that it was stopped."""
        if child.poll() is None:
            self.display.note(f"stopping {stage} (Ctrl-C again stops it at once)")
            child.terminate()
            if not self._has_stopped(child, signals):
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
        if child.returncode == 0:
            self._enter(stage, Outcome(State.DONE, 0, "finished while it was being stopped"))
        else:
            self._enter(stage, Outcome(State.INTERRUPTED, None, "stopped by the user"))

    def _has_stopped(self, child: subprocess.Popen[bytes], signals: StopSignals) -> bool:
        """Wait until the stage has stopped, its grace is over or the user asks once more."""
        patience_ends = time.monotonic() + self.settings.stop_grace
        with suppress(KeyboardInterrupt):
            while child.poll() is None and time.monotonic() < patience_ends:
                time.sleep(POLL)
                signals.check()
        return child.poll() is not None

    def _enter(self, stage: str, outcome: Outcome) -> None:
        self.job.stages[stage].end(outcome.state, outcome.exit_code, outcome.message)
        self.store.save(self.job)


def failure(store: JobStore, job: Job, stage: str) -> StageFailed:
    """Return the error that passes a stage's own sentence and exit code on."""
    record = job.stages[stage]
    log = str(store.log(job.job_id, stage))
    return StageFailed(stage, record.exit_code or TemporaryFault.exit_code, record.message, log)


def interrupted(stop: KeyboardInterrupt, message: str) -> Interrupted:
    """Return the error for a command that was stopped: by the user 130, by SIGTERM 75."""
    return Interrupted(message, TemporaryFault.exit_code if isinstance(stop, Terminated) else 130)
