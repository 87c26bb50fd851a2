"""Finding passages: the questions to the database, the order, a page of hits.

The database finds, by its index, the passages of debates that the reader may see; of very many the
newest. In what order they are shown is computed here, so that both databases show the same.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, NamedTuple

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    FromClause,
    Join,
    Select,
    and_,
    bindparam,
    column,
    func,
    literal_column,
    or_,
    select,
    table,
    text,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session

from debate_webapp.database.models import Passage, Person, Segment, Speaker, Transcript
from debate_webapp.reading.queries import list_speakers
from debate_webapp.reading.rows import SELECT_DEBATES, DebateRow, fetch, fetch_debates
from debate_webapp.reading.versions import counts_for
from debate_webapp.reading.voices import Cast, PersonRow, SegmentRow, Voice, compute_cast
from debate_webapp.search.question import Question, Span
from debate_webapp.search.words import spaced

MOST = 1000  # passages that are put in order
PAGE = 20
# How much it counts that a word comes again, and that a passage is longer than others: the usual
# values of BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, 3.4).
AGAIN, LENGTH = 1.2, 0.75

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
_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_DEBATES = SELECT_DEBATES.where(Transcript.id.in_(_IDS))
_SEGMENTS = select(*(getattr(Segment, name) for name in SegmentRow._fields[:-1])).where(
    Segment.id.in_(_IDS)
)
_PEOPLE = select(Person.id, Person.slug, Person.name).where(Person.id.in_(_IDS))


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


@dataclass(frozen=True, slots=True)
class Hit:
    """A segment, whose it is, in which debate, and where its text has what was asked for."""

    debate: DebateRow
    segment: SegmentRow
    voice: Voice
    spans: list[Span]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits of `total` passages; there are `more`, registered before these."""

    hits: list[Hit]
    total: int
    more: bool


Order = Callable[[Question, Sequence[Passed], dict[int, str]], list[Passed]]


def find(
    session: Session,
    question: Question,
    filters: Filters,
    editor: bool,
    order: Order,
    page: int = 1,
    size: int = PAGE,
) -> Found:
    """What the reader may see: a page of so many hits, counted from 1."""
    passed = find_passages(session, question, filters, editor, MOST + 1)
    more, passed = len(passed) > MOST, passed[:MOST]
    debates = find_debates(session, {one.transcript for one in passed})
    shown = order(question, passed, {key: debate.day for key, debate in debates.items()})
    shown = shown[size * (page - 1) : size * page]
    return Found(_hits(session, question, shown, debates), len(passed), more)


def find_passages(
    session: Session, question: Question, filters: Filters, editor: bool, most: int
) -> list[Passed]:
    """The passages that a reader may see, at most so many, those registered last first."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    query = _on_sqlite(filters.debate) if is_sqlite else _on_postgresql()
    query = query.where(counts_for(editor), *_conditions(filters)).limit(most)
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


def _on_postgresql() -> Select[Any]:
    words: ColumnElement[Any] = literal_column("passage.passage_index")
    asked = func.to_tsquery(text("'simple'"), bindparam("asked"))
    found = select(*_PASSED).select_from(Passage)
    for model, condition in _JOINED:
        found = found.join(model, condition)
    return found.where(words.op("@@")(asked)).order_by(Passage.segment_id.desc())


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


def by_relevance(
    question: Question, passed: Sequence[Passed], _days: dict[int, str]
) -> list[Passed]:
    """Those first in which what is asked for is more of what is said."""
    needles, said = question.needles(), [spaced(one.words) for one in passed]
    lengths = [one.words.count(" ") + 1 for one in passed]
    mean = sum(lengths) / len(lengths) if lengths else 1.0
    scores = [
        _score(map(words.count, needles), length / mean)
        for words, length in zip(said, lengths, strict=True)
    ]
    places = sorted(range(len(passed)), key=lambda at: scores[at], reverse=True)
    return [passed[at] for at in places]


def _score(counts: Iterable[int], length: float) -> float:
    damped = AGAIN * (1 - LENGTH + LENGTH * length)
    return sum(count * (AGAIN + 1) / (count + damped) for count in counts)


def by_day(_question: Question, passed: Sequence[Passed], days: dict[int, str]) -> list[Passed]:
    """The latest debate first, each from its beginning."""
    ordered = sorted(passed, key=lambda one: (one.start, one.segment))
    return sorted(ordered, key=lambda one: (days[one.transcript], one.transcript), reverse=True)


def by_time(_question: Question, passed: Sequence[Passed], _days: dict[int, str]) -> list[Passed]:
    """As they are said, which is for one debate."""
    return sorted(passed, key=lambda one: (one.start, one.segment))


def find_debates(session: Session, ids: Collection[int]) -> dict[int, DebateRow]:
    """Debates by id."""
    rows = fetch_debates(session, _DEBATES, ids=list(ids)) if ids else []
    return {row.id: row for row in rows}


def _hits(
    session: Session, question: Question, passed: Sequence[Passed], debates: dict[int, DebateRow]
) -> list[Hit]:
    if not passed:
        return []
    rows = fetch(session, _SEGMENTS, ids=[one.segment for one in passed])
    segments = {row.id: SegmentRow(*row) for row in rows}
    casts = read_casts(session, passed)
    hits = []
    for one in passed:
        segment = segments[one.segment]
        spans = question.spans(segment.text)
        voice = casts[one.transcript].of(segment)
        hits.append(Hit(debates[one.transcript], segment, voice, spans))
    return hits


def read_casts(session: Session, passed: Sequence[Passed]) -> dict[int, Cast]:
    """The voices of all debates in which passages are, as far as these passages need them."""
    transcripts = {one.transcript for one in passed}
    people = {one.person for one in passed if one.person}
    rows = fetch(session, _PEOPLE, ids=list(people)) if people else []
    known = {row.id: PersonRow._make(row) for row in rows}
    speakers = list_speakers(session, list(transcripts))
    own: dict[int, dict[int, PersonRow]] = {transcript: {} for transcript in transcripts}
    for one in passed:
        if one.person:
            own[one.transcript][one.person] = known[one.person]
    return {
        transcript: compute_cast(labels, list(own[transcript].values()))
        for transcript, labels in speakers.items()
    }
