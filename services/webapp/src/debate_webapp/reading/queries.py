"""The read side: rows for pages, sorted and bounded."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, selectinload

from debate_webapp.database.models import Edit, Person, Segment, Speaker, Transcript
from debate_webapp.editing.log import read_states
from debate_webapp.incoming.storage import Store, is_transcript
from debate_webapp.reading.versions import listed_for
from debate_webapp.reading.voices import Cast, compute_cast

PAGE = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of debates, newest first, and the cursor of the next."""

    transcripts: list[Transcript]
    next_cursor: int | None


def list_transcripts(session: Session, editor: bool, cursor: int | None = None) -> Listing:
    """Published debates; editors also see the others, and old versions that are still public."""
    query = select(Transcript).options(selectinload(Transcript.speakers)).where(listed_for(editor))
    if cursor is not None:
        query = query.where(Transcript.id < cursor)
    rows = list(session.scalars(query.order_by(Transcript.id.desc()).limit(PAGE + 1)))
    return Listing(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def find_transcript(session: Session, transcript_id: int, editor: bool) -> Transcript | None:
    """The transcript, as far as the reader may know that it exists."""
    transcript = session.get(Transcript, transcript_id)
    return transcript if transcript and (editor or transcript.published) else None


def list_segments(session: Session, transcript: Transcript) -> list[Segment]:
    """All segments in order of start."""
    return list(session.scalars(_segments(transcript)))


def edited_segments(session: Session, transcript: Transcript) -> list[Segment]:
    """Those that were ever edited; the others are as they were registered."""
    return list(session.scalars(_segments(transcript).where(Segment.version > 1)))


def touched_segments(
    session: Session, transcript: Transcript, edits: Iterable[Edit]
) -> list[Segment]:
    """The segments that look different after these edits, those merged away among them."""
    arguments = [edit.arguments for edit in edits]
    ids = {segment for each in arguments for segment in read_states(each)}
    # A name given to a label is the name of all its segments that have none of their own.
    labels = {each["label"] for each in arguments if "segment" not in each and "label" in each}
    renamed = Segment.label.in_(labels) & Segment.person_id.is_(None) & ~Segment.removed
    query = select(Segment).where(Segment.transcript_id == transcript.id)
    found = query.where(or_(Segment.id.in_(ids), renamed))
    return list(session.scalars(found.order_by(Segment.start, Segment.id)))


def _segments(transcript: Transcript) -> Select[Segment]:
    query = select(Segment).where(Segment.transcript_id == transcript.id, ~Segment.removed)
    return query.order_by(Segment.start, Segment.id)


def cast_of(session: Session, transcript: Transcript) -> Cast:
    """The voices of a debate."""
    overrides = (
        select(Person)
        .join(Segment, Segment.person_id == Person.id)
        .where(Segment.transcript_id == transcript.id, ~Segment.removed)
        .distinct()
        .order_by(Person.id)
    )
    return compute_cast(transcript.speakers, session.scalars(overrides).all())


def find_speaker(session: Session, transcript: Transcript, label: str) -> Speaker | None:
    """One label's row as it is in the database now."""
    return session.get(Speaker, (transcript.id, label), populate_existing=True)


def reviewed_share(session: Session, transcript: Transcript) -> float | None:
    """The share of segments that an editor has marked as reviewed; None without segments."""
    return reviewed_shares(session, [transcript]).get(transcript.id)


def reviewed_shares(session: Session, transcripts: Iterable[Transcript]) -> dict[int, float]:
    """The same for each of several that has segments, by its id."""
    share = func.count().filter(Segment.reviewed.is_(True)) * 1.0 / func.count()
    query = select(Segment.transcript_id, share).group_by(Segment.transcript_id)
    ids = [transcript.id for transcript in transcripts]
    found = query.where(Segment.transcript_id.in_(ids), ~Segment.removed)
    return {transcript_id: float(value) for transcript_id, value in session.execute(found)}


def unregistered(session: Session, store: Store) -> list[str]:
    """Keys of transcripts that lie in the store and were never registered, newest job first."""
    known = set(session.scalars(select(Transcript.key)))
    found = [key for key in store.keys("jobs/") if is_transcript(key) and key not in known]
    return sorted(found, reverse=True)
