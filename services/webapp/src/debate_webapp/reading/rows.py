"""Debates as lists and answers read them: plain rows, a fraction of what entities cost."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVarTuple

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Artefact, Transcript

Columns = TypeVarTuple("Columns")


class DebateRow(NamedTuple):
    """A version of a debate: columns of `models.Transcript`, and the digest of its file."""

    id: int
    key: str
    version: int
    counts: bool
    revision: int
    content_revision: int
    segment_count: int
    reviewed_count: int
    published: bool
    title: str
    source_url: str | None
    recorded_on: str | None
    media_key: str | None
    duration: float
    language: str | None
    quality: str | None
    registered_at: datetime
    digest: str

    @property
    def day(self) -> str:
        """When it took place, or was registered."""
        return self.recorded_on or self.registered_at.strftime("%Y-%m-%d")

    @property
    def reviewed_share(self) -> float | None:
        """As `models.Transcript.reviewed_share`."""
        return self.reviewed_count / self.segment_count if self.segment_count else None


_OWN = DebateRow._fields[:-1]
SELECT_DEBATES: Select[Any] = select(
    *(getattr(Transcript, name) for name in _OWN), Artefact.digest
).join(Artefact, Artefact.id == Transcript.artefact_id)


def fetch(session: Session, query: Select[*Columns], **values: object) -> Sequence[Row[*Columns]]:
    """Rows of columns as the session would read them, for half of what they cost there.

    A query that is made once, with `bindparam` for its values, is looked up at once; one that is
    made each time costs SQLAlchemy more than it costs the database.
    """
    session.flush()
    return session.connection().execute(query, values).all()


def fetch_debates(session: Session, query: Select[Any], **values: object) -> list[DebateRow]:
    """What a query made of `SELECT_DEBATES` finds."""
    return [DebateRow._make(row) for row in fetch(session, query, **values)]


def row_of(transcript: Transcript) -> DebateRow:
    """An entity as a row."""
    own = [getattr(transcript, name) for name in _OWN]
    return DebateRow._make([*own, transcript.artefact.digest])
