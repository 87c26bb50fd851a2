"""Jobs on AWS Batch: handed in, found again, described."""

import shlex
import time
from collections import Counter
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from debate_contract.errors import StageError, UsageFault
from rich.console import Console

from debate_pipeline.aws.clients import THREADS, connect
from debate_pipeline.aws.faults import explained
from debate_pipeline.aws.progress.artefacts import fetch_figures, folder_of, list_results
from debate_pipeline.aws.progress.cost import BASIS
from debate_pipeline.aws.progress.states import is_at_rest
from debate_pipeline.aws.progress.streams import StreamReader
from debate_pipeline.aws.records.ledger import Ledger
from debate_pipeline.aws.records.lists import ListRecord
from debate_pipeline.aws.records.named import Search, find_named
from debate_pipeline.aws.records.store import Entry, SubmissionStore
from debate_pipeline.aws.stack import INSTEAD, Stack
from debate_pipeline.aws.submission.due import describe_standing, due_stages
from debate_pipeline.aws.submission.ready import check_output, check_place, check_ready
from debate_pipeline.aws.submission.requests import LARGEST_ARRAY
from debate_pipeline.aws.submission.submitter import WHOLE, Submitter, lane_of, steps_of
from debate_pipeline.aws.submission.uploads import upload_file
from debate_pipeline.backend import find_each
from debate_pipeline.job.follow import Event
from debate_pipeline.job.options import renew
from debate_pipeline.job.record import Job, State
from debate_pipeline.job.stages import VOCABULARY, Request
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
        self.submitter = Submitter(stack, self.clients, self.store)
        self.ledger = Ledger(stack, self.clients, self.store)
        self.streams = StreamReader(self.clients.logs, stack.log_group)

    def run(self, request: Request, display: Display) -> Job:
        """Hand in what is due of the request; return the job that is under way or done, if any."""
        with explained(self.stack.region):
            request = self._placed(request, display)
            return self._go_on(request, self.ledger.find(request.source), display)

    def _go_on(self, request: Request, entry: Entry | None, display: Display) -> Job:
        """Hand in what is due after what is known of the request's source."""
        due = due_stages(entry.job if entry else None, request)
        if entry and not due:
            standing = describe_standing(entry.job, request)
            display.note(f"job {entry.job.job_id} {self.where}: {standing}")
            return entry.job
        check_ready(self.clients.batch, self.stack, lane_of(request), steps_of(request, due))
        job = self.submitter.submit(request, due, entry)
        display.note(f"job {job.job_id} {self.where}: handed in {', '.join(due)}")
        return job

    def run_many(
        self, sources: list[str], request_of: Callable[[str], Request], console: Console
    ) -> list[Result]:
        """Hand in all that are new as arrays, the others where they stopped."""
        results: dict[str, Result] = {}
        requests: dict[str, Request] = {}
        display = PlainDisplay(console)
        with explained(self.stack.region):
            for source in sources:
                try:
                    requests[source] = self._placed(request_of(source), display)
                except StageError as error:
                    results[source] = Result(source, error.exit_code, str(error))
            results |= self._hand_in_many(requests, display)
        return [results[source] for source in sources]

    def _hand_in_many(self, requests: dict[str, Request], display: Display) -> dict[str, Result]:
        entries = self.ledger.find_all([request.source for request in requests.values()])
        entries |= self._seen_inside(entries)
        new = {s: r for s, r in requests.items() if _is_new(entries[r.source], r)}
        jobs = self._hand_in_new(new, display) if new else {}
        standing: Counter[str] = Counter()
        for source, request in requests.items():
            entry = entries[request.source]
            if source not in new and entry and not due_stages(entry.job, request):
                jobs[source] = entry.job
                standing[describe_standing(entry.job, request)] += 1
            elif source not in new:
                jobs[source] = self._go_on(request, entry, display)
        for words, count in standing.items():
            display.note(f"{count} of the list {self.where}: {words}")
        return {source: Result(source, message=f"job {job.job_id}") for source, job in jobs.items()}

    def _seen_inside(self, entries: dict[str, Entry | None]) -> dict[str, Entry | None]:
        """Return those whose whole job failed, with the stage at which it did."""
        unclear = [entry for entry in entries.values() if entry and _failed_as_a_whole(entry)]
        return {entry.job.source: entry for entry in self.ledger.look(unclear)}

    def _hand_in_new(self, new: dict[str, Request], display: Display) -> dict[str, Job]:
        first, *others = new.values()
        if not others:
            return {source: self.run(first, display) for source in new}
        check_ready(self.clients.batch, self.stack, lane_of(first), steps_of(first, WHOLE))
        jobs = self.submitter.submit_arrays([*new.values()], WHOLE)
        arrays = -(-len(jobs) // LARGEST_ARRAY)
        how = "as one array job" if arrays == 1 else f"as {arrays} array jobs"
        display.note(f"{len(jobs)} recordings {how} {self.where}")
        return dict(zip(new, jobs, strict=True))

    def _placed(self, request: Request, display: Display) -> Request:
        """Return the request with its input where AWS can read it."""
        if request.place and not request.place.startswith("s3://"):
            raise UsageFault(f"Batch cannot see {request.place}: give an s3:// prefix; {INSTEAD}")
        if request.typed:  # Batch shows what a job was told to everybody who may look at jobs
            raise UsageFault(
                f"AWS would keep and show the password of {request.source}; {INSTEAD}, or give the "
                "stack cookies that open it"
            )
        check_place(request.place, self.stack)
        check_output(request.options, self.stack)
        request = self._with_vocabulary(request, display)
        if request.place or not request.source.startswith("/"):
            return request
        file = Path(request.source)
        return replace(
            request, source=upload_file(self.clients.s3, self.stack.bucket, file, display)
        )

    def _with_vocabulary(self, request: Request, display: Display) -> Request:
        file = request.options.get(VOCABULARY, "")
        if not file.startswith("/"):
            return request
        placed = upload_file(self.clients.s3, self.stack.bucket, Path(file), display)
        return replace(request, options={**request.options, VOCABULARY: placed})

    def jobs(self, newest: int | None = None) -> list[Job]:
        """Return every job, the newest first; a list is one, and those of it that failed.

        Only those whose records changed last are read when so many of the `newest` are wanted.
        """
        with explained(self.stack.region):
            own = {e.job.job_id: e.job for e in self.ledger.refresh(self.store.all(newest))}
            jobs = [*own.values()]
            for record in self.ledger.lists():
                jobs += [record.row(), *self._failed_of(record, own)]
            jobs.sort(key=lambda job: (job.created_at, job.job_id), reverse=True)
            return jobs[:newest]

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


def _failed_as_a_whole(entry: Entry) -> bool:
    """Tell whether only the job of all stages is known to have failed, not which of them."""
    whole = any(record.batch and record.batch.container for record in entry.job.stages.values())
    return entry.listed and whole and entry.job.state is State.FAILED


def _is_new(entry: Entry | None, request: Request) -> bool:
    """Tell whether a request may go into an array, whose children all have the same options."""
    if entry is None or request.force:
        return True
    failed_early = due_stages(entry.job, request)[:1] == ("download",)
    return failed_early and entry.job.options == renew({}, request.options)
