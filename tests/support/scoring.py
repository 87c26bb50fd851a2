"""How far a diarization is from the truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment


class Turn(NamedTuple):
    """Speech of one speaker, in seconds."""

    speaker: str
    start: float
    end: float


class Slice(NamedTuple):
    """A stretch in which nobody starts or stops."""

    duration: float
    reference: frozenset[str]
    hypothesis: frozenset[str]


@dataclass(frozen=True)
class Errors:
    """The additive parts of the diarization error rate, in seconds of speech."""

    missed: float
    false_alarm: float
    confusion: float
    total: float

    @property
    def rate(self) -> float:
        """The errors' share of the reference speech; above 1 when more was invented than said."""
        return (self.missed + self.false_alarm + self.confusion) / self.total


def diarization_errors(reference: list[Turn], hypothesis: list[Turn]) -> Errors:
    """NIST's diarization error rate (RT-09 plan), no collar, overlap scored, with the mapping of
    labels to speakers that explains the most speech."""
    slices = list(cut(reference, hypothesis))
    mapping = best_mapping(slices)
    missed = false_alarm = confusion = total = 0.0
    for duration, said, found in slices:
        right = len({mapping.get(label) for label in found} & said)
        missed += duration * max(0, len(said) - len(found))
        false_alarm += duration * max(0, len(found) - len(said))
        confusion += duration * (min(len(said), len(found)) - right)
        total += duration * len(said)
    return Errors(missed, false_alarm, confusion, total)


def cut(reference: list[Turn], hypothesis: list[Turn]) -> Iterator[Slice]:
    """Sweep over both timelines, from one start or end to the next."""
    edges = sorted({edge for turn in reference + hypothesis for edge in (turn.start, turn.end)})
    for start, end in pairwise(edges):
        yield Slice(end - start, speaking(reference, start), speaking(hypothesis, start))


def speaking(turns: list[Turn], time: float) -> frozenset[str]:
    """Who speaks at a time; a turn's end is no longer in it."""
    return frozenset(turn.speaker for turn in turns if turn.start <= time < turn.end)


def best_mapping(slices: list[Slice]) -> dict[str, str]:
    """Label of the hypothesis to speaker of the reference, each used once, by common time."""
    speakers = sorted({name for piece in slices for name in piece.reference})
    labels = sorted({label for piece in slices for label in piece.hypothesis})
    common = np.zeros((len(labels), len(speakers)))
    for duration, said, found in slices:
        for label in found:
            for name in said:
                common[labels.index(label), speakers.index(name)] += duration
    rows, columns = linear_sum_assignment(common, maximize=True)
    return {labels[row]: speakers[column] for row, column in zip(rows, columns, strict=True)}


def read_rttm(path: Path) -> list[Turn]:
    """The turns of an RTTM file."""
    rows = [line.split() for line in path.read_text("utf-8").splitlines()]
    return [Turn(row[7], float(row[3]), float(row[3]) + float(row[4])) for row in rows]
