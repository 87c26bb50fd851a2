"""Jobs on AWS Batch: handed in, found again, described."""

import shlex
import time
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from rich.console import Console

from debate_pipeline.aws.clients import THREADS, connect
from debate_pipeline.aws.faults import explained
from debate_pipeline.aws.progress.artefacts import fetch_figures, folder_of, list_results
from debate_pipeline.aws.progress.cost import BASIS
from debate_pipeline.aws.progress.states import is_at_rest
from debate_pipeline.aws.progress.streams import StreamReader
from debate_pipeline.aws.records.ledger import Ledger
from debate_pipeline.aws.records.lists import ListRecord, token_of_key
from debate_pipeline.aws.records.named import Search, find_named
from debate_pipeline.aws.records.store import Entry, SubmissionStore
from debate_pipeline.aws.stack import Stack
from debate_pipeline.aws.submission.intake import Intake
from debate_pipeline.aws.submission.submitter import Submitter
from debate_pipeline.backend import find_each
from debate_pipeline.job.follow import Event
from debate_pipeline.job.record import Job, State
from debate_pipeline.job.stages import Request
from debate_pipeline.many import Result
from debate_pipeline.terminal.display import Display, PlainDisplay
from debate_pipeline.terminal.findings import Finding
from debate_pipeline.terminal.summary import Summary, load_summaries

CANCELLED = "cancelled by `debate cancel`"
FAILED_SHOWN = 20  # of one list, in the table of all jobs
LOGS_SHOWN = 20  # since each costs a call
POLL = 3.0  # seconds between two looks at a job that is followed


