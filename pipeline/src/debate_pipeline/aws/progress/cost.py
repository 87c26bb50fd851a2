"""What a job has cost so far, about.

List prices of us-east-1, on demand, read on 2026-11-22 (sources: infra/README.md, "Costs"). Spot
costs less, other regions differ, and the time a machine takes to start is not counted.
"""

from typing import Any

BASIS = (
    "an estimate: time of all attempts at on-demand list prices of us-east-1 (read on 2026-11-22); "
    "the start of machines, storage and traffic are not in it, and Spot costs less"
)
GPU_HOUR = 1.006  # US dollars for a g5.xlarge: a whole machine goes with its GPU
VCPU_HOUR = 0.04048  # Fargate
GIB_HOUR = 0.004445  # Fargate


def estimate_cost(detail: dict[str, Any], now_ms: int) -> float:
    """Return the US dollars for all attempts of a job as DescribeJobs has it."""
    return _hours(detail, now_ms) * _hourly(_requirements(detail))


def _hours(detail: dict[str, Any], now_ms: int) -> float:
    ended = [a for a in detail.get("attempts", []) if a.get("startedAt") and a.get("stoppedAt")]
    spent = sum(attempt["stoppedAt"] - attempt["startedAt"] for attempt in ended)
    if detail["status"] == "RUNNING":
        spent += now_ms - detail["startedAt"]
    return float(spent) / 3_600_000


def _requirements(detail: dict[str, Any]) -> list[dict[str, str]]:
    containers = containers_of(detail)
    return [need for container in containers for need in container.get("resourceRequirements", [])]


def containers_of(detail: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the containers of a job as DescribeJobs has it: one, or one per stage."""
    tasks = detail.get("ecsProperties", {}).get("taskProperties", [])
    return [c for task in tasks for c in task["containers"]] or [detail.get("container", {})]


def _hourly(requirements: list[dict[str, str]]) -> float:
    total = {"GPU": 0.0, "VCPU": 0.0, "MEMORY": 0.0}
    for need in requirements:
        total[need["type"]] += float(need["value"])
    if total["GPU"]:
        return total["GPU"] * GPU_HOUR
    return total["VCPU"] * VCPU_HOUR + total["MEMORY"] / 1024 * GIB_HOUR
