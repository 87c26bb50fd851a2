"""The figures of a debate: computed by debate-stats from the registered bytes and today's names.

Nothing is counted here. The names go in as a mapping from labels to voices, so two labels of one
person are one row, with overlaps with oneself counted once. The last few results are kept, under
the digest of the bytes and all the names: a change of either is another key, so no figure can be
out of date.
"""

import zlib
from collections import OrderedDict
from dataclasses import dataclass

from debate_stats import SpeakerStatistics, Statistics, compute_statistics, parse_transcript
from debate_stats.transcript import Timed

from debate_webapp.models import Transcript
from debate_webapp.voices import Cast, Voice

Interval = tuple[float, float]
Key = tuple[str, frozenset[tuple[str, str]]]

KEPT = 128
_recent: OrderedDict[Key, tuple[Timed, Statistics]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Row:
    """A voice with its figures and the stretches of its speech, in seconds."""

    voice: Voice
    figures: SpeakerStatistics
    speech: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """Rows sorted by speaking time, longest first, and everything else that was computed."""

    rows: tuple[Row, ...]
    statistics: Statistics
    duration: float

    @property
    def overlaps_known(self) -> bool:
        """False for the embedded engines: they give each moment to one voice alone."""
        totals = self.statistics.totals
        return totals.quality != "draft" or totals.overlap_seconds > 0


def compute_figures(transcript: Transcript, cast: Cast) -> Figures:
    """The figures under today's names."""
    names = {label: voice.key for label, voice in cast.by_label.items() if voice.slug}
    key = (transcript.artefact.digest, frozenset(names.items()))
    speech, statistics = _recent.get(key) or _keep(key, _compute(transcript.artefact.body, names))
    voices = {voice.key: voice for voice in cast.voices}
    rows = [
        Row(voices[found.speaker_id_in_transcript], found, _speech(speech, found.labels))
        for found in statistics.speakers
    ]
    rows.sort(key=lambda row: -row.figures.total_seconds)
    return Figures(tuple(rows), statistics, transcript.duration)


def _compute(body: bytes, names: dict[str, str]) -> tuple[Timed, Statistics]:
    timeline = parse_transcript(zlib.decompress(body))
    return timeline.speech, compute_statistics(timeline, names)


def _keep(key: Key, computed: tuple[Timed, Statistics]) -> tuple[Timed, Statistics]:
    _recent[key] = computed
    if len(_recent) > KEPT:
        _recent.popitem(last=False)
    return computed


def _speech(speech: Timed, labels: tuple[str, ...]) -> tuple[Interval, ...]:
    columns = zip(speech.start.tolist(), speech.end.tolist(), speech.label, strict=True)
    return tuple((start, end) for start, end, label in columns if label in labels)
