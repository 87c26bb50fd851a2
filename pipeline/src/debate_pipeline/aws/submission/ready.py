"""Look before the leap: do the stack's queues and job definitions take a submission?"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from debate_contract.errors import UsageFault

from debate_pipeline.aws.stack import INSTEAD, Stack
from debate_pipeline.aws.submission.requests import Lane
from debate_pipeline.job.stages import OUTPUT


def check_ready(batch: Any, stack: Stack, lane: Lane, definitions: Iterable[str]) -> None:
    """Raise `UsageFault` when a queue or a definition that these need is missing or disabled."""
    wanted = [*definitions]
    kinds = {lane.queue(definition) for definition in wanted}
    if missing := sorted(kinds - stack.queues.keys()):
        raise UsageFault(f"the stack has no queue {missing[0]} yet: run `make up` for this version")
    names = sorted(stack.queues[kind] for kind in kinds)
    found = batch.describe_job_queues(jobQueues=names)["jobQueues"]
    queues = {queue["jobQueueName"]: queue for queue in found}
    for name in names:
        _check_queue(name, queues.get(name), stack)
    for definition in wanted:
        _check_definition(batch, stack.definitions[definition], stack)


def _check_queue(name: str, queue: dict[str, Any] | None, stack: Stack) -> None:
    if queue is None:
        raise UsageFault(
            f"there is no queue {name} in {stack.region}: the stack's outputs are of another "
            "region or account, or it needs `make up`"
        )
    if queue["state"] != "ENABLED":
        raise UsageFault(
            f"the queue {name} is disabled: enable it in the Batch console, or `make up`"
        )
    if queue["status"] == "INVALID":
        reason = queue.get("statusReason") or "no reason given"
        raise UsageFault(f"the queue {name} does not work ({reason}): run `make up`")


def _check_definition(batch: Any, name: str, stack: Stack) -> None:
    answer = batch.describe_job_definitions(jobDefinitionName=name, status="ACTIVE", maxResults=1)
    if not answer["jobDefinitions"]:
        raise UsageFault(f"there is no job definition {name} in {stack.region}: run `make up`")


def check_place(place: str, stack: Stack) -> None:
    """Raise `UsageFault` for a place that the stages cannot read: better now than on a GPU."""
    if place and not place.startswith(f"{stack.jobs_prefix}/"):
        raise UsageFault(
            f"on AWS the stages read {stack.jobs_prefix}/ and nothing else, not {place}: "
            f"copy it there (aws s3 cp --recursive {place} {stack.jobs_prefix}/<job>/…); {INSTEAD}"
        )


def check_output(options: Mapping[str, str], stack: Stack) -> None:
    """Raise `UsageFault` for a place where the stages may not write."""
    output = options.get(OUTPUT)
    if output and not re.fullmatch(rf"{re.escape(stack.jobs_prefix)}/[\w-]+", output):
        raise UsageFault(
            f"on AWS transcripts go into a job's folder, {stack.jobs_prefix}/<job>, "
            f"not to {output}: the stages may write nowhere else"
        )
