"""The figures of a debate: computed by debate-stats from the corrected transcript.

Nothing is counted here. The names go in as a mapping from labels to voices, so two labels of one
person are one row, with overlaps with oneself counted once. Results are kept with the revision of
the content they were computed from, so no figure can be out of date.
"""

import json
import zlib
from collections import defaultdict
from dataclasses import dataclass

from debate_stats import (
    SpeakerStatistics,
    Statistics,
    Timed,
    compute_statistics,
    parse_transcript,
)
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from debate_webapp.database.engine import begin_snapshot
from debate_webapp.database.models import Transcript
from debate_webapp.editing.corrected import correct_transcript
from debate_webapp.reading import kept, queries
from debate_webapp.reading.kept import Computed, Interval
from debate_webapp.reading.voices import Cast, Voice, effective_segments, label_voices


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
        """Whether two voices at once would have been heard."""
        return self.statistics.totals.overlap_seconds is not None


def read_figures(session: Session, transcript: Transcript, cast: Cast) -> Figures:
    """The figures under today's names and corrections: the kept ones, else computed and kept.

    The session reads one snapshot (`begin_snapshot`), to which `transcript` and `cast` belong.
    """
    computed = kept.load(session, transcript)
    if computed is None:
        computed = _compute(session, transcript, cast)
        kept.keep(session, kept.make_rows(transcript, cast, computed))
    voices = {voice.key: voice for voice in cast.voices}
    rows = [
        Row(voices[found.speaker_id_in_transcript], found, _speech(computed, found))
        for found in computed.statistics.speakers
    ]
    rows.sort(key=lambda row: -row.figures.total_seconds)
    return Figures(tuple(rows), computed.statistics, transcript.duration)


def compute_rows(session: Session, transcript: Transcript, wait: bool = False) -> kept.Rows:
    """The figures as rows, computed and kept as by `kept.keep`; the session as `read_figures`'s."""
    cast = queries.cast_of(session, transcript)
    rows = kept.make_rows(transcript, cast, _compute(session, transcript, cast))
    kept.keep(session, rows, wait)
    return rows


def bring_up_to_date(engine: Engine, transcript_id: int) -> None:
    """Compute and keep the figures of one transcript as it is now."""
    with Session(engine) as session:
        begin_snapshot(session)
        compute_rows(session, session.get_one(Transcript, transcript_id), wait=True)


def _compute(session: Session, transcript: Transcript, cast: Cast) -> Computed:
    body = zlib.decompress(transcript.artefact.body)
    segments = queries.list_segments(session, transcript)
    if any(segment.version > 1 for segment in segments):
        effective = effective_segments(segments, cast)
        timeline = parse_transcript(correct_transcript(json.loads(body), effective))
    else:
        timeline = parse_transcript(body)
    names = {label: voice.key for label, voice in label_voices(cast).items() if voice.slug}
    return Computed(compute_statistics(timeline, names), _by_label(timeline.speech))


def _by_label(speech: Timed) -> dict[str, list[Interval]]:
    found: defaultdict[str, list[Interval]] = defaultdict(list)
    columns = zip(speech.start.tolist(), speech.end.tolist(), speech.label, strict=True)
    for start, end, label in columns:
        found[label].append((start, end))
    return dict(found)


def _speech(computed: Computed, found: SpeakerStatistics) -> tuple[Interval, ...]:
    return tuple(sorted(s for label in found.labels for s in computed.speech.get(label, ())))
