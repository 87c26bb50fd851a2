"""Why a Batch job is in its state, in words."""

from typing import Any

EXIT_CODES = {
    64: "wrong options or configuration",
    65: "the input is bad and will stay so",
    66: "the input was not found",
    70: "a fault of the stage; its log has the trace",
    75: "a passing fault (network, throttling) that lasted; submit again later",
    137: "it was killed; was the memory used up?",
    143: "it was told to stop",
}
# What Batch says (the beginning, or a part of it) and what it means.
REASONS = {
    "Host EC2": "the machine was taken away (Spot) at every attempt; submit again",
    "OutOfMemoryError": "the memory was used up; choose larger machines",
    "CannotPullContainerError": "there is no image with the stack's tag: push it (infra/README.md)",
    "ResourceInitializationError": "the container got no secret or no network; is a secret empty?",
    "Job attempt duration exceeded timeout": "it took longer than its time limit",
    "Dependent Job failed": "not started: the stage before it failed",
    "INSUFFICIENT_INSTANCE_CAPACITY": "AWS has no such machine free; more kinds of machine help",
    "COMPUTE_ENVIRONMENT_MAX_RESOURCE": "the queue's machines cannot hold the job",
    "JOB_RESOURCE_REQUIREMENT": "the job wants more than any machine of the queue has",
    "SERVICE_ROLE_PERMISSIONS": "Batch's service role may not start machines (infra/README.md)",
    "ALL_COMPUTE_ENVIRONMENTS": "the queue has no working machines: run `make up`",
}
STOPPING = "is being stopped"
GIVEN_UP = "JobStateTimeLimit"  # in the reason where the queue, not a person, has cancelled
LONG_MS = 10 * 60 * 1000
WAITING = {
    "SUBMITTED": "handed in",
    "PENDING": "waits for the stage before it",
    "RUNNABLE": "waits for a machine",
    "STARTING": "the machine fetches the image",
}


def describe_wait(detail: dict[str, Any], now_ms: int) -> str:
    """Return what a job that has not begun waits for.

    Of a quota of 0 Batch says nothing at all, so after a while it is said where to look.
    """
    if is_taken_back(detail):
        return STOPPING
    plain = WAITING.get(detail["status"], "")
    reason = _known(detail.get("statusReason") or "")
    if not reason and detail["status"] == "RUNNABLE" and now_ms - detail["createdAt"] > LONG_MS:
        reason = "for long; `debate doctor` looks for what keeps it"
    return f"{plain}: {reason}" if reason else plain


def describe_failure(detail: dict[str, Any], exit_code: int | None, reason: str) -> str:
    """Return why a job, or a container of it, failed; `reason` is the container's own."""
    status = str(detail.get("statusReason") or "")
    if is_taken_back(detail):
        return f"stopped by a person: {status}"
    known = _known(reason) or _known(status)
    if GIVEN_UP in status:
        return f"given up after waiting: {known or status}"
    if known:
        return known
    if exit_code is not None:
        return EXIT_CODES.get(exit_code) or f"exit code {exit_code}"
    return reason or status or "Batch gives no reason"


def is_taken_back(detail: dict[str, Any]) -> bool:
    """Tell whether somebody ended a job on purpose, which Batch may yet have to do."""
    given_up = GIVEN_UP in str(detail.get("statusReason") or "")
    return not given_up and bool(detail.get("isTerminated") or detail.get("isCancelled"))


def _known(reason: str) -> str:
    return next((words for part, words in REASONS.items() if part in reason), "")
