"""What Batch knows of a list's arrays, in a number of calls that its length hardly matters for.

A call for the arrays themselves, which count their children by state, and where some failed a call
for each hundred of them ("ListJobs" in the Batch API).
"""

import re
from collections import defaultdict
from collections.abc import Container
from datetime import UTC, datetime, timedelta
from typing import Any

from debate_pipeline.aws.progress.artefacts import LAST_FILES
from debate_pipeline.aws.progress.states import Detail, describe_jobs, is_at_rest
from debate_pipeline.aws.progress.words import STOPPING, describe_failure, is_taken_back
from debate_pipeline.aws.records.lists import INDEX, ListRecord
from debate_pipeline.job.record import StageRecord, State

NOT_STARTED = "not started: the stage before it failed"
FORGOTTEN = "Batch no longer knows the job"
SURELY_KNOWN = timedelta(hours=1)
# Of an array's children, in the order in which a person wants to hear of them.
SHOWN = ("RUNNING", "STARTING", "RUNNABLE", "PENDING", "SUBMITTED", "SUCCEEDED", "FAILED")


def describe_arrays(batch: Any, records: list[ListRecord]) -> dict[str, Detail]:
    """Return what Batch knows of the arrays of these lists that are not at rest, by id."""
    open_ids = {
        stage.batch.job_id
        for record in records
        for stage in record.array.stages.values()
        if stage.batch and not is_at_rest(stage)
    }
    return describe_jobs(batch, sorted(open_ids))


def enter_arrays(batch: Any, record: ListRecord, details: dict[str, Detail]) -> bool:
    """Enter into a list what Batch knows; tell whether a stage came to rest."""
    came_to_rest = False
    before: dict[int, str] = {}
    for name, stage in record.array.stages.items():
        detail = details.get(stage.batch.job_id) if stage.batch else None
        if detail and not is_at_rest(stage):
            record.failed[name] = _failed(batch, record.failed.get(name, {}), before, detail)
            _enter_counts(stage, detail)
            came_to_rest = came_to_rest or is_at_rest(stage)
        before = record.failed.get(name, {})
    return came_to_rest


def _failed(
    batch: Any, known: dict[int, str], before: dict[int, str], detail: Detail
) -> dict[int, str]:
    """Return which children failed; asked for only where their number says something new."""
    count = detail["arrayProperties"].get("statusSummary", {}).get("FAILED", 0)
    if count == len(known):
        return known
    if count == len(before):  # each waits for its own before it: then it is the same ones
        return dict.fromkeys(before, NOT_STARTED)
    pages = batch.get_paginator("list_jobs").paginate(
        arrayJobId=detail["jobId"], jobStatus="FAILED"
    )
    return {
        job["arrayProperties"]["index"]: _reason(job)
        for page in pages
        for job in page["jobSummaryList"]
    }


def _reason(job: Detail) -> str:
    container = job.get("container", {})
    return describe_failure(job, container.get("exitCode"), str(container.get("reason") or ""))


def _enter_counts(stage: StageRecord, detail: Detail) -> None:
    counts = detail["arrayProperties"].get("statusSummary", {})
    if detail["status"] in ("SUCCEEDED", "FAILED"):
        stage.state = State.DONE if detail["status"] == "SUCCEEDED" else State.FAILED
    else:
        begun = any(counts.get(state) for state in ("STARTING", "RUNNING", "SUCCEEDED", "FAILED"))
        stage.state = State.RUNNING if begun else State.PENDING
    shown = {state.lower(): counts[state] for state in SHOWN if counts.get(state)}
    told = ", ".join(f"{count} {state}" for state, count in shown.items())
    stopping = is_taken_back(detail) and not is_at_rest(stage)
    stage.message = f"{STOPPING}: {told}" if stopping else told
    if stage.batch:
        stage.batch.counts = shown


def settle_forgotten(s3: Any, bucket: str, record: ListRecord, known: Container[str]) -> bool:
    """Judge by their files the stages of a list that are not `known`; tell whether any was.

    One listing for all children: a call for a thousand files.
    """
    lost = [
        name
        for name, stage in record.array.stages.items()
        if stage.batch and not is_at_rest(stage) and stage.batch.job_id not in known
    ]
    age = datetime.now(UTC) - datetime.fromisoformat(record.array.created_at)
    if not lost or age < SURELY_KNOWN:
        return False
    done = _done(s3, bucket, record)
    for name in lost:
        stage = record.array.stages[name]
        missing = set(range(len(record.sources))) - done[name]
        record.failed[name] = dict.fromkeys(sorted(missing), FORGOTTEN)
        stage.state = State.INTERRUPTED if missing else State.DONE
        stage.message = FORGOTTEN
    return True


def _done(s3: Any, bucket: str, record: ListRecord) -> dict[str, set[int]]:
    """Return, by stage, the children whose last file of that stage is there."""
    prefix = f"jobs/{record.array.job_id.removesuffix(INDEX)}"
    done: dict[str, set[int]] = defaultdict(set)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            name = found["Key"].removeprefix(prefix)
            number = re.match(r"(\d+)/", name)
            for stage, last in LAST_FILES.items():
                if number and name.endswith(last):
                    done[stage].add(int(number[1]))
    return done
