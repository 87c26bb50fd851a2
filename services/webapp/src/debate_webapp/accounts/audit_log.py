"""The audit as it is read: newest first, narrowed down, in pages that cost the same anywhere."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.orm import Session

from debate_webapp.accounts.users import find_user
from debate_webapp.database.models import AuditEntry, Transcript

PAGE = 50
# In a file; a longer time is asked for in parts.
MOST = 100_000
# Read for a file at once.
PART = 5_000


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What to show: of all, or of one action, account, debate, or some days (both included)."""

    action: str | None = None
    username: str | None = None
    transcript_id: int | None = None
    since: date | None = None
    until: date | None = None


class Entry(NamedTuple):
    """An entry with the title of its debate."""

    id: int
    at: datetime
    action: str
    username: str
    token: str | None
    address: str
    transcript_id: int | None
    title: str | None
    detail: str


class Page(NamedTuple):
    """Some entries, and after which of them the next page begins."""

    entries: Sequence[Entry]
    next_cursor: int | None


def read_page(session: Session, narrowed: Narrowed, cursor: int | None = None) -> Page:
    """The newest entries, or those before the one of the cursor."""
    last = session.get(AuditEntry, cursor) if cursor is not None else None
    if cursor is not None and last is None:
        return Page([], None)
    found = _read(session, _conditions(session, narrowed), last, PAGE + 1)
    shown = found[:PAGE]
    return Page(shown, shown[-1].id if len(found) > PAGE else None)


def read_all(session: Session, narrowed: Narrowed) -> Iterator[Entry]:
    """All of them, read as they are taken, with no more in memory than a part."""
    conditions, last = _conditions(session, narrowed), None
    while found := _read(session, conditions, last, PART):
        yield from found
        last = found[-1]


def _read(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    last: Entry | AuditEntry | None,
    most: int,
) -> Sequence[Entry]:
    """So many, from the one behind `last` on."""
    query = _SELECT.where(*conditions)
    if last is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < tuple_(last.at, last.id))
    return [Entry._make(row) for row in session.execute(query.limit(most))]


def _conditions(session: Session, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    """Each set of them has an index that also gives the order."""
    found: list[ColumnElement[bool]] = []
    if narrowed.action:
        found.append(AuditEntry.action == narrowed.action)
    if narrowed.username:
        user = find_user(session, narrowed.username)
        found.append(AuditEntry.user_id == (user.id if user else -1))
    if narrowed.transcript_id is not None:
        found.append(AuditEntry.transcript_id == narrowed.transcript_id)
    if narrowed.since:
        found.append(AuditEntry.at >= datetime.combine(narrowed.since, time.min, UTC))
    if narrowed.until:
        found.append(AuditEntry.at <= datetime.combine(narrowed.until, time.max, UTC))
    return found


_SELECT: Select[int, datetime, str, str, str | None, str, int | None, str | None, str] = (
    select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.action,
        AuditEntry.username,
        AuditEntry.token,
        AuditEntry.address,
        AuditEntry.transcript_id,
        Transcript.title,
        AuditEntry.detail,
    )
    .outerjoin(Transcript, Transcript.id == AuditEntry.transcript_id)
    .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
)
