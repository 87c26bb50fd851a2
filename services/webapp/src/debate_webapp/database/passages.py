"""Passages: the words of the segments that are shown, as they are searched.

They are written in the transaction that changes a segment, so nothing is found that is not said
(any more), and nothing is rebuilt. SQLite's full-text index follows the table by triggers of the
migration, PostgreSQL's is of a column that it computes itself.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, event, insert, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from debate_webapp.database.models import Passage, Segment
from debate_webapp.search.words import fold

AT_ONCE = 10_000


def add_passages(session: Session, transcript_id: int) -> None:
    """Those of segments that were written past the session."""
    shown = select(Segment.id, Segment.transcript_id, Segment.text).where(
        Segment.transcript_id == transcript_id, ~Segment.removed
    )
    write_passages(session.connection(), session.connection().execute(shown))


def write_passages(connection: Connection, segments: Iterable[tuple[int, int, str]]) -> None:
    """Add the passages of segments given by id, transcript and text."""
    rows = [
        {"segment_id": segment, "transcript_id": transcript, "words": words}
        for segment, transcript, text in segments
        if (words := fold(text))
    ]
    for first in range(0, len(rows), AT_ONCE):
        connection.execute(insert(Passage.__table__), rows[first : first + AT_ONCE])  # type: ignore[arg-type]


def follow_segments() -> None:
    """Have every session keep passages as it writes segments."""
    if not event.contains(Session, "after_flush", _follow):
        event.listen(Session, "after_flush", _follow)


def _follow(session: Session, _flushing: UOWTransaction) -> None:
    new = [row for row in session.new if isinstance(row, Segment)]
    changed = [row for row in session.dirty if isinstance(row, Segment) and _says_other(row)]
    gone = [row for row in session.deleted if isinstance(row, Segment)]
    if stale := [row.id for row in (*changed, *gone)]:
        session.execute(delete(Passage).where(Passage.segment_id.in_(stale)))
    shown = [row for row in (*new, *changed) if not row.removed]
    write_passages(session.connection(), ((r.id, r.transcript_id, r.text) for r in shown))


def _says_other(segment: Segment) -> bool:
    attributes = inspect(segment).attrs
    return any(attributes[name].history.has_changes() for name in ("text", "removed"))
