"""The read side: rows for pages, sorted and bounded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import starmap

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from debate_webapp.database.models import Artefact, Edit, Person, Segment, Speaker, Transcript
from debate_webapp.editing.log import read_states
from debate_webapp.incoming.storage import Store, is_transcript
from debate_webapp.reading.rows import SELECT_DEBATES, DebateRow, debate_rows
from debate_webapp.reading.versions import listed_for
from debate_webapp.reading.voices import Cast, PersonRow, SegmentRow, SpeakerRow, compute_cast

PAGE = 50
# Columns that lie behind the bytes are costly to read: SQLite goes through all of these first.
ARTEFACT = joinedload(Transcript.artefact).load_only(Artefact.digest)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of debates, newest first, and the cursor of the next."""

    transcripts: list[DebateRow]
    next_cursor: int | None


def list_transcripts(session: Session, editor: bool, cursor: int | None = None) -> Listing:
    """Published debates; editors also see the others, and old versions that are still public."""
    query = SELECT_DEBATES.where(listed_for(editor))
    if cursor is not None:
        query = query.where(Transcript.id < cursor)
    rows = debate_rows(session.execute(query.order_by(Transcript.id.desc()).limit(PAGE + 1)))
    return Listing(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


def list_speakers(session: Session, transcripts: Sequence[int]) -> dict[int, list[SpeakerRow]]:
    """The labels of several transcripts in order of colour, and who they are."""
    query = (
        select(Speaker.transcript_id, Speaker.label, Speaker.colour, Speaker.version)
        .add_columns(Person.id, Person.slug, Person.name)
        .outerjoin(Person, Person.id == Speaker.person_id)
        .where(Speaker.transcript_id.in_(transcripts))
        .order_by(Speaker.transcript_id, Speaker.colour)
    )
    found: dict[int, list[SpeakerRow]] = {transcript: [] for transcript in transcripts}
    for transcript, label, colour, version, *who in session.execute(query):
        person = PersonRow(*who) if who[0] else None
        found[transcript].append(SpeakerRow(label, colour, version, person))
    return found


def find_transcript(session: Session, transcript_id: int, editor: bool) -> Transcript | None:
    """The transcript, as far as the reader may know that it exists."""
    transcript = session.get(Transcript, transcript_id, options=[ARTEFACT])
    return transcript if transcript and (editor or transcript.published) else None


_COLUMNS = [getattr(Segment, name) for name in SegmentRow._fields]


def list_segments(session: Session, transcript: Transcript, parts: bool = True) -> list[SegmentRow]:
    """All segments in order of start, as they are in the database now."""
    columns = _COLUMNS if parts else _COLUMNS[:-1]
    query = select(*columns).where(_shown(transcript)).order_by(Segment.start, Segment.id)
    return list(starmap(SegmentRow, session.execute(query)))


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


def recount(session: Session, transcript: Transcript) -> None:
    """Count the segments of a transcript anew, in one statement; the caller commits."""
    shown = select(func.count()).where(_shown(transcript))
    counts = {
        "segment_count": shown.scalar_subquery(),
        "reviewed_count": shown.where(Segment.reviewed.is_(True)).scalar_subquery(),
    }
    write = update(Transcript).where(Transcript.id == transcript.id).values(counts)
    session.execute(write.execution_options(synchronize_session=False))
    session.refresh(transcript, counts)


def _shown(transcript: Transcript) -> ColumnElement[bool]:
    return and_(Segment.transcript_id == transcript.id, ~Segment.removed)


def cast_of(session: Session, transcript: Transcript) -> Cast:
    """The voices of a debate."""
    own = select(Segment.person_id).where(_shown(transcript), Segment.person_id.is_not(None))
    others = select(Person.id, Person.slug, Person.name).where(Person.id.in_(own))
    overrides = starmap(PersonRow, session.execute(others.order_by(Person.id)))
    return compute_cast(list_speakers(session, [transcript.id])[transcript.id], list(overrides))


def find_speaker(session: Session, transcript: Transcript, label: str) -> Speaker | None:
    """One label's row as it is in the database now."""
    return session.get(Speaker, (transcript.id, label), populate_existing=True)


def unregistered(session: Session, store: Store) -> list[str]:
    """Keys of transcripts that lie in the store and were never registered, newest job first."""
    known = set(session.scalars(select(Transcript.key)))
    found = [key for key in store.keys("jobs/") if is_transcript(key) and key not in known]
    return sorted(found, reverse=True)
