"""What a recording lacks, as stretches of its time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

NOTED = 0.5  # seconds; where nobody speaks Opus sends nothing for 0.4
NOTED_AT_AN_END = 1.0  # seconds; pictures and sound rarely begin and end together
JOINED = 1.0  # seconds between two damaged places that are one to a reader

Kind = Literal["missing", "damaged"]


@dataclass(frozen=True)
class Defect:
    """A stretch without sound: none was there, or what was there cannot be decoded. Seconds."""

    start: float
    end: float
    kind: Kind

    def moved(self, seconds: float) -> "Defect":
        """The same stretch on a clock that began `seconds` later."""
        return Defect(self.start - seconds, self.end - seconds, self.kind)


def join(defects: Iterable[Defect]) -> list[Defect]:
    """Put together what touches, in order of time; damaged places also where they nearly do."""
    joined: list[Defect] = []
    for defect in sorted(defects, key=lambda d: (d.start, d.end)):
        last = joined[-1] if joined else None
        reach = JOINED if defect.kind == "damaged" else 0.0
        if last and last.kind == defect.kind and defect.start <= last.end + reach:
            joined[-1] = Defect(last.start, max(last.end, defect.end), last.kind)
        else:
            joined.append(defect)
    return joined


def intersect(tracks: Sequence[Iterable[Defect]]) -> list[Defect]:
    """What all of several tracks lack, as mixed they sound wherever one of them does."""
    common = list(tracks[0])
    for other in (list(track) for track in tracks[1:]):
        pairs = [(a, b) for a in common for b in other]
        overlaps = [Defect(max(a.start, b.start), min(a.end, b.end), a.kind) for a, b in pairs]
        common = [defect for defect in overlaps if defect.start < defect.end]
    return common


def worth_noting(defects: Iterable[Defect], length: float) -> list[Defect]:
    """Joined, within the recording's `length`, and none so short that it means nothing."""
    within = (Defect(max(d.start, 0.0), min(d.end, length), d.kind) for d in join(defects))
    return [d for d in within if d.end - d.start >= _least(d, length)]


def _least(defect: Defect, length: float) -> float:
    return NOTED if defect.start > 0.0 and defect.end < length else NOTED_AT_AN_END


def describe(defects: Iterable[Defect]) -> str:
    """`no sound from 0:07 to 0:15 (missing)`, one after the other."""
    return ", ".join(f"from {clock(d.start)} to {clock(d.end)} ({d.kind})" for d in defects)


def clock(seconds: float) -> str:
    """`7:02`, `1:07:02`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
