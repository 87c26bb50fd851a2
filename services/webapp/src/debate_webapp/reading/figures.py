"""The figures of a debate: computed by debate-stats from the corrected transcript.

Nothing is counted here. The names go in as a mapping from labels to voices, so two labels of one
person are one row, with overlaps with oneself counted once. The last few results are kept, under
the digest of the bytes, all the names and every segment that was edited: a change of any is another
key, so no figure can be out of date.
"""

import json
import zlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from debate_stats import SpeakerStatistics, Statistics, compute_statistics, parse_transcript
from debate_stats.transcript import Timed
from sqlalchemy.orm import Session

from debate_webapp.database.models import Segment, Transcript
from debate_webapp.editing.corrected import Effective, correct_transcript
from debate_webapp.reading import queries
from debate_webapp.reading.voices import Cast, Voice, effective_segments, label_voices

Interval = tuple[float, float]
Key = tuple[str, frozenset[tuple[str, str]], frozenset[tuple[int, Effective]]]
Computed = tuple[Timed, Statistics]

KEPT = 128
_recent: OrderedDict[Key, Computed] = OrderedDict()


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
        return self.statistics.totals.overlap_seconds is not None


def compute_figures(session: Session, transcript: Transcript, cast: Cast) -> Figures:
    """The figures under today's names and corrections."""
    edited = queries.edited_segments(session, transcript)
    kept = _recent.get(_key(transcript, cast, edited))
    speech, statistics = kept or _compute(session, transcript, cast, edited)
    voices = {voice.key: voice for voice in cast.voices}
    rows = [
        Row(voices[found.speaker_id_in_transcript], found, _speech(speech, found.labels))
        for found in statistics.speakers
    ]
    rows.sort(key=lambda row: -row.figures.total_seconds)
    return Figures(tuple(rows), statistics, transcript.duration)


def _compute(
    session: Session, transcript: Transcript, cast: Cast, edited: Sequence[Segment]
) -> Computed:
    body = zlib.decompress(transcript.artefact.body)
    if edited:
        # Kept under what is read here: someone may have edited since the first look.
        segments = queries.list_segments(session, transcript)
        edited = [segment for segment in segments if segment.version > 1]
        effective = effective_segments(segments, cast)
        timeline = parse_transcript(correct_transcript(json.loads(body), effective))
    else:
        timeline = parse_transcript(body)
    computed = timeline.speech, compute_statistics(timeline, _names(cast))
    return _keep(_key(transcript, cast, edited), computed)


def _key(transcript: Transcript, cast: Cast, edited: Sequence[Segment]) -> Key:
    effective = effective_segments(edited, cast)
    corrections = zip((segment.id for segment in edited), effective, strict=True)
    return transcript.artefact.digest, frozenset(_names(cast).items()), frozenset(corrections)


def _names(cast: Cast) -> dict[str, str]:
    return {label: voice.key for label, voice in label_voices(cast).items() if voice.slug}


def _keep(key: Key, computed: Computed) -> Computed:
    _recent[key] = computed
    if len(_recent) > KEPT:
        _recent.popitem(last=False)
    return computed


def _speech(speech: Timed, labels: tuple[str, ...]) -> tuple[Interval, ...]:
    columns = zip(speech.start.tolist(), speech.end.tolist(), speech.label, strict=True)
    return tuple((start, end) for start, end, label in columns if label in labels)
