"""What an examination found, a line each."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from rich.table import Table
from rich.text import Text


class Verdict(StrEnum):
    """How a thing stands; `UNKNOWN` where we may not look."""

    WELL = "ok"
    ILL = "to do"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it stands and, where it is ill, what to do."""

    thing: str
    verdict: Verdict
    words: str


def well(thing: str, words: str) -> Finding:
    """Return the finding of a thing as it should be."""
    return Finding(thing, Verdict.WELL, words)


def ill(thing: str, words: str) -> Finding:
    """Return the finding of a thing that keeps jobs from running; `words` end with the cure."""
    return Finding(thing, Verdict.ILL, words)


def findings_table(findings: Iterable[Finding]) -> Table:
    """Return one row per finding."""
    table = Table("", "what", "how it stands, and what to do", box=None, pad_edge=False)
    for found in findings:
        table.add_row(found.verdict, Text(found.thing), Text(found.words))
    return table
