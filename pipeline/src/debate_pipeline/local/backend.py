"""Run jobs on this machine: one stage after the other, resumed or joined when asked again."""

import shlex
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal

from debate_contract.errors import UsageFault
from rich.console import Console

from debate_pipeline.backend import find_each, run_request
from debate_pipeline.job.follow import (
    POLL,
    Event,
    read_events,
    read_last_events,
    tail,
)
from debate_pipeline.job.record import Job, State, utc_now
from debate_pipeline.job.stages import OUTPUT, STAGES, VOCABULARY, Request, find_command, stages_due
from debate_pipeline.local.doctor import examine
from debate_pipeline.local.runner import Runner, failure, interrupted
from debate_pipeline.local.store import JobStore
from debate_pipeline.many import Result, submit_each
from debate_pipeline.settings import Settings
from debate_pipeline.terminal.display import Display, print_plain
from debate_pipeline.terminal.findings import Finding
from debate_pipeline.terminal.summary import Summary, load_summaries, result_files


class LocalBackend:
    """Jobs in a folder of this machine (see `Backend`)."""

    name: Literal["local", "aws"] = "local"
    where = "on this machine"
    cost_basis: str | None = None

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.store = JobStore(settings.root)

    def run(self, request: Request, display: Display) -> Job:
        """Bring the request's job to its end, unless that was done before."""
        request = self._placed(request)
        job = self._open(request)
        display.note(f"job {job.job_id} {self.where}")
        return self._run(job.job_id, request, display)

    def run_many(
        self, sources: list[str], request_of: Callable[[str], Request], console: Console
    ) -> list[Result]:
        """Run one request after the other."""

        def submit(source: str) -> Job:
            return run_request(self, request_of(source), console)

        return submit_each(sources, submit, lambda text: print_plain(console, text))

    def _placed(self, request: Request) -> Request:
        """Return the request with its vocabulary in the store: an edited one is another one."""
        file = request.options.get(VOCABULARY, "")
        if not file.startswith("/"):
            return request
        kept = str(self.store.keep(Path(file)))
        return replace(request, options={**request.options, VOCABULARY: kept})

    def _open(self, request: Request) -> Job:
        """Return the newest job of the source, or a new one; `force` always makes a new one.

        A place inside a job's folder stands for that job, an output elsewhere for one of its own.
        """
        output = request.options.get(OUTPUT, "")
        with self.store.choosing():
            if job_id := self._job_at(output) if output else self._job_around(request.place):
                if (self.store.folder(job_id) / "job.json").exists():
                    return self.store.load(job_id)
                return self.store.create(request, job_id)
            newest = self.store.newest_of(request.source, request.source_version)
            if newest is None or (request.force and not request.place):
                return self.store.create(request)
            return newest

    def _job_around(self, place: str) -> str:
        try:
            return Path(place).relative_to(self.store.jobs).parts[0]
        except (ValueError, IndexError):
            return ""

    def _job_at(self, folder: str) -> str:
        job_id = self._job_around(folder)
        return job_id if folder == str(self.store.folder(job_id)) else ""

    def _run(self, job_id: str, request: Request, display: Display) -> Job:
        """Run the stages that are due, after waiting for whoever is at work on the job already."""
        with self._turn(job_id, display) as lock:
            job = self.store.load(job_id)
            due = stages_due(job, request)
            if not due:
                display.note("all of it is done already; --force makes a new run")
                return job
            if due[0] != request.stages[0]:
                display.note(f"going on with {due[0]}; what comes before it is done")
            for stage in due:  # better missed now than after an hour of download
                find_command(stage, self.settings.home, self.settings.environment.get("PATH"))
            job.ask(request.stages, due, request.options)
            self.store.save(job)
            runner = Runner(self.settings, self.store, job, request, display, lock)
            for stage in due:
                runner.run(stage)
            return job

    @contextmanager
    def _turn(self, job_id: str, display: Display) -> Iterator[BinaryIO]:
        """Hold the job's lock; its record is settled by then."""
        with self.store.try_lock(job_id) or self._attach(job_id, display) as lock:
            self.store.forget_unfinished(job_id)
            job = self.store.load(job_id)
            if job.running:
                self.store.settle(job)
                self.store.save(job)
            yield lock

    def _attach(self, job_id: str, display: Display) -> BinaryIO:
        """Show the work of another command, or of a stage that outlived its own, until it ends."""
        attached_at = utc_now()
        try:
            display.note(f"job {job_id} is under way already; following it (Ctrl-C leaves it so)")
            while (lock := self.store.try_lock(job_id)) is None:
                self._show_running(job_id, display)
        except KeyboardInterrupt as stop:
            raise interrupted(stop, f"job {job_id} goes on without this command") from stop
        self._refuse_failed(job_id, attached_at)
        return lock

    def _show_running(self, job_id: str, display: Display) -> None:
        stage = self.store.load(job_id).running
        if stage is None:
            time.sleep(POLL)
            return
        display.begin(stage)
        for event in self._tail(job_id, stage):
            display.event(stage, event)
        display.end(stage, self.job(job_id).stages[stage])

    def _tail(self, job_id: str, stage: str, *, whole: bool = False) -> Iterator[Event]:
        """Yield the events of an attempt under way until it ends, whoever runs it."""
        record = self.store.load(job_id).stages[stage]
        start = 0 if whole else record.log_from
        return tail(
            self.store.log(job_id, stage), self._lasts(job_id, stage, record.attempts), start
        )

    def _lasts(self, job_id: str, stage: str, attempt: int) -> Callable[[], bool]:
        def lasts() -> bool:
            now = self.store.load(job_id).stages[stage]
            same = (now.state, now.attempts) == (State.RUNNING, attempt)
            return same and self.store.is_running(job_id)

        return lasts

    def _refuse_failed(self, job_id: str, since: str) -> None:
        """Pass on a failure that was watched, in place of trying what has just failed."""
        job = self.store.load(job_id)
        self.store.settle(job)
        record = job.stages[job.current]
        if record.state is State.FAILED and (record.finished_at or "") >= since:
            self.store.save(job)
            raise failure(self.store, job, job.current)

    def jobs(self, newest: int | None = None) -> tuple[list[Job], int]:
        """Return every job, or so many of the newest, the newest first; and how many are left."""
        every = self.store.all()
        shown = every[:newest]
        return [self.store.seen(job) for job in shown], len(every) - len(shown)

    def named(self, parts: list[str]) -> tuple[list[Job], dict[str, str]]:
        """Return the jobs whose ids contain these, and why some are not found."""
        return find_each(parts, self.job)

    def last_words(self, jobs: list[Job]) -> dict[tuple[str, str], list[Event]]:
        """Return, by job and stage, the end of the logs of what is under way or has failed."""
        return {
            (job.job_id, stage): read_last_events(
                self.store.log(job.job_id, stage), record.log_from
            )
            for job in jobs
            for stage, record in job.stages.items()
            if record.state in (State.RUNNING, State.FAILED)
        }

    def job(self, part: str) -> Job:
        """Return the job whose id contains `part`; the newest when `part` is empty."""
        return self.store.seen(self.store.find(part))

    def cancel(self, job: Job) -> bool:
        """Refuse: a job on this machine is stopped by who works on it. Raises UsageFault."""
        raise UsageFault(
            f"{job.job_id} runs on this machine: stop the command that works on it (Ctrl-C, or "
            "SIGTERM), or cancel it on the site's page where it was submitted there"
        )

    def prefix(self, job: Job) -> str:
        """Return the folder of the job's results."""
        return job.options.get(OUTPUT) or str(self.store.folder(job.job_id))

    def files(self, job: Job) -> list[str]:
        """Return the files in the folder of the job's results."""
        return result_files(Path(self.prefix(job)))

    def summaries(self, job: Job) -> list[Summary]:
        """Return the figures in the folder of the job's results."""
        return load_summaries(Path(self.prefix(job)))

    def examine(self) -> list[Finding]:
        """Look for the stages' commands and for room on the disk."""
        return examine(self.settings)

    def next_command(self, job: Job) -> str:
        """Return the stage to ask for next, else how the web application is started."""
        if [*job.stages] == ["transcribe"]:
            return f"debate stats {shlex.quote(f'{self.prefix(job)}/transcripts')}"
        if "download" in job.stages and "register" not in job.stages:
            return f"debate submit {shlex.quote(job.source)}"
        return self.settings.web_command

    def events(self, job_id: str, follow: bool) -> Iterator[tuple[str, Event]]:
        """Yield all that a job has said; then, following, what it says until nobody is at work."""
        for stage in STAGES:
            while follow and self._is_to_come(job_id, stage):
                time.sleep(POLL)
            running = follow and self.job(job_id).running == stage
            log = self.store.log(job_id, stage)
            events = self._tail(job_id, stage, whole=True) if running else read_events(log)
            yield from ((stage, event) for event in events)

    def _is_to_come(self, job_id: str, stage: str) -> bool:
        record = self.store.load(job_id).stages.get(stage)
        pending = record is not None and record.state is State.PENDING
        return pending and self.store.is_running(job_id)
