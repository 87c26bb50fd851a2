"""The definitions once more, by brute force on a grid of milliseconds and without any cleverness.

Written from contracts/statistics alone: no interval arithmetic, no NumPy, sets of milliseconds.
"""

from dataclasses import dataclass, field
from itertools import pairwise, permutations
from statistics import median


@dataclass
class Unit:
    speaker: str
    milliseconds: range
    words: int = 0
    hosts: set[str] = field(default_factory=set)

    @property
    def first(self) -> int:
        return self.milliseconds.start

    @property
    def end(self) -> int:
        return self.milliseconds.stop

    @property
    def is_short(self) -> bool:
        return len(self.milliseconds) <= 1000 and self.words <= 3


class Oracle:
    """`speech` maps a speaker to [(start_ms, end_ms)], `words` to the milliseconds words lie at."""

    def __init__(self, speech, words):
        self.said = {name: spread(spans) for name, spans in speech.items()}
        # Ties go to whoever speaks first, as in the order of the rows.
        self.rank = {
            name: (min(said, default=10**12), n) for n, (name, said) in enumerate(self.said.items())
        }
        self.units = {
            name: units(name, said, words.get(name, ())) for name, said in self.said.items()
        }
        self.find_backchannels()
        self.turns = {
            name: turns(own, self.others(name, lambda unit: not unit.hosts))
            for name, own in self.kept(lambda unit: not unit.hosts).items()
        }

    def kept(self, wanted):
        return {name: [u for u in own if wanted(u)] for name, own in self.units.items()}

    def others(self, name, wanted):
        return [u for other, own in self.kept(wanted).items() if other != name for u in own]

    def find_backchannels(self):
        hosts = {
            name: turns(own, self.others(name, lambda unit: not unit.is_short))
            for name, own in self.kept(lambda unit: not unit.is_short).items()
        }
        for own in self.units.values():
            for unit in filter(lambda unit: unit.is_short, own):
                unit.hosts = {
                    host
                    for host, held in hosts.items()
                    if host != unit.speaker
                    and any(t[0].first <= unit.first and unit.end <= t[-1].end for t in held)
                }

    def seconds(self, name):
        return len(self.said[name]) / 1000

    def overlap(self, name):
        rest = set().union(*(said for other, said in self.said.items() if other != name))
        return len(self.said[name] & rest) / 1000

    def pair_overlap(self, a, b):
        return len(self.said[a] & self.said[b]) / 1000

    def interruptions(self, a, b):
        """Moments at which b cuts a short."""
        found = []
        for cut in (u for u in self.units[a] if not u.hosts):
            for by in (u for u in self.units[b] if not u.hosts):
                starts_inside = by.first in cut.milliseconds and by.first != cut.first
                floor = next(t for t in self.turns[b] if by in t)[-1].end
                if starts_inside and cut.end < by.end and floor >= cut.end + 1000:
                    found.append(by.first / 1000)
        return sorted(found)

    def backchannels(self, a, b):
        return sorted(u.first / 1000 for u in self.units[b] if a in u.hosts)

    def transitions(self):
        """(from, to, start, latency) wherever the floor passes."""
        spans = [(t[0].first, t[-1].end, name) for name, own in self.turns.items() for t in own]
        holders = sorted(
            (s for s in spans if not any(self.hides(o, s) for o in spans if o is not s)),
            key=lambda s: (s[0], s[1]),
        )
        return [(a[2], b[2], b[0] / 1000, (b[0] - a[1]) / 1000) for a, b in pairwise(holders)]

    def hides(self, outer, inner):
        if outer[:2] == inner[:2]:
            return self.rank[outer[2]] < self.rank[inner[2]]
        return outer[0] <= inner[0] and inner[1] <= outer[1]

    def pairs(self):
        """Every figure of every ordered pair that adjoins or overlaps."""
        passes = self.transitions()
        rows = {}
        for a, b in permutations(self.said, 2):
            waits = [p[3] for p in passes if p[:2] == (a, b)]
            row = (
                len(waits),
                self.interruptions(a, b),
                self.pair_overlap(a, b),
                median(waits) if waits else None,
                self.backchannels(a, b),
            )
            if waits or row[1] or row[2] or row[4]:
                rows[a, b] = row
        return rows


def spread(spans):
    return {ms for start, end in spans for ms in range(start, end)}


def units(speaker, said, words):
    """Join milliseconds of speech with fewer than 500 silent ones between."""
    found = []
    for ms in sorted(said):
        if found and ms - found[-1].end < 500:
            found[-1].milliseconds = range(found[-1].first, ms + 1)
        else:
            found.append(Unit(speaker, range(ms, ms + 1)))
    for unit in found:
        unit.words = sum(1 for at in words if unit.first <= at <= unit.end)
    return found


def turns(own, others):
    """Runs of units: a run ends where another speaks at any millisecond of the silence between."""
    runs = []
    for unit in own:
        silence = set(range(runs[-1][-1].end, unit.first)) if runs else set()
        if runs and not any(silence & set(other.milliseconds) for other in others):
            runs[-1].append(unit)
        else:
            runs.append([unit])
    return runs
