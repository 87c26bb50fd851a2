"""What exports read: the one place that knows how a transcript is kept."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import msgspec
from sqlalchemy.orm import Session

from debate_webapp.database.models import Transcript
from debate_webapp.editing.corrected import Effective, correct_transcript
from debate_webapp.exports.data import read_words
from debate_webapp.exports.document import Head, Line, Word, clean
from debate_webapp.exports.tables import Speech
from debate_webapp.reading import queries
from debate_webapp.reading.figures import read_figures
from debate_webapp.reading.voices import (
    Cast,
    SegmentRow,
    Voice,
    effective_segments,
    label_voices,
)


@dataclass(frozen=True)
class Edited:
    """A transcript as editors have it by now; each part is read when somebody asks for it."""

    session: Session
    transcript: Transcript

    @cached_property
    def cast(self) -> Cast:
        """The voices under today's names."""
        return queries.cast_of(self.session, self.transcript)

    @cached_property
    def segments(self) -> list[SegmentRow]:
        """Today's segments in order of start."""
        return queries.list_segments(self.session, self.transcript)

    @cached_property
    def effective(self) -> list[Effective]:
        """What counts for each segment today: its text, and a label that is its speaker's own."""
        return effective_segments(self.segments, self.cast)

    @cached_property
    def labels(self) -> dict[str, Voice]:
        """Who each label is."""
        return label_voices(self.cast)

    @cached_property
    def body(self) -> bytes:
        """The registered file, with today's text, words, labels and speech where any was edited."""
        body = zlib.decompress(self.transcript.artefact.body)
        if all(segment.version == 1 for segment in self.segments):
            return body
        return msgspec.json.encode(correct_transcript(json.loads(body), self.effective))


@dataclass(frozen=True)
class Source(Edited):
    """What a format needs besides: the debate's page, and when it is exported."""

    page: str | None
    exported_at: datetime

    def read_head(self) -> Head:
        """What is known about the whole."""
        transcript = self.transcript
        return Head(
            title=clean(transcript.title) or "Untitled debate",
            page=self.page,
            source=clean(transcript.source_url or "") or None,
            recorded_on=transcript.recorded_on,
            language=clean(transcript.language or "") or None,
            quality=transcript.quality,
            reviewed=transcript.reviewed_share,
            engines=clean(transcript.engines),
            version=transcript.version,
            revision=transcript.revision,
            digest=transcript.artefact.digest,
            exported_at=self.exported_at,
        )

    def read_lines(self) -> list[Line]:
        """The segments as lines, without the times of their words."""
        return self._lines([()] * len(self.segments))

    def read_timed_lines(self) -> list[Line]:
        """The same with words: the machine's, and in corrected text the editors' by their times."""
        return self._lines(read_words(self.body))

    def read_speech(self) -> Iterable[Speech]:
        """Who speaks when, by slug or, without a name, by label."""
        figures = read_figures(self.session, self.transcript, self.cast)
        for row in figures.rows:
            speaker = row.voice.slug or row.voice.labels[0]
            yield from ((start, end, speaker) for start, end in row.speech)

    def _lines(self, words: Iterable[Sequence[Word]]) -> list[Line]:
        rows = zip(self.segments, self.effective, words, strict=True)
        return [_line(row, now.label, self.cast.of(row), spoken) for row, now, spoken in rows]


def _line(segment: SegmentRow, label: str, voice: Voice, words: Sequence[Word]) -> Line:
    return Line(
        id=segment.id,
        source_id=segment.source_id,
        start=segment.start,
        end=segment.end,
        label=label,
        key=voice.key,
        name=voice.name,
        slug=voice.slug,
        text=clean(segment.text),
        confidence=segment.confidence,
        speaker_confidence=segment.speaker_confidence,
        overlap=segment.overlap,
        reviewed=segment.reviewed,
        words=words,
    )
