"""The jobs of a store on disk: their folders, records and locks.

Two locks keep concurrent commands apart. `jobs/.lock` is held while a job is chosen or made, so
that one source does not become two jobs. `<job>/.lock` is held by the command that runs the job
and, being inherited, by the stage under way: it stays held when the command is killed and the stage
lives on. Only who holds a job's lock writes its record.
"""

import fcntl
import hashlib
import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from debate_contract.errors import BadInput, InputNotFound
from debate_contract.storage import write
from debate_contract.storage.files import PARTIAL

from debate_pipeline.job.follow import read_outcome
from debate_pipeline.job.record import Job, parse_document, to_document, utc_now
from debate_pipeline.job.stages import Request


class JobStore:
    """The jobs below `<root>/jobs`."""

    def __init__(self, root: Path) -> None:
        self.jobs = root / "jobs"

    def folder(self, job_id: str) -> Path:
        """Return the folder of a job: its prefix in the contract's words."""
        return self.jobs / job_id

    def log(self, job_id: str, stage: str) -> Path:
        """Return the log of a stage."""
        return self.folder(job_id) / "logs" / f"{stage}.jsonl"

    def create(self, request: Request, job_id: str = "") -> Job:
        """Make a job, in the existing folder `job_id` if that is given."""
        job = Job(job_id or _new_job_id(), request.source, created_at=utc_now())
        job.source_version = request.source_version
        job.ask(request.stages, (), {})
        (self.folder(job.job_id) / "logs").mkdir(parents=True, exist_ok=True)
        self.save(job)
        return job

    def save(self, job: Job) -> None:
        """Write the record whole or not at all."""
        text = json.dumps(to_document(job), indent=2, ensure_ascii=False) + "\n"
        write(self.folder(job.job_id) / "job.json", text.encode())

    def load(self, job_id: str) -> Job:
        """Return a job as its record has it; `InputNotFound` when there is none."""
        record = self.folder(job_id) / "job.json"
        try:
            return parse_document(json.loads(record.read_text("utf-8")))
        except BadInput as cause:
            raise BadInput(f"{record}: {cause}") from cause
        except FileNotFoundError as cause:
            raise InputNotFound(f"there is no job {job_id} in {self.jobs}") from cause
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
            raise BadInput(f"{record} is not a job record; delete it or its folder") from cause

    def seen(self, job: Job) -> Job:
        """Return the job as a bystander should see it: nothing is running when nobody runs it."""
        if job.running is not None and not self.is_running(job.job_id):
            job = self.load(job.job_id)  # it may have ended well between two looks
            self.settle(job)
        return job

    def settle(self, job: Job) -> None:
        """Find out from its log what became of a stage whose command was killed.

        To be called when nobody runs the job.
        """
        if (stage := job.running) is not None:
            record = job.stages[stage]
            outcome = read_outcome(self.log(job.job_id, stage), record.log_from, None)
            record.end(outcome.state, outcome.exit_code, outcome.message)

    def forget_unfinished(self, job_id: str) -> None:
        """Remove what was being written when a command or a stage was killed.

        To be called by who holds the job's lock: nobody else is writing there.
        """
        for left in self.folder(job_id).glob(f"{PARTIAL}*"):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink()

    def all(self) -> list[Job]:
        """Return every job, the newest first; folders without a readable record are passed over."""
        jobs = []
        for record in self.jobs.glob("*/job.json"):
            with suppress(BadInput, InputNotFound):
                jobs.append(self.load(record.parent.name))
        return sorted(jobs, key=lambda job: (job.created_at, job.job_id), reverse=True)

    def find(self, part: str) -> Job:
        """Return the job whose id contains `part`, the newest job when `part` is empty."""
        if not part:
            jobs = self.all()
            if not jobs:
                raise InputNotFound("there are no jobs yet")
            return jobs[0]
        ids = [path.parent.name for path in self.jobs.glob("*/job.json")]
        found = [part] if part in ids else [job_id for job_id in ids if part in job_id]
        if not found:
            raise InputNotFound(f"no job's id contains '{part}'; `debate status` lists them")
        if len(found) > 1:
            raise InputNotFound(f"'{part}' fits {len(found)} jobs; give more of the id")
        return self.load(found[0])

    def newest_of(self, source: str, version: str) -> Job | None:
        """Return the newest job of a source, unless that is a file that has changed since."""
        job = next((job for job in self.all() if job.source == source), None)
        return None if job and job.source_version != version else job

    def keep(self, file: Path) -> Path:
        """Copy a small file of the user's into the store; its place follows from its content."""
        content = file.read_bytes()
        kept = self.jobs / ".uploads" / hashlib.sha256(content).hexdigest() / file.name
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            unfinished = kept.with_name(f".{kept.name}.{secrets.token_hex(4)}")
            unfinished.write_bytes(content)
            unfinished.replace(kept)
        return kept

    @contextmanager
    def choosing(self) -> Iterator[None]:
        """Keep other commands from choosing or making a job meanwhile."""
        self.jobs.mkdir(parents=True, exist_ok=True)
        with (self.jobs / ".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def try_lock(self, job_id: str) -> BinaryIO | None:
        """Return the job's lock, or None when somebody holds it. Closing it gives it back."""
        lock = (self.folder(job_id) / ".lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            return None
        return lock

    def is_running(self, job_id: str) -> bool:
        """Tell whether a command or a stage is at work on the job."""
        path = self.folder(job_id) / ".lock"
        if not path.exists():
            return False
        with path.open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def _new_job_id() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
