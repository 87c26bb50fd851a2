"""Hand jobs to Batch and keep the record of it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from debate_pipeline.aws.clients import Clients
from debate_pipeline.aws.progress.words import WAITING
from debate_pipeline.aws.records.lists import ListRecord
from debate_pipeline.aws.records.store import Entry, Lost, SubmissionStore
from debate_pipeline.aws.stack import Stack
from debate_pipeline.aws.submission.requests import (
    LARGEST_ARRAY,
    Json,
    Lane,
    after,
    as_array,
    job_name,
    key_of,
    single_job,
    stage_environment,
    stage_job,
)
from debate_pipeline.job.options import renew
from debate_pipeline.job.record import BatchFacts, Job, StageRecord, State, utc_now
from debate_pipeline.job.stages import Request, options_of

LISTS = "jobs/.lists"  # below jobs/, since the stages may read nothing else
WHOLE = ("download", "transcribe", "stats")
PIPELINE = "pipeline"
SINGLE, URGENT = "single", "urgent"  # modes of a request


def steps_of(request: Request, due: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is handed in for the stages that are due: each, or all of them as one job."""
    return (PIPELINE,) if request.mode == SINGLE and due == WHOLE else due


def batched(requests: list[Request], size: int) -> Iterator[tuple[Request, ...]]:
    """Yield the requests in their order, so many at a time (itertools has it from 3.12 on)."""
    for start in range(0, len(requests), size):
        yield tuple(requests[start : start + size])


def lane_of(request: Request, sources: Iterable[str] = ()) -> Lane:
    """Return where a request waits, alone or as one of a list of sources."""
    listed = "\n".join(sources).encode()
    share = f"list{hashlib.sha256(listed).hexdigest()[:16]}" if listed else Lane.share
    return Lane(request.mode == URGENT, share)


@dataclass(frozen=True)
class Submitter:
    """Submits requests to the stack's queues."""

    stack: Stack
    clients: Clients
    store: SubmissionStore

    def submit(self, request: Request, due: tuple[str, ...], entry: Entry | None) -> Job:
        """Hand in what is due of a request, going on in the job of `entry` where there is one.

        The record is written after each job that Batch took, so that a command that dies on the
        way leaves little unknown. When another command was quicker, its job is returned.
        """
        if entry and not request.force:  # what is not given keeps the value it had
            request = replace(request, options=renew(entry.job.options, request.options))
        etag = entry.etag if entry else None
        fresh = due[0] == "download" or bool(request.place)
        job = None if fresh or entry is None else entry.job
        return self._take_steps(steps_of(request, due), request, job, etag)

    def _take_steps(
        self, steps: tuple[str, ...], request: Request, job: Job | None, etag: str | None
    ) -> Job:
        step, *rest = steps
        source = {"VIDEO_URL": request.address}
        job_id = self._hand_in(self._asked(step, request, lane_of(request), job, source))
        job = _entered(job, step, job_id, request)
        try:
            etag = self.store.write(job, etag).etag
        except Lost:
            return self._give_way(job_id, request.source) or job
        return self._take_steps(tuple(rest), request, job, etag) if rest else job

    def submit_arrays(self, requests: list[Request], due: tuple[str, ...]) -> list[Job]:
        """Hand in requests with the same options as arrays, as many as their number asks for."""
        parts = [*batched(requests, LARGEST_ARRAY)]
        if len(parts) > 1 and len(parts[-1]) == 1:  # an array has two children at least
            *parts, before, (alone,) = parts
            parts += [before[:-1], (before[-1], alone)]
        return [job for part in parts for job in self._submit_array([*part], due)]

    def _submit_array(self, requests: list[Request], due: tuple[str, ...]) -> list[Job]:
        """Hand in requests as one array job per step; none has a job yet."""
        first, array = requests[0], None
        addresses = [request.address for request in requests]
        source, lane = {"VIDEO_URLS": self._put_list(addresses)}, lane_of(first, addresses)
        try:
            for step in steps_of(first, due):
                asked = self._asked(step, first, lane, array, source, size=len(requests))
                array = _entered(array, step, self._hand_in(asked), first)
                array.job_id = array.job_id.removesuffix("-{index}") + "-{index}"
        finally:  # what Batch has taken is recorded, whatever happened to the rest
            listed = array and ListRecord(array, [request.source for request in requests])
            if listed:
                self.store.write_list(listed)
        return [listed.child(i) for i in range(len(requests))] if listed else []

    def _asked(
        self,
        step: str,
        request: Request,
        lane: Lane,
        job: Job | None,
        source: Mapping[str, str],
        size: int | None = None,
    ) -> Json:
        """Return the request for one step, after the one before it if that is not done yet."""
        options = renew(job.options if job else {}, request.options)
        name = job_name(step, f"{size} recordings" if size else request.source)
        if step == PIPELINE:
            asked = single_job(self.stack, lane, name, source, options)
        else:
            told = self._told(step, request, job, source) | options_of(step, options)
            again = request.force and bool(request.place)
            asked = stage_job(self.stack, lane, step, name, told, force=again)
        asked = as_array(asked, size) if size else asked
        before = _unfinished_before(step, job)
        return after(asked, before) if before else asked

    def _told(
        self, stage: str, request: Request, job: Job | None, source: Mapping[str, str]
    ) -> dict[str, str]:
        """Return where a stage finds its input and leaves its output."""
        jobs = self.stack.jobs_prefix
        if stage == "download":
            return {"OUTPUT_S3_PREFIX": jobs, **source}
        own = f"{jobs}/{job.job_id}" if job else f"{jobs}/{{job}}"
        return stage_environment(stage, own, request.place)

    def _hand_in(self, asked: Json) -> str:
        return str(self.clients.batch.submit_job(**asked)["jobId"])

    def _give_way(self, job_id: str, source: str) -> Job | None:
        """Take back a job that another command's submission of the same source made needless."""
        reason = "the same recording was submitted by another command"
        self.clients.batch.terminate_job(jobId=job_id, reason=reason)
        winner = self.store.read(source)
        return winner.job if winner else None

    def _put_list(self, sources: list[str]) -> str:
        body = "".join(f"{source}\n" for source in sources).encode()
        key = f"{LISTS}/{hashlib.sha256(body).hexdigest()}.txt"
        self.clients.s3.put_object(Bucket=self.stack.bucket, Key=key, Body=body)
        return f"s3://{self.stack.bucket}/{key}"


def _entered(job: Job | None, step: str, job_id: str, request: Request) -> Job:
    """Return the job, or a new one, with a step entered that Batch has taken as `job_id`."""
    job = job or Job(key_of(job_id), request.source, created_at=utc_now(), backend="aws")
    job.options = renew(job.options, request.options)
    for stage in WHOLE if step == PIPELINE else (step,):
        facts = BatchFacts(job_id, container=stage if step == PIPELINE else "")
        own = options_of(stage, job.options)
        job.stages[stage] = StageRecord(message=WAITING["SUBMITTED"], options=own, batch=facts)
    return job


def _unfinished_before(step: str, job: Job | None) -> str:
    """Return the Batch job that a step has to wait for."""
    if job is None or step not in WHOLE[1:]:
        return ""
    before = job.stages.get(WHOLE[WHOLE.index(step) - 1])
    return before.batch.job_id if before and before.batch and before.state is not State.DONE else ""
