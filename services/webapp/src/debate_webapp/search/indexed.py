"""Passages that have what is asked for, by the index of either database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Join,
    Select,
    and_,
    bindparam,
    cast,
    column,
    func,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

from debate_webapp.database.connections.prepared import PLANNED_ANEW
from debate_webapp.database.models import Passage, Person, Segment, Speaker, Transcript
from debate_webapp.reading.rows import fetch
from debate_webapp.reading.versions import counts_for
from debate_webapp.search.question import Phrase, Question

_FOUND: list[ColumnElement[Any]] = [Passage.__table__.c.segment_id, Passage.__table__.c.words]
_INDEX = table("passage_index", column("rowid"))
# The columns of `Passed`.
_PASSED: list[ColumnElement[Any]] = [
    Segment.__table__.c.id,
    Segment.__table__.c.transcript_id,
    Segment.__table__.c.start,
    Segment.__table__.c.label,
    func.coalesce(Segment.__table__.c.person_id, Speaker.__table__.c.person_id),
    Passage.__table__.c.words,
]


@dataclass(frozen=True, slots=True)
class Filters:
    """Where to look: a person's slug, a debate's id, a language, first and last day."""

    person: str | None = None
    debate: int | None = None
    language: str | None = None
    since: date | None = None
    until: date | None = None


class Passed(NamedTuple):
    """A passage that has what is asked for."""

    segment: int
    transcript: int
    start: float
    label: str
    person: int | None
    words: str


def find_passages(
    session: Session, question: Question, filters: Filters, editor: bool, most: int
) -> list[Passed]:
    """The passages that a reader may see, at most so many, those registered last first."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    conditions = [counts_for(editor), *_conditions(filters)]
    if is_sqlite:
        query = _on_sqlite(filters.debate).where(*conditions).limit(most)
    else:
        query = _on_postgresql(question, filters, conditions, most)
    asked = question.fts5() if is_sqlite else question.tsquery()
    return [Passed._make(row) for row in fetch(session, query, asked=asked)]


class _InOrder(Join):
    """A join whose order SQLite keeps: to ask the index about each row costs most."""

    inherit_cache = True


@compiles(_InOrder)
def _write(join: _InOrder, compiler: Any, **more: Any) -> str:
    left, right, on = (
        compiler.process(part, **more) for part in (join.left, join.right, join.onclause)
    )
    return f"{left} CROSS JOIN {right} ON {on}"


_JOINED = (
    (Segment, Segment.id == Passage.segment_id),
    (
        Speaker,
        and_(Speaker.transcript_id == Segment.transcript_id, Speaker.label == Segment.label),
    ),
    (Transcript, Transcript.id == Segment.transcript_id),
)


def _on_sqlite(debate: int | None) -> Select[Any]:
    """The index comes first, from the last passage on; of one debate only as far as it reaches."""
    row = _INDEX.c.rowid
    joined: FromClause = _InOrder(_INDEX, Passage.__table__, row == Passage.segment_id)
    for model, condition in _JOINED:
        joined = _InOrder(joined, model.__table__, condition)
    found = select(*_PASSED).select_from(joined).where(text("passage_index MATCH :asked"))
    if debate is not None:
        first, last = (
            select(end(Passage.segment_id)).where(Passage.transcript_id == debate).scalar_subquery()
            for end in (func.min, func.max)
        )
        found = found.where(row >= first, row <= last)
    return found.order_by(row.desc())


def _on_postgresql(
    question: Question, filters: Filters, conditions: Sequence[ColumnElement[bool]], most: int
) -> Select[Any]:
    """What else is shown is asked for only of those that are found."""
    found = _found_on_postgresql(question, filters, conditions, most).subquery()
    columns = [*_PASSED[:-1], found.c.words]
    joined = select(*columns).select_from(found).join(Segment, Segment.id == found.c.segment_id)
    joined = joined.join(*_JOINED[1]).order_by(found.c.segment_id.desc())
    return joined.execution_options(**PLANNED_ANEW)


def _found_on_postgresql(
    question: Question, filters: Filters, conditions: Sequence[ColumnElement[bool]], most: int
) -> Select[Any]:
    words: ColumnElement[Any] = literal_column("passage.passage_index")
    found: Select[Any] = select(*_FOUND).select_from(Passage)
    found = found.join(Transcript, Transcript.id == Passage.transcript_id)
    if filters.person is not None:
        for model, condition in _JOINED[:2]:
            found = found.join(model, condition)
    if pairs := question.pairs():
        found = found.where(words.op("@@")(cast(pairs, TSQUERY)))
    if question.tsquery():
        asked = func.to_tsquery(text("'simple'"), bindparam("asked"))
        found = found.where(words.op("@@")(asked))
    found = found.where(*_in_order(question), *conditions)
    return found.order_by(Passage.segment_id.desc()).limit(most)


def _in_order(question: Question) -> Iterator[ColumnElement[bool]]:
    """That the words of phrases follow each other, by the words themselves."""
    for group in question.groups:
        if any(phrase.is_several for phrase in group):
            yield or_(*map(_is_said, group))
    yield from (not_(_is_said(phrase)) for phrase in question.without if phrase.is_several)


def _is_said(phrase: Phrase) -> ColumnElement[bool]:
    end = "" if phrase.open else " "
    return func.strpos(" " + Passage.words + " ", f" {' '.join(phrase.words)}{end}") > 0


def _conditions(filters: Filters) -> list[Any]:
    conditions: list[Any] = []
    if filters.person is not None:
        who = select(Person.id).where(Person.slug == filters.person).scalar_subquery()
        conditions.append(func.coalesce(Segment.person_id, Speaker.person_id) == who)
    if filters.debate is not None:
        conditions.append(Passage.transcript_id == filters.debate)
    if filters.language:
        conditions.append(func.lower(Transcript.language) == filters.language.lower())
    if filters.since:
        begins = datetime.combine(filters.since, time(), UTC)
        conditions.append(_on(Transcript.recorded_on >= f"{filters.since}", _registered >= begins))
    if filters.until:
        ends = datetime.combine(filters.until, time.max, UTC)
        conditions.append(_on(Transcript.recorded_on <= f"{filters.until}", _registered <= ends))
    return conditions


_registered = Transcript.registered_at


def _on(recorded: ColumnElement[bool], registered: ColumnElement[bool]) -> ColumnElement[bool]:
    """A condition on the day of a debate, as `DebateRow.day` has it."""
    return or_(recorded, and_(Transcript.recorded_on.is_(None), registered))
