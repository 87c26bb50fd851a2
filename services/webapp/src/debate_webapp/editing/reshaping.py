"""Splitting a segment and merging two: who said what stays, only the pieces change.

Rows are never deleted. A split makes a row, a merge sets the second one aside; either way round an
undo brings back exactly the rows that were there, under their ids.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence

from debate_contract.errors import BadInput
from sqlalchemy import select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Segment, Transcript
from debate_webapp.editing.corrected import Json, Part, entries_of
from debate_webapp.editing.cuts import Side, Whole, cut_at, cut_text, join_parts
from debate_webapp.editing.edits import Changes, change_segments
from debate_webapp.editing.log import Author
from debate_webapp.exports.document import join_texts
from debate_webapp.incoming.artefact import MAX_TEXT

# Where to split: at a time in seconds, or into these two texts.
Where = float | tuple[str, str]


def split_segment(
    session: Session, segment: Segment, where: Where, version: int, author: Author
) -> list[Segment]:
    """Cut a segment in two of the same speaker and commit: both, in order.

    Raises StaleVersion, or BadInput where one of them would have no words.
    """

    def find_changes() -> Changes:
        return split_changes(session, segment, where)

    return change_segments(session, "split", [segment], find_changes, {segment.id: version}, author)


def split_changes(
    session: Session, segment: Segment, where: Where, entries: Sequence[Json] | None = None
) -> Changes:
    """What splitting a segment changes: the row, and a new one for its second half.

    `entries` are the file's, where they are at hand. Raises BadInput.
    """
    whole = _whole(segment, entries or _entries(session, segment))
    sides = cut_text(whole, *where) if isinstance(where, tuple) else cut_at(whole, where)
    if sides is None:
        raise BadInput("both halves of a split segment need words")
    first, second = sides
    same = {"person": _slug(segment), "label": segment.label, "reviewed": segment.reviewed}
    cut = {"text": first.text, "end": first.end, "parts": _plain(first.parts)}
    return [
        (segment, cut),
        (_add(session, segment, second), {"removed": False} | same | _state(second)),
    ]


def merge_segments(
    session: Session,
    segment: Segment,
    other: Segment,
    versions: Mapping[int, int],
    author: Author,
) -> list[Segment]:
    """Make one segment of two neighbours, the first one's speaker's, and commit: both rows.

    Raises StaleVersion, or BadInput where they are not neighbours or too long for one.
    """
    first, second = sorted((segment, other), key=lambda row: (row.start, row.id))

    def find_changes() -> Changes:
        return merge_changes(session, first, second)

    return change_segments(session, "merge", [first, second], find_changes, versions, author)


def merge_changes(session: Session, first: Segment, second: Segment) -> Changes:
    """What merging a segment with the next one changes; raises BadInput."""
    text = join_texts((first.text, second.text))
    if _next(session, first) is not second:
        raise BadInput("only a segment and the next one can be merged")
    if len(text) > MAX_TEXT:
        raise BadInput(f"a segment has at most {MAX_TEXT} characters")
    return [(first, {"text": text, **_merged(first, second)}), (second, {"removed": True})]


def _merged(first: Segment, second: Segment) -> dict[str, object]:
    parts = join_parts(
        [Part(*part) for part in first.parts], [Part(*part) for part in second.parts]
    )
    return {
        "end": max(first.end, second.end),
        "parts": _plain(parts),
        "overlap": first.overlap or second.overlap,
        "reviewed": first.reviewed and second.reviewed,
        # No surer than the less sure of the two.
        "confidence": _least(first.confidence, second.confidence),
        "speaker_confidence": _least(first.speaker_confidence, second.speaker_confidence),
    }


def _least(*values: float | None) -> float | None:
    return min((value for value in values if value is not None), default=None)


def _entries(session: Session, segment: Segment) -> list[Json]:
    transcript = session.get_one(Transcript, segment.transcript_id)
    return entries_of(json.loads(zlib.decompress(transcript.artefact.body)))


def _whole(segment: Segment, entries: Sequence[Json]) -> Whole:
    parts = [Part(*part) for part in segment.parts]
    return Whole(entries, segment.text, segment.start, segment.end, parts)


def _add(session: Session, first: Segment, side: Side) -> Segment:
    """A row for the second half, not shown yet."""
    row = Segment(
        transcript_id=first.transcript_id,
        source_id=first.source_id,
        label=first.label,
        person_id=first.person_id,
        reviewed=first.reviewed,
        confidence=first.confidence,
        speaker_confidence=first.speaker_confidence,
        overlap=first.overlap,
        removed=True,
        **_state(side),
    )
    session.add(row)
    session.flush()
    return row


def _state(side: Side) -> dict[str, object]:
    return {"text": side.text, "start": side.start, "end": side.end, "parts": _plain(side.parts)}


def _plain(parts: Iterable[Part]) -> list[list[object]]:
    """Parts as the database and the log give them back."""
    return [list(part) for part in parts]


def _slug(segment: Segment) -> str | None:
    return segment.person.slug if segment.person else None


def _next(session: Session, segment: Segment) -> Segment | None:
    """The segment that follows in the list."""
    later = (Segment.start > segment.start) | (
        (Segment.start == segment.start) & (Segment.id > segment.id)
    )
    query = select(Segment).where(
        Segment.transcript_id == segment.transcript_id, ~Segment.removed, later
    )
    return session.scalars(query.order_by(Segment.start, Segment.id).limit(1)).first()
