"""What the command line asks of a place where jobs run: this machine now, Batch in time."""

from collections.abc import Iterator
from typing import Protocol

from debate_pipeline.display import Display
from debate_pipeline.follow import Event
from debate_pipeline.record import Job
from debate_pipeline.stages import Request


class Backend(Protocol):
    """Where jobs run, and what is known of them there."""

    def open(self, request: Request) -> Job:
        """Return the job that the request goes on with, or a new one."""

    def run(self, job_id: str, request: Request, display: Display) -> Job:
        """Bring the requested stages to their end and return the job.

        Raises `StageFailed` when a stage gave up and `Interrupted` when the user did.
        """

    def jobs(self) -> list[Job]:
        """Return every job, the newest first."""

    def job(self, part: str) -> Job:
        """Return the job whose id contains `part`; the newest when `part` is empty."""

    def prefix(self, job: Job) -> str:
        """Return where the job's files lie: a folder or an `s3://` prefix."""

    def next_command(self, job: Job) -> str:
        """Return the command that shows the job's results."""

    def events(self, job_id: str, follow: bool) -> Iterator[tuple[str, Event]]:
        """Yield stage and event for all that a job has said, and, following, for what it says."""
