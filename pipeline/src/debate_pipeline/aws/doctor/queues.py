"""Whether the queues take jobs."""

from collections.abc import Iterator

from debate_contract.storage.s3 import client

from debate_pipeline.aws.stack import Stack
from debate_pipeline.terminal.findings import Finding, ill, well


def look_at_queues(stack: Stack) -> Iterator[Finding]:
    """Find queues that are missing, closed or broken."""
    batch = client("batch", stack.region)
    names = sorted({*stack.queues.values()})
    answer = batch.describe_job_queues(jobQueues=names)["jobQueues"]
    found = {queue["jobQueueName"]: queue for queue in answer}
    for name in names:
        queue = found.get(name)
        if queue is None:
            yield ill("queue", f"{name} does not exist: run `make up`")
        elif queue["state"] != "ENABLED":
            yield ill("queue", f"{name} is disabled: enable it in the Batch console, or `make up`")
        elif queue["status"] == "INVALID":
            yield ill("queue", f"{name} does not work ({queue.get('statusReason')}): run `make up`")
        else:
            yield well("queue", name)