class AwsBackend:
    """Jobs in the queues of a stack (see `Backend`)."""

    name: Literal["local", "aws"] = "aws"
    cost_basis: str | None = BASIS

    def __init__(self, stack: Stack, checkout: Path | None = None, poll: float = POLL) -> None:
        self.stack, self.checkout, self.poll = stack, checkout, poll
        self.where = f"on AWS ({stack.bucket}, {stack.region})"
        self.clients = connect(stack)
        self.store = SubmissionStore(self.clients.s3, stack.bucket)
        self.ledger = Ledger(stack, self.clients, self.store)
        self.intake = Intake(self.where, self.ledger, Submitter(stack, self.clients, self.store))
        self.streams = StreamReader(self.clients.logs, stack.log_group)

    def run(self, request: Request, display: Display) -> Job:
        """Hand in what is due of the request; return the job that is under way or done, if any."""
        with explained(self.stack.region):
            return self.intake.run(request, display)

    def run_many(
        self, sources: list[str], request_of: Callable[[str], Request], console: Console
    ) -> list[Result]:
        """Hand in all that are new as arrays, the others where they stopped."""
        with explained(self.stack.region):
            return self.intake.run_many(sources, request_of, PlainDisplay(console))

    def jobs(self, newest: int | None = None) -> tuple[list[Job], int]:
        """Return every job, the newest first; a list is one, and those of it that failed.

        Only those whose records changed last are read when so many of the `newest` are wanted; how
        many were not read is told too.
        """
        with explained(self.stack.region):
            listing = self.store.listing()
            read = listing.newest(newest)
            entries = self.ledger.refresh(self.store.read_keys(read.singles))
            own = {entry.job.job_id: entry.job for entry in entries}
            jobs = [*own.values()]
            for record in self.ledger.lists([token_of_key(key) for key in read.lists]):
                jobs += [record.row(), *self._failed_of(record, own)]
            jobs.sort(key=lambda job: (job.created_at, job.job_id), reverse=True)
            return jobs[:newest], len(listing) - len(read)

    def _failed_of(self, record: ListRecord, own: Container[str]) -> list[Job]:
        """Return the first that failed of a list, but those that have a record of their own."""
        children = [record.child(number) for number in record.failed_children()[:FAILED_SHOWN]]
        entries = [Entry(job, None) for job in children if job.job_id not in own]
        return [entry.job for entry in self.ledger.look(entries)] if entries else []

    def job(self, part: str) -> Job:
        """Return the job whose id contains `part`; the newest when `part` is empty."""
        with explained(self.stack.region):
            known = find_named(self.ledger, [part])
            return known.get(part) or Search(self.ledger).job(part)

    def named(self, parts: list[str]) -> tuple[list[Job], dict[str, str]]:
        """Return the jobs whose ids contain these, and why some are not found."""
        with explained(self.stack.region):
            known, search = find_named(self.ledger, parts), Search(self.ledger)
            return find_each(parts, lambda part: known.get(part) or search.job(part))

    def last_words(self, jobs: list[Job]) -> dict[tuple[str, str], list[Event]]:
        """Return the end of the logs of some, by job and stage: those under way come first."""
        shown = [
            ((job.job_id, stage), record.batch.streams)
            for wanted in (State.RUNNING, State.FAILED)
            for job in jobs
            for stage, record in job.stages.items()
            if record.state is wanted and record.batch and record.batch.streams
        ][:LOGS_SHOWN]
        with explained(self.stack.region), ThreadPoolExecutor(THREADS) as pool:
            said = pool.map(lambda one: self.streams.last_events(one[1]), shown)
            return dict(zip((of for of, _ in shown), said, strict=True))

    def cancel(self, job: Job) -> bool:
        """Terminate the jobs of the stages that are not at rest."""
        records = [record for record in job.stages.values() if not is_at_rest(record)]
        ids = dict.fromkeys(record.batch.job_id for record in records if record.batch)
        with explained(self.stack.region):
            for job_id in ids:
                self.clients.batch.terminate_job(jobId=job_id, reason=CANCELLED)
        return bool(ids)

    def prefix(self, job: Job) -> str:
        """Return the job's prefix in the bucket."""
        return f"{self.stack.jobs_prefix}/{folder_of(job, self.stack)}"

    def files(self, job: Job) -> list[str]:
        """Return the files below the job's prefix."""
        with explained(self.stack.region):
            return list_results(self.clients.s3, self.stack.bucket, folder_of(job, self.stack))

    def summaries(self, job: Job) -> list[Summary]:
        """Return the figures of a job whose statistics are done."""
        stats = job.stages.get("stats")
        if stats is None or stats.state is not State.DONE:
            return []
        own = folder_of(job, self.stack)
        with explained(self.stack.region), TemporaryDirectory() as copy:
            fetch_figures(self.clients.s3, self.stack.bucket, own, Path(copy))
            return load_summaries(Path(copy))

    def examine(self) -> list[Finding]:
        """Ask AWS for what a first job fails on."""
        from debate_pipeline.aws.doctor.examination import examine

        return examine(self.stack, self.checkout)

    def next_command(self, job: Job) -> str:
        """Return how to follow a job under way, mend a failed one, or register a finished one."""
        again = _same_command(job)
        if job.state in (State.FAILED, State.INTERRUPTED):
            return f"debate logs {job.job_id}, then {again}"
        if job.state is not State.DONE:
            return f"debate status {job.job_id}, or debate logs {job.job_id} --follow"
        if [*job.stages] == ["download"]:
            return f"debate submit {shlex.quote(job.source)}"
        if [*job.stages] == ["transcribe"]:
            return f"debate stats {self.prefix(job)}/transcripts"
        if self.stack.webapp_url:
            return f"register it at {self.stack.webapp_url}"
        return f"make web STORAGE_ROOT=s3://{self.stack.bucket}, and register it there"

    def events(self, job_id: str, follow: bool) -> Iterator[tuple[str, Event]]:
        """Yield all that a job has said; then, following, what it says until it is at rest."""
        source = self.job(job_id).source
        with explained(self.stack.region):
            while entry := self.ledger.find(source):
                for stage, record in entry.job.stages.items():
                    for stream in record.batch.streams if record.batch else ():
                        yield from ((stage, event) for event in self.streams.read(stream))
                if not follow or all(map(is_at_rest, entry.job.stages.values())):
                    return
                time.sleep(self.poll)


def _same_command(job: Job) -> str:
    """Return the command that asks for the same again; a stage alone has a command of its own."""
    alone = [*job.stages] if len(job.stages) == 1 else ["submit"]
    return f"debate {alone[0]} {shlex.quote(job.source)}"
