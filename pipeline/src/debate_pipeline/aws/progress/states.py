"""What Batch knows of a job, entered into our record of it."""

from datetime import UTC, datetime
from typing import Any

from debate_pipeline.aws.progress.cost import estimate_cost
from debate_pipeline.aws.progress.words import (
    STOPPING,
    WAITING,
    describe_failure,
    describe_wait,
    is_taken_back,
)
from debate_pipeline.job.record import AT_REST, BatchFacts, Job, StageRecord, State

Detail = dict[str, Any]
DESCRIBE_AT_ONCE = 100
# In a job that has all stages: where the cost of the whole is entered.
DEAREST = "transcribe"


def is_at_rest(record: StageRecord) -> bool:
    """Tell whether nothing will change any more in a stage that was handed in."""
    return record.state in AT_REST


def describe_jobs(batch: Any, ids: list[str]) -> dict[str, Detail]:
    """Return what Batch knows of these jobs, by id; it forgets some days after the end."""
    found: dict[str, Detail] = {}
    for start in range(0, len(ids), DESCRIBE_AT_ONCE):
        answer = batch.describe_jobs(jobs=ids[start : start + DESCRIBE_AT_ONCE])
        found |= {detail["jobId"]: detail for detail in answer["jobs"]}
    return found


def enter_details(job: Job, details: dict[str, Detail], now: datetime) -> bool:
    """Enter what Batch knows of the stages that are not at rest; tell whether one came to rest."""
    came_to_rest, now_ms = False, round(now.timestamp() * 1000)
    for stage, record in job.stages.items():
        detail = details.get(record.batch.job_id) if record.batch else None
        if detail is None or record.batch is None or is_at_rest(record):
            continue
        if record.batch.container:
            _enter_container(job, stage, detail, now_ms)
        else:
            _enter_job(record, detail, now_ms)
        _enter_times(record, detail)
        if not record.batch.container or stage == DEAREST:
            record.batch.cost = estimate_cost(detail, now_ms)
        came_to_rest = came_to_rest or is_at_rest(record)
    return came_to_rest


def _enter_job(record: StageRecord, detail: Detail, now_ms: int) -> None:
    view = detail.get("container", {})
    tried = [attempt.get("container", {}) for attempt in detail.get("attempts", [])]
    _enter_view(record, view, tried)
    _enter_state(record, detail, str(view.get("reason") or ""), now_ms)


def _enter_state(record: StageRecord, detail: Detail, reason: str, now_ms: int) -> None:
    match detail["status"]:
        case "SUCCEEDED":
            record.state, record.message = State.DONE, ""
        case "FAILED":
            record.state = State.FAILED
            record.message = describe_failure(detail, record.exit_code, reason)
        case "RUNNING":
            record.state = State.RUNNING
            record.message = STOPPING if is_taken_back(detail) else ""
        case _:
            record.state, record.message = State.PENDING, describe_wait(detail, now_ms)


def _enter_container(job: Job, stage: str, detail: Detail, now_ms: int) -> None:
    """Enter one container of a job that has several, which run one after the other."""
    record = job.stages[stage]
    facts = record.batch or BatchFacts("")
    view = _container(detail.get("ecsProperties", {}), facts.container)
    tried = [_container(attempt, facts.container) for attempt in detail.get("attempts", [])]
    _enter_view(record, view, tried)
    before = _before(job, stage)
    if record.exit_code == 0:
        record.state, record.message = State.DONE, ""
    elif before and before.state is State.FAILED:
        record.state, record.message = State.FAILED, "not started: the stage before it failed"
    elif before and before.state is not State.DONE and detail["status"] == "RUNNING":
        record.state, record.message = State.PENDING, WAITING["PENDING"]
    else:
        _enter_state(record, detail, str(view.get("reason") or ""), now_ms)


def _before(job: Job, stage: str) -> StageRecord | None:
    names = [*job.stages]
    index = names.index(stage)
    return job.stages[names[index - 1]] if index else None


def _container(task_holder: Detail, name: str) -> Detail:
    tasks = task_holder.get("taskProperties", [])
    found = (c for task in tasks for c in task.get("containers", []) if c.get("name") == name)
    return next(found, {})


def _enter_view(record: StageRecord, view: Detail, tried: list[Detail]) -> None:
    """Enter the exit code and the log streams of a container and of its attempts so far."""
    record.exit_code = view.get("exitCode")
    streams = [one["logStreamName"] for one in (*tried, view) if one.get("logStreamName")]
    if record.batch:
        record.batch.streams = list(dict.fromkeys(streams))


def _enter_times(record: StageRecord, detail: Detail) -> None:
    if record.state is State.PENDING:
        return
    under_way = detail["status"] == "RUNNING"
    record.attempts = max(len(detail.get("attempts", [])) + under_way, 0)
    record.started_at = _moment(detail.get("startedAt"))
    record.finished_at = _moment(detail.get("stoppedAt"))


def _moment(milliseconds: int | None) -> str | None:
    if not milliseconds:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
