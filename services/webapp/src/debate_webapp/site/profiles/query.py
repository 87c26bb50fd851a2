"""The record of a person, gathered from the debates that the reader may see."""

from collections.abc import Iterator

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from debate_webapp.database.models import Person, Segment, Speaker, Transcript
from debate_webapp.reading import queries
from debate_webapp.reading.figures import compute_figures
from debate_webapp.reading.versions import counts_for
from debate_webapp.site.profiles.record import Appearance, Record


def list_people(session: Session, editor: bool) -> list[tuple[Person, int]]:
    """Everyone who speaks in a debate the reader may see, by name, with the number of debates."""
    spoke = select(Speaker.person_id, Speaker.transcript_id).union(
        select(Segment.person_id, Segment.transcript_id).where(~Segment.removed)
    )
    spoke_in = spoke.subquery()
    query = (
        select(Person, func.count())
        .join(spoke_in, spoke_in.c.person_id == Person.id)
        .join(Transcript, Transcript.id == spoke_in.c.transcript_id)
        .where(counts_for(editor))
        .group_by(Person.id)
        .order_by(Person.name, Person.id)
    )
    return [(person, debates) for person, debates in session.execute(query)]


def read_record(session: Session, person: Person, editor: bool) -> Record:
    """Every debate in which the person speaks, the latest first."""
    found = session.scalars(_debates_of(person).where(counts_for(editor)))
    transcripts = sorted(found, key=lambda one: (_day(one), one.id), reverse=True)
    return Record(list(_appearances(session, person, transcripts)))


def _appearances(
    session: Session, person: Person, transcripts: list[Transcript]
) -> Iterator[Appearance]:
    shares = queries.reviewed_shares(session, transcripts)
    for transcript in transcripts:
        figures = compute_figures(session, transcript, queries.cast_of(session, transcript))
        for row in figures.rows:
            if row.voice.slug == person.slug:
                yield Appearance(transcript, figures, row, shares.get(transcript.id))


def _debates_of(person: Person) -> Select[Transcript]:
    labels = select(Speaker.transcript_id).where(Speaker.person_id == person.id)
    segments = select(Segment.transcript_id).where(Segment.person_id == person.id, ~Segment.removed)
    query = select(Transcript).where(or_(Transcript.id.in_(labels), Transcript.id.in_(segments)))
    return query.options(joinedload(Transcript.artefact), selectinload(Transcript.speakers))


def _day(transcript: Transcript) -> str:
    return transcript.recorded_on or transcript.registered_at.strftime("%Y-%m-%d")
