"""Patterns of EventBridge, as plain data: which of AWS's events matter to us."""

Pattern = dict[str, object]

# "Jobs stuck in a RUNNABLE status" in the Batch user guide: how a reason begins where the queue's
# time limit has cancelled a job.
_GIVEN_UP = "Canceled by JobStateTimeLimit"
_BATCH: Pattern = {"source": ["aws.batch"], "detail-type": ["Batch Job State Change"]}


def failed_jobs(queue_arns: list[str]) -> Pattern:
    """Jobs in these queues that have used up their attempts.

    Of a list its array says it once: only its children carry an index. Nor is said again what
    failed because the stage before it had.
    """
    detail = {
        "status": ["FAILED"],
        "jobQueue": queue_arns,
        "arrayProperties": {"index": [{"exists": False}]},
        "$or": [
            {"statusReason": [{"exists": False}]},
            {"statusReason": [{"anything-but": {"prefix": "Dependent Job failed"}}]},
        ],
    }
    return {**_BATCH, "detail": detail}


def failed_once(queue_arns: list[str], last_arns: list[str]) -> Pattern:
    """The same jobs, but of a list its last array alone, so that its failures make one message.

    A child fails that waits for one that has ("N_TO_N"). So the array of the last stage, whose
    definition is among `last_arns`, fails with any before it, and at the end of them all. What
    somebody ended on purpose is no news; the fields are those of JobDetail in Batch's API. But a
    queue, too, cancels what waited in vain: that is told by its reason, whatever the fields say.
    """
    no, own = [{"exists": False}], [{"anything-but": {"prefix": "Dependent Job failed"}}]
    alone, array = {"index": no, "size": no}, {"index": no, "size": [{"exists": True}]}
    last = [{"prefix": f"{arn}:"} for arn in last_arns]
    by_nobody = {flag: [{"exists": False}, False] for flag in ("isTerminated", "isCancelled")}
    which = [
        {"arrayProperties": alone, "statusReason": no, **by_nobody},
        {"arrayProperties": alone, "statusReason": own, **by_nobody},
        {"arrayProperties": array, "jobDefinition": last, **by_nobody},
        {"arrayProperties": alone, "statusReason": [{"prefix": _GIVEN_UP}]},
    ]
    return {**_BATCH, "detail": {"status": ["FAILED"], "jobQueue": queue_arns, "$or": which}}


def finished_debates(definition_arns: list[str]) -> Pattern:
    """Jobs of these definitions, any revision, that succeeded: each child of a list by itself.

    A list as a whole, which has a size and no index, is left out: its children have said it.
    """
    child, alone = {"index": [{"exists": True}]}, {"size": [{"exists": False}]}
    detail = {
        "status": ["SUCCEEDED"],
        "jobDefinition": [{"prefix": f"{arn}:"} for arn in definition_arns],
        "$or": [{"arrayProperties": child}, {"arrayProperties": alone}],
    }
    return {**_BATCH, "detail": detail}


def ended_jobs(queue_arns: list[str]) -> Pattern:
    """Jobs in these queues that ended, each child of a list by itself."""
    return {**_BATCH, "detail": {"status": ["SUCCEEDED", "FAILED"], "jobQueue": queue_arns}}


def blocked_queues(queue_arns: list[str]) -> Pattern:
    """Queues whose first job waits in vain ("Job queue blocked events" in the Batch user guide)."""
    return {
        "source": ["aws.batch"],
        "detail-type": ["Batch Job Queue Blocked"],
        "resources": queue_arns,
    }
