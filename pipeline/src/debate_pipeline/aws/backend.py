"""Jobs on AWS Batch: handed in, found again, described."""

import shlex
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from debate_contract.errors import InputNotFound, StageError, UsageFault
from rich.console import Console

from debate_pipeline.aws.clients import connect
from debate_pipeline.aws.faults import explained
from debate_pipeline.aws.progress.artefacts import fetch_figures, folder_of, list_results
from debate_pipeline.aws.progress.states import is_at_rest
from debate_pipeline.aws.progress.streams import StreamReader
from debate_pipeline.aws.records.ledger import Ledger
from debate_pipeline.aws.records.store import Entry, SubmissionStore
from debate_pipeline.aws.stack import INSTEAD, Stack
from debate_pipeline.aws.submission.due import describe_standing, due_stages
from debate_pipeline.aws.submission.ready import check_output, check_place, check_ready
from debate_pipeline.aws.submission.requests import LARGEST_ARRAY
from debate_pipeline.aws.submission.submitter import WHOLE, Submitter, lane_of, steps_of
from debate_pipeline.aws.submission.uploads import upload_file
from debate_pipeline.job.follow import Event
from debate_pipeline.job.options import renew
from debate_pipeline.job.record import Job, State
from debate_pipeline.job.stages import VOCABULARY, Request
from debate_pipeline.many import Result
from debate_pipeline.terminal.display import Display, PlainDisplay
from debate_pipeline.terminal.findings import Finding
from debate_pipeline.terminal.summary import Summary, load_summaries

POLL = 3.0  # seconds between two looks at a job that is followed


class AwsBackend:
    """Jobs in the queues of a stack (see `Backend`)."""

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
            entry = self.ledger.find(request.source)
            due = due_stages(entry.job if entry else None, request)
            if entry and not due:
                display.note(
                    f"job {entry.job.job_id} {self.where}: {describe_standing(entry.job, request)}"
                )
                return entry.job
            check_ready(self.clients.batch, self.stack, lane_of(request), steps_of(request, due))
            job = self.submitter.submit(request, due, entry)
            display.note(f"job {job.job_id} {self.where}: handed in {', '.join(due)}")
            return job

    def run_many(
        self, sources: list[str], request_of: Callable[[str], Request], console: Console
    ) -> list[Result]:
        """Hand in all that are new as one array, the others where they stopped."""
        if len(sources) > LARGEST_ARRAY:
            raise UsageFault(
                f"{len(sources)} at once are too many: {LARGEST_ARRAY} is Batch's most"
            )
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
        new: dict[str, Request] = {}
        results: dict[str, Result] = {}
        for source, request in requests.items():
            if _is_new(entries[request.source], request):
                new[source] = request
            else:
                results[source] = Result(source, message=f"job {self.run(request, display).job_id}")
        if len(new) == 1:
            [(source, request)] = new.items()
            results[source] = Result(source, message=f"job {self.run(request, display).job_id}")
        elif new:
            results |= self._hand_in_array(new, display)
        return results

    def _hand_in_array(self, new: dict[str, Request], display: Display) -> dict[str, Result]:
        first = next(iter(new.values()))
        check_ready(self.clients.batch, self.stack, lane_of(first), steps_of(first, WHOLE))
        jobs = self.submitter.submit_array([*new.values()], WHOLE)
        display.note(f"{len(jobs)} recordings as one array job {self.where}")
        pairs = zip(new, jobs, strict=True)
        return {source: Result(source, message=f"job {job.job_id}") for source, job in pairs}

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

    def jobs(self) -> list[Job]:
        """Return every job, the newest first."""
        with explained(self.stack.region):
            return [entry.job for entry in self.ledger.refresh(self.store.all())]

    def job(self, part: str) -> Job:
        """Return the job whose id contains `part`; the newest when `part` is empty."""
        with explained(self.stack.region):
            entries = self.store.all()
            found = [entry for entry in entries if part in entry.job.job_id]
            found = [entry for entry in found if entry.job.job_id == part] or found
            if not entries:
                raise InputNotFound("there are no jobs yet")
            if not found:
                raise InputNotFound(f"no job's id contains '{part}'; `debate status` lists them")
            if part and len(found) > 1:
                raise InputNotFound(f"'{part}' fits {len(found)} jobs; give more of the id")
            return self.ledger.refresh(found[:1])[0].job

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


def _is_new(entry: Entry | None, request: Request) -> bool:
    """Tell whether a request may go into an array, whose children all have the same options."""
    if entry is None or request.force:
        return True
    failed_early = due_stages(entry.job, request)[:1] == ("download",)
    return failed_early and entry.job.options == renew({}, request.options)
