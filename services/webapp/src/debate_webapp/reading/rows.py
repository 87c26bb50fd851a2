"""Debates as lists and answers read them: plain rows, a fraction of what entities cost."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, select

from debate_webapp.database.models import Artefact, Transcript


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


def debate_rows(found: Iterable[Row[Any]]) -> list[DebateRow]:
    """What `SELECT_DEBATES` found."""
    return [DebateRow._make(row) for row in found]


def row_of(transcript: Transcript) -> DebateRow:
    """An entity as a row."""
    own = [getattr(transcript, name) for name in _OWN]
    return DebateRow._make([*own, transcript.artefact.digest])
