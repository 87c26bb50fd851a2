"""Hand jobs to Batch and keep the record of it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from debate_pipeline.aws.clients import Clients
from debate_pipeline.aws.records.asked import (
    PIPELINE,
    WHOLE,
    enter_asked,
    enter_taken,
    ids_of,
    is_new,
    keep_one,
    new_token,
)
from debate_pipeline.aws.records.lists import INDEX, ListRecord, key_of_list
from debate_pipeline.aws.records.store import Entry, Lost, SubmissionStore
from debate_pipeline.aws.stack import Stack
from debate_pipeline.aws.submission.requests import (
    LARGEST_ARRAY,
    Json,
    Lane,
    after,
    as_array,
    job_name,
    single_job,
    stage_environment,
    stage_job,
)
from debate_pipeline.job.options import renew
from debate_pipeline.job.record import Asked, Job, State, utc_now
from debate_pipeline.job.stages import Request, options_of

LISTS = "jobs/.lists"  # below jobs/, since the stages may read nothing else
SINGLE, URGENT = "single", "urgent"  # modes of a request
QUICKER = "the same recording was submitted by another command"


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
    """Submits requests to the stack's queues.

    What is going to be asked for is recorded before, and what Batch took of it after: see
    `aws/records/asked.py`.
    """

    stack: Stack
    clients: Clients
    store: SubmissionStore

    def submit(self, request: Request, due: tuple[str, ...], entry: Entry | None) -> Job:
        """Hand in what is due of a request, going on in the job of `entry` where there is one.

        Raises `Lost` when another command has just begun to. When another took this one for
        stopped and was quicker, its job is returned.
        """
        if entry and not request.force:  # what is not given keeps the value it had
            request = replace(request, options=renew(entry.job.options, request.options))
        token, fresh = new_token(), due[0] == "download" or bool(request.place)
        job = _new_job(token, request) if fresh or entry is None else entry.job
        steps, lane = steps_of(request, due), lane_of(request)
        enter_asked(job, self._names(steps, lane, request.source, token), request.options)
        written = self.store.write(job, entry.etag if entry else None)
        asked = self._each(steps, request, lane, job, {"VIDEO_URL": request.address})
        try:
            return self._hand_in(asked, job, lambda: self.store.write(job, written.etag).job)
        except Lost:
            theirs = self.store.read(job.source)
            return self._give_way(job, theirs.job if theirs else job)

    def submit_arrays(self, requests: list[Request]) -> list[Job]:
        """Hand in requests with the same options as arrays, as many as their number asks for."""
        parts = [*batched(requests, LARGEST_ARRAY)]
        if len(parts) > 1 and len(parts[-1]) == 1:  # an array has two children at least
            *parts, before, (alone,) = parts
            parts += [before[:-1], (before[-1], alone)]
        return [job for part in parts for job in self._submit_array([*part])]

    def _submit_array(self, requests: list[Request]) -> list[Job]:
        """Hand in requests as one array job per step; none has a job yet."""
        token = new_token()
        array = _new_job(f"{token}-{INDEX}", requests[0])
        sources = [request.source for request in requests]
        record = ListRecord(array, sources, key=key_of_list(token))
        self.hand_in_list(record, requests[0], WHOLE)
        return [record.child(number) for number in range(len(sources))]

    def hand_in_list(self, record: ListRecord, request: Request, due: tuple[str, ...]) -> None:
        """Hand in what Batch has not taken yet of a list, as one array job per step."""
        size, lane = len(record.sources), lane_of(request, record.sources)
        steps, job, name = steps_of(request, due), record.array, f"{size} recordings"
        if record.etag:  # what was asked for before has the name without it
            name = f"{name} {new_token()}"
        source = {"VIDEO_URLS": self._put_list(record.sources)}
        enter_asked(job, self._names(steps, lane, name, record.token), request.options)
        self.store.write_list(record)
        asked = self._each(steps, request, lane, job, source, size=size)
        try:
            self._hand_in(asked, job, lambda: self._written(record))
        except Lost:
            for theirs in self.store.lists([record.token]):
                self._give_way(job, theirs.array)

    def repeat_list(self, record: ListRecord, request: Request, due: tuple[str, ...]) -> None:
        """Hand in the stages that are due of a list once more, for all of it, in the same folders.

        What is done already does nothing again; what failed before these stages fails again.
        """
        record.array.created_at = utc_now()
        record.failed = {stage: of for stage, of in record.failed.items() if stage not in due}
        for stage, known in record.array.stages.items():
            if stage not in due:  # which children have failed at it stands in `failed`
                known.state = State.DONE
        self.hand_in_list(record, request, due)

    def _written(self, record: ListRecord) -> Job:
        self.store.write_list(record)
        return record.array

    def _names(self, steps: Iterable[str], lane: Lane, what: str, token: str) -> dict[str, Asked]:
        """Return, by step, as what and where Batch is going to be asked for it."""
        return {
            step: Asked(job_name(step, what, token), self.stack.queues[lane.queue(step)])
            for step in steps
        }

    def _each(
        self,
        steps: Iterable[str],
        request: Request,
        lane: Lane,
        job: Job,
        source: Mapping[str, str],
        size: int | None = None,
    ) -> Iterator[tuple[str, Json]]:
        """Yield each step and what Batch is asked for, which depends on what it took before."""
        for step in steps:
            asked = self._asked(step, request, lane, job, source)
            asked = as_array(asked, size) if size else asked
            before = _unfinished_before(step, job)
            yield step, after(asked, before) if before else asked

    def _asked(
        self, step: str, request: Request, lane: Lane, job: Job, source: Mapping[str, str]
    ) -> Json:
        name = job.asked[step].name
        if step == PIPELINE:
            return single_job(self.stack, lane, name, source, job.options)
        told = self._told(step, request, job, source) | options_of(step, job.options)
        again = request.force and bool(request.place)
        return stage_job(self.stack, lane, step, name, told, force=again)

    def _told(
        self, stage: str, request: Request, job: Job, source: Mapping[str, str]
    ) -> dict[str, str]:
        """Return where a stage finds its input and leaves its output."""
        jobs = self.stack.jobs_prefix
        if stage == "download":
            return {"OUTPUT_S3_PREFIX": jobs, **source}
        own = "{job}" if is_new(job) else job.job_id
        return stage_environment(stage, f"{jobs}/{own}", request.place)

    def _hand_in(
        self, each: Iterable[tuple[str, Json]], job: Job, record: Callable[[], Job]
    ) -> Job:
        """Ask Batch for each step, and record what it took, whatever happened to the rest."""
        left = len(job.asked)
        try:
            for step, asked in each:
                enter_taken(job, step, self._ask(asked))
        finally:
            if len(job.asked) < left:
                job = record()
        return job

    def _ask(self, asked: Json) -> str:
        """Ask Batch for a job and return its id; where it was asked twice, take one back."""
        answer = self.clients.batch.submit_job(**asked)
        if not answer["ResponseMetadata"].get("RetryAttempts"):
            return str(answer["jobId"])
        name = Asked(asked["jobName"], asked["jobQueue"])
        return keep_one(self.clients.batch, name) or str(answer["jobId"])

    def _give_way(self, job: Job, theirs: Job) -> Job:
        """Take back what another command, which took this one for stopped, has no use for."""
        self._take_back(sorted(ids_of(job) - ids_of(theirs)))
        return theirs

    def _take_back(self, ids: Iterable[str]) -> None:
        for job_id in ids:
            self.clients.batch.terminate_job(jobId=job_id, reason=QUICKER)

    def _put_list(self, sources: list[str]) -> str:
        body = "".join(f"{source}\n" for source in sources).encode()
        key = f"{LISTS}/{hashlib.sha256(body).hexdigest()}.txt"
        self.clients.s3.put_object(Bucket=self.stack.bucket, Key=key, Body=body)
        return f"s3://{self.stack.bucket}/{key}"


def _new_job(job_id: str, request: Request) -> Job:
    return Job(job_id, request.source, created_at=utc_now(), backend="aws")


def _unfinished_before(step: str, job: Job) -> str:
    """Return the Batch job that a step has to wait for."""
    if step not in WHOLE[1:]:
        return ""
    before = job.stages.get(WHOLE[WHOLE.index(step) - 1])
    return before.batch.job_id if before and before.batch and before.state is not State.DONE else ""
