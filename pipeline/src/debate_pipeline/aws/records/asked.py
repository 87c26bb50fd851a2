"""What Batch is being asked for, noted before it is asked: nothing is lost or done twice.

Batch has no token by which it would know a request again ("SubmitJob"): asked twice it makes two
jobs. So each job gets a name that no other has, and the name is in the record before. Where a
command was stopped on the way, the next one finds by its name what Batch has taken ("ListJobs":
with the filter JOB_NAME jobs of any state).
"""

import secrets
from collections.abc import Mapping
from typing import Any

from debate_pipeline.aws.progress.words import WAITING
from debate_pipeline.job.options import renew
from debate_pipeline.job.record import Asked, BatchFacts, Job, StageRecord, State
from debate_pipeline.job.stages import options_of

WHOLE = ("download", "transcribe", "stats")
PIPELINE = "pipeline"
# Seconds after its note in which a command may still be at it, and Batch's list be behind.
GRACE = 20.0
KNOWN_FOR = 6 * 86400.0  # seconds; Batch knows its jobs for a week
BEING_ASKED = "is being handed in"
SENT_TWICE = "the same request was sent twice"
NOT_TAKEN = "was not handed in to its end; submit it again"


def rest_of_grace(age: float) -> float:
    """Return the seconds until what was noted `age` seconds ago counts as interrupted."""
    return GRACE - age


def new_token() -> str:
    """Return what ends the names of all jobs of a submission, and of no other."""
    return secrets.token_hex(6)


def token_of(name: str) -> str:
    """Return the token in the name of a job."""
    return name.rpartition("-")[2]


def stages_of(step: str) -> tuple[str, ...]:
    """Return the stages that a step has: all of them in the job of all."""
    return WHOLE if step == PIPELINE else (step,)


def key_of(job_id: str) -> str:
    """Return a Batch id as it stands in keys: an array child's has a colon."""
    return job_id.replace(":", "-")


def ids_of(job: Job) -> set[str]:
    """Return the ids of the jobs in Batch that a job has."""
    return {record.batch.job_id for record in job.stages.values() if record.batch}


def is_new(job: Job) -> bool:
    """Tell whether Batch has taken nothing of a job yet: until then its id is its token."""
    return not ids_of(job)


def check_asked(job: Job) -> None:
    """Raise KeyError for a job that has not the stages that Batch was asked for."""
    for step in job.asked:
        for stage in stages_of(step):
            job.stages[stage]


def enter_asked(job: Job, asked: Mapping[str, Asked], options: Mapping[str, str]) -> None:
    """Enter, by step, what Batch is going to be asked for with these options."""
    job.asked, job.options = dict(asked), renew(job.options, options)
    for step in asked:
        for stage in stages_of(step):
            own = options_of(stage, job.options)
            job.stages[stage] = StageRecord(message=BEING_ASKED, options=own)


def enter_taken(job: Job, step: str, job_id: str) -> None:
    """Enter that Batch has taken a step as `job_id`; that of the first is the job's own."""
    token = token_of(job.asked.pop(step).name)
    job.job_id = job.job_id.replace(token, key_of(job_id))
    for stage in stages_of(step):
        record = job.stages[stage]
        record.state, record.message = State.PENDING, WAITING["SUBMITTED"]
        record.batch = BatchFacts(job_id, container=stage if step == PIPELINE else "")


def enter_found(batch: Any, job: Job, age: float) -> bool:
    """Enter what Batch has taken of a job noted `age` seconds ago; tell whether that is all of it.

    What it has not, or has forgotten, is interrupted once no command can be at it any more.
    """
    if not job.asked:
        return False
    for step, asked in [*job.asked.items()] if age < KNOWN_FOR else ():
        if job_id := keep_one(batch, asked):
            enter_taken(job, step, job_id)
    for stage in (stage for step in job.asked for stage in stages_of(step)):
        record, late = job.stages[stage], age >= GRACE
        record.state = State.INTERRUPTED if late else State.PENDING
        record.message = NOT_TAKEN if late else BEING_ASKED
    return not job.asked


def keep_one(batch: Any, asked: Asked) -> str | None:
    """Return the oldest job of a name, if any, and take the others back.

    There are others where botocore sent again what was not answered; whoever looks keeps the same.
    """
    ids = _ids_named(batch, asked)
    for other in ids[1:]:
        batch.terminate_job(jobId=other, reason=SENT_TWICE)
    return ids[0] if ids else None


def _ids_named(batch: Any, asked: Asked) -> list[str]:
    of_name = [{"name": "JOB_NAME", "values": [asked.name]}]
    found = batch.list_jobs(jobQueue=asked.queue, filters=of_name)["jobSummaryList"]
    found.sort(key=lambda one: (one["createdAt"], one["jobId"]))
    return [one["jobId"] for one in found]
