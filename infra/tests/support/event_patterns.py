"""EventBridge in small: whether a pattern selects an event."""

from typing import Any


def fits(pattern: Any, value: Any) -> bool:
    """Whether an event has what a pattern asks for: the part of EventBridge's rules used here."""
    if isinstance(pattern, list):
        return any(_fits_one(one, value) for one in pattern)
    found = value if isinstance(value, dict) else {}
    if "$or" in pattern and not any(fits(one, found) for one in pattern["$or"]):
        return False
    own = {key: part for key, part in pattern.items() if key != "$or"}
    return all(fits(part, found.get(key)) for key, part in own.items())


def _fits_one(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, dict):
        return bool(wanted == value)
    ((kind, argument),) = wanted.items()
    if kind == "exists":
        return (value is not None) is argument
    if kind == "prefix":
        return str(value).startswith(argument)
    assert kind == "anything-but"
    return value is not None and not str(value).startswith(argument["prefix"])


def ended(status: str, **detail: Any) -> dict[str, Any]:
    return {
        "source": "aws.batch",
        "detail-type": "Batch Job State Change",
        "detail": {"status": status, "jobQueue": "q", "jobDefinition": "arn:stats:7"} | detail,
    }


PARENT, CHILD = {"size": 3, "statusSummary": {}}, {"index": 1, "size": 3}
