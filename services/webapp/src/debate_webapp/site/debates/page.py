"""What the page of a debate shows, gathered once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from debate_webapp.database.models import Speaker, Transcript
from debate_webapp.incoming.suggestions import Suggestion, suggest_people
from debate_webapp.reading import queries
from debate_webapp.reading.figures import Figures, read_figures
from debate_webapp.reading.hearing import describe_errors, describe_expected, share_heard
from debate_webapp.reading.voices import Cast, SegmentRow, SpeakerRow, Voice
from debate_webapp.site.debates.charts import Mark, bar_widths, lane_marks
from debate_webapp.site.debates.exchanges import Exchanges, find_exchanges

SAMPLE_SECONDS = 5.0


class Line(NamedTuple):
    """A segment, its voice, and whether that voice just began to speak."""

    segment: SegmentRow
    voice: Voice
    opens: bool


@dataclass(frozen=True, slots=True)
class DebatePage:
    """Everything the templates need, in their order."""

    transcript: Transcript
    cast: Cast
    figures: Figures
    bars: list[float]
    lanes: list[list[Mark]]
    exchanges: Exchanges
    lines: list[Line]
    moments: dict[str, list[SegmentRow]]
    unheard: "Unheard | None"
    lacking: "Lacking | None"
    expected: str | None
    errors: str | None
    labels: list["LabelRow"]
    suggestions: dict[str, Suggestion]


@dataclass(frozen=True, slots=True)
class Unheard:
    """Speech without words: each stretch, a lane of them, and the share that has words."""

    stretches: list[dict[str, Any]]
    lane: list[Mark]
    heard: float | None


@dataclass(frozen=True, slots=True)
class Lacking:
    """Where the recording has no sound: each stretch, a lane of them, seconds in all."""

    stretches: list[dict[str, Any]]
    lane: list[Mark]
    seconds: float


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label in the editors' panel, with an excerpt to recognise the voice by."""

    speaker: Speaker | SpeakerRow
    voice: Voice
    segments: int
    sample: tuple[float, float] | None


def read_debate(
    session: Session, transcript: Transcript, cast: Cast, editor: bool = False
) -> DebatePage:
    """Gather the page; without the editors' panel for others."""
    segments = queries.list_segments(session, transcript, parts=False)
    lines = list(_lines(segments, cast))
    figures = read_figures(session, transcript, cast)
    return DebatePage(
        transcript=transcript,
        cast=cast,
        figures=figures,
        bars=bar_widths(figures),
        lanes=[lane_marks(row.speech, figures.duration) for row in figures.rows],
        exchanges=find_exchanges(figures),
        moments=_moments(lines, cast),
        lines=lines,
        unheard=_unheard(transcript, figures),
        lacking=_lacking(transcript),
        expected=describe_expected(transcript.expected),
        errors=describe_errors(transcript.expected) if transcript.expected else None,
        labels=list(_label_rows(segments, cast)) if editor else [],
        suggestions=suggest_people(transcript) if editor else {},
    )


def _lines(segments: Sequence[SegmentRow], cast: Cast) -> Iterator[Line]:
    for voice, run in groupby(segments, key=cast.of):
        for at, segment in enumerate(run):
            yield Line(segment, voice, at == 0)


def _moments(lines: Sequence[Line], cast: Cast) -> dict[str, list[SegmentRow]]:
    """Where each voice begins to speak, by the voice's key."""
    moments: dict[str, list[SegmentRow]] = {voice.key: [] for voice in cast.voices}
    for line in lines:
        if line.opens:
            moments[line.voice.key].append(line.segment)
    return moments


def _unheard(transcript: Transcript, figures: Figures) -> Unheard | None:
    if not transcript.unheard:
        return None
    missed = [(one["start"], one["end"]) for one in transcript.unheard]
    speech = [stretch for row in figures.rows for stretch in row.speech]
    lane = lane_marks(missed, figures.duration)
    return Unheard(transcript.unheard, lane, share_heard(speech, missed))


def _lacking(transcript: Transcript) -> Lacking | None:
    if not transcript.defects:
        return None
    defects = [(one["start"], one["end"]) for one in transcript.defects]
    lane = lane_marks(defects, transcript.duration)
    return Lacking(transcript.defects, lane, sum(end - start for start, end in defects))


def _label_rows(segments: Sequence[SegmentRow], cast: Cast) -> Iterator[LabelRow]:
    for speaker in cast.speakers:
        own = [s for s in segments if s.label == speaker.label and s.person_id is None]
        yield LabelRow(speaker, cast.by_label[speaker.label], len(own), find_sample(own))


def find_sample(segments: Sequence[SegmentRow]) -> tuple[float, float] | None:
    """Five seconds in which the voice is most surely alone: start and end, None without speech."""
    if not segments:
        return None
    best = max(
        segments,
        key=lambda s: (
            not s.overlap,
            min(s.end - s.start, SAMPLE_SECONDS),
            s.speaker_confidence or 0,
        ),
    )
    return best.start, min(best.end, best.start + SAMPLE_SECONDS)
