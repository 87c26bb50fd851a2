"""How far the machine's words and times can be trusted, in sentences and shares."""

from collections.abc import Iterable, Mapping
from typing import Any

from debate_webapp.reading.kept import Interval


def describe_expected(expected: Mapping[str, Any] | None) -> str | None:
    """What to expect of a transcript, and how that is known; None where nobody measured it."""
    if not expected:
        return None
    return f"{describe_errors(expected)}, as measured on {expected['measured_on']}."


def describe_errors(expected: Mapping[str, Any]) -> str:
    """What to expect of a transcript, without a full stop."""
    known = []
    if "wer" in expected:
        known.append(f"about {_of_hundred(expected['wer'])} of 100 words wrong")
    if "speaking_time_error" in expected:
        off = _of_hundred(expected["speaking_time_error"])
        known.append(f"speaking times off by about {off} %")
    elif "der" in expected:
        wrong = _of_hundred(expected["der"])
        known.append(f"about {wrong} % of the speech missed, made up or given to someone else")
    return f"Expect {' and '.join(known)}"


def _of_hundred(rate: float) -> str:
    return str(round(rate * 100)) if rate >= 0.01 else "fewer than 1"


def share_heard(speech: Iterable[Interval], unheard: Iterable[Interval]) -> float | None:
    """The share of all speech for which there are words; None without speech.

    speech    ──────────   ────
    unheard         ────────
    heard     ──────       ─ (what is not covered), of the union of both
    """
    missed = list(unheard)
    whole = _length([*speech, *missed])
    return 1 - _length(missed) / whole if whole else None


def _length(intervals: Iterable[Interval]) -> float:
    """Seconds in the union of the intervals."""
    total, reached = 0.0, float("-inf")
    for start, end in sorted(intervals):
        total += max(0.0, end - max(start, reached))
        reached = max(reached, end)
    return total
