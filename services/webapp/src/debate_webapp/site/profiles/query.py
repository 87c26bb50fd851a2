"""The record of a person, gathered from the debates that the reader may see."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Row, Select, and_, bindparam, func, literal, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import (
    DebateFigures,
    Person,
    PersonFigures,
    Segment,
    Speaker,
    Transcript,
)
from debate_webapp.reading.figures import compute_rows
from debate_webapp.reading.kept import is_kept
from debate_webapp.reading.rows import SELECT_DEBATES, DebateRow, fetch
from debate_webapp.reading.versions import counts_for
from debate_webapp.site.profiles.record import Appearance, OwnFigures, Record, Totals

# How many debates a request computes figures of; the others wait for the next.
AT_ONCE = 2

_OWN = Segment.person_id.is_not(None) & ~Segment.removed
_DEBATE = len(DebateRow._fields)
_TOTALS = _DEBATE + len(Totals._fields)


def list_people(session: Session, editor: bool) -> list[tuple[str, str, int]]:
    """Slug, name and number of debates of all who speak in a debate the reader may see, by name."""
    found = fetch(session, _select_people(editor))
    return [(slug, name, debates) for slug, name, debates in found]


@cache
def _select_people(editor: bool) -> Select[str, str, int]:
    spoke = select(Speaker.person_id, Speaker.transcript_id).union(
        select(Segment.person_id, Segment.transcript_id).where(_OWN)
    )
    spoke_in = spoke.subquery()
    return (
        select(Person.slug, Person.name, func.count())
        .join(spoke_in, spoke_in.c.person_id == Person.id)
        .join(Transcript, Transcript.id == spoke_in.c.transcript_id)
        .where(counts_for(editor))
        .group_by(Person.id)
        .order_by(Person.name, Person.id)
    )


def read_record(session: Session, person: Person, editor: bool, whole: bool = False) -> Record:
    """Every debate in which the person speaks, the latest first; `whole` with all their figures.

    Debates whose figures are not kept are computed, a few at a time; the others are counted as
    pending. The session is as for `read_figures`.
    """
    found = list(map(_take_apart, fetch(session, _debates(editor, whole), person=person.id)))
    missing = [one.transcript for one in found if one.figures.voices is None]
    appearances = [one for one in found if one.own.starts_at is not None]
    for debate in missing[:AT_ONCE]:
        appearances += _compute(session, debate, person)
    appearances.sort(key=lambda one: (one.transcript.day, one.transcript.id), reverse=True)
    return Record(appearances, max(0, len(missing) - AT_ONCE))


@cache
def _debates(editor: bool, whole: bool) -> Select[Any]:
    """Rows as `_take_apart` reads them; without figures where none are kept."""
    person: BindParameter[int] = bindparam("person")
    labels = select(Speaker.transcript_id).where(Speaker.person_id == person)
    segments = select(Segment.transcript_id).where(Segment.person_id == person, ~Segment.removed)
    totals = (getattr(DebateFigures, name) for name in Totals._fields)
    own = (getattr(PersonFigures, name) for name in OwnFigures._fields[:-1])
    is_own = and_(
        PersonFigures.transcript_id == DebateFigures.transcript_id,
        PersonFigures.person_id == person,
    )
    return (
        SELECT_DEBATES.add_columns(*totals, *own, PersonFigures.body if whole else literal(b""))
        .outerjoin(DebateFigures, is_kept())
        .outerjoin(PersonFigures, is_own)
        .where(Transcript.id.in_(labels.union(segments)), counts_for(editor))
    )


def _take_apart(row: Row[Any]) -> Appearance:
    return Appearance(
        DebateRow._make(row[:_DEBATE]),
        Totals._make(row[_DEBATE:_TOTALS]),
        OwnFigures._make(row[_TOTALS:]),
    )


def _compute(session: Session, debate: DebateRow, person: Person) -> Iterator[Appearance]:
    made = compute_rows(session, session.get_one(Transcript, debate.id))
    totals = Totals(*(getattr(made.debate, name) for name in Totals._fields))
    for own in made.people:
        if own.person_id == person.id:
            values = (getattr(own, name) for name in OwnFigures._fields)
            yield Appearance(debate, totals, OwnFigures(*values))
