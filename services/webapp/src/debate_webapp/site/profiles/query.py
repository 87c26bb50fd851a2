"""The record of a person, gathered from the debates that the reader may see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, and_, func, select
from sqlalchemy.orm import Session, undefer

from debate_webapp.database.models import (
    DebateFigures,
    Person,
    PersonFigures,
    Segment,
    Speaker,
    Transcript,
)
from debate_webapp.reading.figures import compute_rows
from debate_webapp.reading.kept import is_current
from debate_webapp.reading.queries import ARTEFACT
from debate_webapp.reading.versions import counts_for
from debate_webapp.site.profiles.record import Appearance, Record

# How many debates a request computes figures of; the others wait for the next.
AT_ONCE = 2

Found = Row[Transcript, DebateFigures | None, PersonFigures | None]


_OWN = Segment.person_id.is_not(None) & ~Segment.removed


def list_people(session: Session, editor: bool) -> list[tuple[str, str, int]]:
    """Slug, name and number of debates of all who speak in a debate the reader may see, by name."""
    spoke = select(Speaker.person_id, Speaker.transcript_id).union(
        select(Segment.person_id, Segment.transcript_id).where(_OWN)
    )
    spoke_in = spoke.subquery()
    query = (
        select(Person.slug, Person.name, func.count())
        .join(spoke_in, spoke_in.c.person_id == Person.id)
        .join(Transcript, Transcript.id == spoke_in.c.transcript_id)
        .where(counts_for(editor))
        .group_by(Person.id)
        .order_by(Person.name, Person.id)
    )
    return [(slug, name, debates) for slug, name, debates in session.execute(query)]


def read_record(session: Session, person: Person, editor: bool, whole: bool = False) -> Record:
    """Every debate in which the person speaks, the latest first; `whole` with all their figures.

    Debates whose figures are not kept are computed, a few at a time; the others are counted as
    pending. The session is as for `read_figures`.
    """
    found = session.execute(_debates_of(person, whole).where(counts_for(editor))).all()
    missing = [one for one, debate, _ in found if not is_current(debate, one)]
    made = {one.id: compute_rows(session, one) for one in missing[:AT_ONCE]}
    appearances = _kept(found) + [
        Appearance(one, made[one.id].debate, own)
        for one in missing[:AT_ONCE]
        for own in made[one.id].people
        if own.person_id == person.id
    ]
    appearances.sort(key=lambda one: (_day(one.transcript), one.transcript.id), reverse=True)
    return Record(appearances, len(missing) - len(made))


def _kept(found: Sequence[Found]) -> list[Appearance]:
    return [
        Appearance(one, debate, own)
        for one, debate, own in found
        if debate and own and is_current(debate, one)
    ]


def _debates_of(person: Person, whole: bool) -> Select[Transcript, Any, Any]:
    labels = select(Speaker.transcript_id).where(Speaker.person_id == person.id)
    segments = select(Segment.transcript_id).where(Segment.person_id == person.id, ~Segment.removed)
    own = and_(PersonFigures.transcript_id == Transcript.id, PersonFigures.person_id == person.id)
    query = (
        select(Transcript, DebateFigures, PersonFigures)
        .outerjoin(DebateFigures, DebateFigures.transcript_id == Transcript.id)
        .outerjoin(PersonFigures, own)
        .where(Transcript.id.in_(labels.union(segments)))
    )
    return query.options(undefer(PersonFigures.body), ARTEFACT) if whole else query


def _day(transcript: Transcript) -> str:
    return transcript.recorded_on or transcript.registered_at.strftime("%Y-%m-%d")
