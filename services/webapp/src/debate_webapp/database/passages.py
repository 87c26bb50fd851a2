"""Passages: the words of the segments that are shown, as they are searched.

They are written in the transaction that changes a segment, so nothing is found that is not said
(any more), and nothing is rebuilt. SQLite's full-text index follows the table by triggers of the
migration, PostgreSQL's is of a column that it computes itself.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, delete, event, insert, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
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
        _passage(segment, transcript, words)
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
    words = {row: "" if row.removed else fold(row.text) for row in (*new, *changed)}
    if stale := [row.id for row in (*changed, *gone) if not words.get(row)]:
        session.execute(delete(Passage).where(Passage.segment_id.in_(stale)))
    if said := [_passage(row.id, row.transcript_id, now) for row, now in words.items() if now]:
        connection = session.connection()
        connection.execute(_renewal(connection.dialect.name), said)


@cache
def _renewal(dialect: str) -> Executable:
    """Adds passages, or gives those that are there their words."""
    insert_or = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(Passage)
    words = {"words": insert_or.excluded.words}
    return insert_or.on_conflict_do_update(index_elements=["segment_id"], set_=words)


def _passage(segment: int, transcript: int, words: str) -> dict[str, Any]:
    return {"segment_id": segment, "transcript_id": transcript, "words": words}


def _says_other(segment: Segment) -> bool:
    attributes = inspect(segment).attrs
    return any(attributes[name].history.has_changes() for name in ("text", "removed"))
