"""What a transcript's file says of its own faults; untrusted, so what is odd is left out."""

import math
from typing import Any

# More places than this would be a list that nobody looks at.
MAX_STRETCHES = 1000
_RATES = ("wer", "der", "speaking_time_error")


def expected_of(document: dict[str, Any]) -> dict[str, Any] | None:
    """How wrong the engines were where they were measured: rates (1 is all), and on what.

    None where the file does not say on what, or no rate is one.
    """
    said = document.get("expected")
    where = said.get("measured_on") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(where, str) or not where.strip():
        return None
    rates = {name: float(said[name]) for name in _RATES if _is_rate(said.get(name))}
    return {**rates, "measured_on": _line(where)} if rates else None


def unheard_of(document: dict[str, Any], duration: float) -> list[dict[str, Any]]:
    """Speech without words in order of start: `start`, `end` (seconds), `why`."""
    return _stretches(document.get("unheard"), duration, "why")


def defects_of(document: dict[str, Any], duration: float) -> list[dict[str, Any]]:
    """Where the recording has no sound, in order of start: `start`, `end` (seconds), `kind`."""
    return _stretches(document.get("defects"), duration, "kind")


def _stretches(said: Any, duration: float, about: str) -> list[dict[str, Any]]:
    found = [one for one in said if _is_stretch(one, duration)] if isinstance(said, list) else []
    stretches = [
        {"start": float(one["start"]), "end": float(one["end"]), about: _line(one.get(about))}
        for one in found[:MAX_STRETCHES]
    ]
    return sorted(stretches, key=lambda one: one["start"])


def _is_stretch(one: Any, duration: float) -> bool:
    if not isinstance(one, dict) or not all(map(_is_number, (one.get("start"), one.get("end")))):
        return False
    return bool(0 <= one["start"] < one["end"] <= duration + 1)


def _is_rate(value: Any) -> bool:
    return _is_number(value) and 0 <= value <= 10


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _line(value: Any) -> str:
    return " ".join(value.replace("\0", "").split())[:200] if isinstance(value, str) else ""
