"""Who is who: the labels of a transcript as speakers, several labels of one person as one."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from debate_stats.timeline.intervals import Ints
from debate_stats.transcript.parsing import UNKNOWN, Timed, Transcript


@dataclass(frozen=True, slots=True)
class Cast:
    """The speakers in order of their first words: a name and the labels of each.

    A speaker's name is the person's where the label is mapped, else the label itself.
    """

    names: tuple[str, ...]
    labels: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.names)

    def speakers_of(self, labels: list[str]) -> Ints:
        """The number of the speaker behind each label of the debate; -1 for nobody known."""
        number = {label: n for n, group in enumerate(self.labels) for label in group}
        number[UNKNOWN] = -1
        return np.fromiter(map(number.__getitem__, labels), np.int64, len(labels))


def find_cast(transcript: Transcript, people: Mapping[str, str | None]) -> Cast:
    """Everyone with speech or segments. Ties go by order in the file, never by name."""
    first: dict[str, float] = {}
    for timed in (transcript.speech, transcript.segments):
        _note_first(timed, first)
    groups: dict[str, list[str]] = {}
    for label in sorted(first, key=first.__getitem__):
        groups.setdefault(people.get(label) or label, []).append(label)
    return Cast(tuple(groups), tuple(tuple(labels) for labels in groups.values()))


def _note_first(timed: Timed, first: dict[str, float]) -> None:
    number = {label: n for n, label in enumerate(dict.fromkeys(timed.label))}
    start = np.full(len(number), np.inf)
    who = np.fromiter(map(number.__getitem__, timed.label), np.int64, len(timed.label))
    np.minimum.at(start, who, timed.start)
    for label, n in number.items():
        if label != UNKNOWN:
            first[label] = min(float(start[n]), first.get(label, np.inf))
