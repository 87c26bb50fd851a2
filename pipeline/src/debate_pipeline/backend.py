"""What the command line asks of a place where jobs run: this machine, or AWS Batch."""

from collections.abc import Callable, Iterator
from typing import Literal, Protocol

from debate_contract.errors import InputNotFound
from rich.console import Console

from debate_pipeline.job.follow import Event
from debate_pipeline.job.record import Job
from debate_pipeline.job.stages import Request
from debate_pipeline.many import Result
from debate_pipeline.terminal.display import Display, make_display
from debate_pipeline.terminal.findings import Finding
from debate_pipeline.terminal.summary import Summary


class Backend(Protocol):
    """Where jobs run, and what is known of them there."""

    name: Literal["local", "aws"]
    where: str  # in words: "on this machine"
    cost_basis: str | None  # what the costs of jobs are reckoned from, in words

    def run(self, request: Request, display: Display) -> Job:
        """Go on with the job of the request's source, or with a new one, and return it.

        This machine brings the requested stages to their end; Batch is handed what is due. Raises
        `StageFailed` when a stage gave up and `Interrupted` when the user did.
        """

    def run_many(
        self, sources: list[str], request_of: Callable[[str], Request], console: Console
    ) -> list[Result]:
        """Run a request for every source; one that fails takes none of the others with it."""

    def jobs(self, newest: int | None = None) -> tuple[list[Job], int]:
        """Return every job, or so many of the newest, the newest first; and how many are left."""

    def named(self, parts: list[str]) -> tuple[list[Job], dict[str, str]]:
        """Return the jobs whose ids contain these, and why some are not found."""

    def last_words(self, jobs: list[Job]) -> dict[tuple[str, str], list[Event]]:
        """Return, by job and stage, the end of the logs of what is under way or has failed."""

    def job(self, part: str) -> Job:
        """Return the job whose id contains `part`; the newest when `part` is empty."""

    def cancel(self, job: Job) -> bool:
        """Take back what of a job has not ended; False where all has."""

    def prefix(self, job: Job) -> str:
        """Return where the job's files lie: a folder or an `s3://` prefix."""

    def files(self, job: Job) -> list[str]:
        """Return the job's results, relative to its prefix."""

    def summaries(self, job: Job) -> list[Summary]:
        """Return the figures of every transcript of the job that has statistics."""

    def examine(self) -> list[Finding]:
        """Return what is well and what keeps jobs from running here."""

    def next_command(self, job: Job) -> str:
        """Return the command that leads on from here."""

    def events(self, job_id: str, follow: bool) -> Iterator[tuple[str, Event]]:
        """Yield stage and event for all that a job has said, and, following, for what it says."""


def run_request(backend: Backend, request: Request, console: Console) -> Job:
    """Run a request and show on the console how far it is."""
    with make_display(console) as display:
        return backend.run(request, display)


def find_each(parts: list[str], find: Callable[[str], Job]) -> tuple[list[Job], dict[str, str]]:
    """Return what `find` makes of each id, and its sentence where it finds no job."""
    found: list[Job] = []
    missing: dict[str, str] = {}
    for part in parts:
        try:
            found.append(find(part))
        except InputNotFound as error:
            missing[part] = str(error)
    return found, missing
