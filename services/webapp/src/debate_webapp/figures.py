"""The figures of a debate: computed by debate-stats from the registered bytes and today's names.

Nothing is counted here. The names go in as a mapping from labels to voices, so two labels of one
person are one row, with overlaps with oneself counted once. A debate of three hours takes well
under a tenth of a second, so nothing is cached and nothing can be out of date.
"""

import zlib
from dataclasses import dataclass

from debate_stats import SpeakerStatistics, Statistics, compute_statistics, parse_transcript
from debate_stats import Transcript as Timeline

from debate_webapp.models import Transcript
from debate_webapp.voices import Cast, Voice

Interval = tuple[float, float]


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


def compute_figures(transcript: Transcript, cast: Cast) -> Figures:
    """The figures under today's names."""
    timeline = parse_transcript(zlib.decompress(transcript.artefact.body))
    names = {label: voice.key for label, voice in cast.by_label.items() if voice.slug}
    statistics = compute_statistics(timeline, names)
    voices = {voice.key: voice for voice in cast.voices}
    rows = [
        Row(voices[found.speaker_id_in_transcript], found, _speech(timeline, found.labels))
        for found in statistics.speakers
    ]
    rows.sort(key=lambda row: -row.figures.total_seconds)
    return Figures(tuple(rows), statistics, transcript.duration)


def _speech(timeline: Timeline, labels: tuple[str, ...]) -> tuple[Interval, ...]:
    columns = zip(
        timeline.speech.start.tolist(),
        timeline.speech.end.tolist(),
        timeline.speech.label,
        strict=True,
    )
    return tuple((start, end) for start, end, label in columns if label in labels)
