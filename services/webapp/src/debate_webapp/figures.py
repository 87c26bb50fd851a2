"""The figures of a debate: computed by debate-stats from the corrected transcript.

Nothing is counted here. The names go in as a mapping from labels to voices, so two labels of one
person are one row, with overlaps with oneself counted once. The last few results are kept, under
the digest of the bytes, all the names and a digest of every segment as it stands: a change of any
is another key, so no figure can be out of date.
"""

import hashlib
import json
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from debate_stats import SpeakerStatistics, Statistics, compute_statistics, parse_transcript
from debate_stats.transcript import Timed

from debate_webapp.corrected import Effective, correct_transcript
from debate_webapp.models import Segment, Transcript
from debate_webapp.voices import Cast, Voice, effective_segments, label_voices

Interval = tuple[float, float]
Key = tuple[str, frozenset[tuple[str, str]], str]

KEPT = 16
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


def compute_figures(transcript: Transcript, cast: Cast, segments: Sequence[Segment]) -> Figures:
    """The figures under today's names and texts; `segments` are all, in order of start."""
    labels = label_voices(cast)
    names = {label: voice.key for label, voice in labels.items() if voice.slug}
    effective = effective_segments(segments, cast, labels)
    key = (transcript.artefact.digest, frozenset(names.items()), _digest(effective))
    speech, statistics = _recent.get(key) or _keep(key, _compute(transcript, effective, names))
    voices = {voice.key: voice for voice in cast.voices}
    rows = [
        Row(voices[found.speaker_id_in_transcript], found, _speech(speech, found.labels))
        for found in statistics.speakers
    ]
    rows.sort(key=lambda row: -row.figures.total_seconds)
    return Figures(tuple(rows), statistics, transcript.duration)


def _compute(
    transcript: Transcript, effective: Sequence[Effective], names: dict[str, str]
) -> tuple[Timed, Statistics]:
    document = json.loads(zlib.decompress(transcript.artefact.body))
    timeline = parse_transcript(correct_transcript(document, effective))
    return timeline.speech, compute_statistics(timeline, names)


def _digest(effective: Sequence[Effective]) -> str:
    """Of each text and label; neither holds a NUL, so no two lists read alike."""
    lines = "\0".join(f"{now.label}\0{now.text}" for now in effective)
    return hashlib.sha256(lines.encode()).hexdigest()


def _keep(key: Key, computed: tuple[Timed, Statistics]) -> tuple[Timed, Statistics]:
    _recent[key] = computed
    if len(_recent) > KEPT:
        _recent.popitem(last=False)
    return computed


def _speech(speech: Timed, labels: tuple[str, ...]) -> tuple[Interval, ...]:
    columns = zip(speech.start.tolist(), speech.end.tolist(), speech.label, strict=True)
    return tuple((start, end) for start, end, label in columns if label in labels)
