"""Finding passages: the questions to the database, the order, a page of hits.

The database finds, by its index, the passages of debates that the reader may see; of very many the
newest. In what order they are shown is computed here, so that both databases show the same.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BindParameter,
    bindparam,
    select,
)
from sqlalchemy.orm import Session

from debate_webapp.database.models import Person, Segment, Transcript
from debate_webapp.reading.queries import list_speakers
from debate_webapp.reading.rows import SELECT_DEBATES, DebateRow, fetch, fetch_debates
from debate_webapp.reading.voices import Cast, PersonRow, SegmentRow, Voice, compute_cast
from debate_webapp.search.indexed import Filters, Passed, find_passages
from debate_webapp.search.question import Question, Span
from debate_webapp.search.words import spaced

MOST = 1000  # passages that are put in order
PAGE = 20
# How much it counts that a word comes again, and that a passage is longer than others: the usual
# values of BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009, 3.4).
AGAIN, LENGTH = 1.2, 0.75

_IDS: BindParameter[list[int]] = bindparam("ids", expanding=True)
_DEBATES = SELECT_DEBATES.where(Transcript.id.in_(_IDS))
_SEGMENTS = select(*(getattr(Segment, name) for name in SegmentRow._fields[:-1])).where(
    Segment.id.in_(_IDS)
)
_PEOPLE = select(Person.id, Person.slug, Person.name).where(Person.id.in_(_IDS))


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
