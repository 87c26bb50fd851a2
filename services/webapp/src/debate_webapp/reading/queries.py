"""The read side: rows for pages, sorted and bounded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import starmap
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from debate_webapp.database.holding import find_and_hold
from debate_webapp.database.models import Artefact, Edit, Person, Segment, Speaker, Transcript
from debate_webapp.editing.log import read_states
from debate_webapp.reading.rows import SELECT_DEBATES, DebateRow, fetch, fetch_debates
from debate_webapp.reading.versions import counts_for, listed_for
from debate_webapp.reading.voices import Cast, PersonRow, SegmentRow, SpeakerRow, compute_cast

PAGE = 50
# Before it comes every debate.
NO_CURSOR = 2**31 - 1
# Columns that lie behind the bytes are costly to read: SQLite goes through all of these first.
ARTEFACT = joinedload(Transcript.artefact).load_only(Artefact.digest)


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of debates, newest first, and the cursor of the next."""

    transcripts: list[DebateRow]
    next_cursor: int | None


@cache
def _select_listing(editor: bool) -> Select[Any]:
    before = Transcript.id < bindparam("cursor")
    newest = SELECT_DEBATES.where(listed_for(editor), before).order_by(Transcript.id.desc())
    return newest.limit(PAGE + 1)


def list_transcripts(session: Session, editor: bool, cursor: int | None = None) -> Listing:
    """Published debates; editors also see the others, and old versions that are still public."""
    before = NO_CURSOR if cursor is None else cursor
    rows = fetch_debates(session, _select_listing(editor), cursor=before)
    return Listing(rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None)


_SPEAKERS = (
    select(Speaker.transcript_id, Speaker.label, Speaker.colour, Speaker.version)
    .add_columns(Person.id, Person.slug, Person.name)
    .outerjoin(Person, Person.id == Speaker.person_id)
    .where(Speaker.transcript_id.in_(bindparam("transcripts", expanding=True)))
    .order_by(Speaker.transcript_id, Speaker.colour)
)


def list_speakers(session: Session, transcripts: Sequence[int]) -> dict[int, list[SpeakerRow]]:
    """The labels of several transcripts in order of colour, and who they are."""
    found: dict[int, list[SpeakerRow]] = {transcript: [] for transcript in transcripts}
    rows = fetch(session, _SPEAKERS, transcripts=list(transcripts))
    for transcript, label, colour, version, person, slug, name in rows:
        who = PersonRow(person, slug, name) if person else None
        found[transcript].append(SpeakerRow(label, colour, version, who))
    return found


_TRANSCRIPT = select(Transcript).options(ARTEFACT).where(Transcript.id == bindparam("transcript"))


def find_transcript(session: Session, transcript_id: int, editor: bool) -> Transcript | None:
    """The transcript, as far as the reader may know that it exists."""
    transcript = session.scalar(_TRANSCRIPT, {"transcript": transcript_id})
    return transcript if transcript and (editor or transcript.published) else None


_TO_CHANGE = select(Transcript).where(Transcript.id == bindparam("transcript"))


def find_to_change(session: Session, transcript_id: int, editor: bool) -> Transcript | None:
    """The same for an editor who is about to change it: nobody else does so meanwhile."""
    transcript = find_and_hold(session, _TO_CHANGE, transcript_id)
    return transcript if transcript and (editor or transcript.published) else None


_OF_ONE = and_(Segment.transcript_id == bindparam("transcript"), ~Segment.removed)
_COLUMNS = [getattr(Segment, name) for name in SegmentRow._fields]
_SEGMENTS, _WITHOUT_PARTS = (
    select(*columns).where(_OF_ONE).order_by(Segment.start, Segment.id)
    for columns in (_COLUMNS, _COLUMNS[:-1])
)


def list_segments(session: Session, transcript: Transcript, parts: bool = True) -> list[SegmentRow]:
    """All segments in order of start, as they are in the database now."""
    query = _SEGMENTS if parts else _WITHOUT_PARTS
    return list(starmap(SegmentRow, fetch(session, query, transcript=transcript.id)))


_OF_LABEL = _WITHOUT_PARTS.where(Segment.label == bindparam("label"), Segment.person_id.is_(None))


def list_segments_of(session: Session, transcript_id: int, label: str) -> list[SegmentRow]:
    """A label's own segments, without those that have a person of their own, in order."""
    rows = fetch(session, _OF_LABEL, transcript=transcript_id, label=label)
    return list(starmap(SegmentRow, rows))


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
    shown = select(func.count()).where(Segment.transcript_id == transcript.id, ~Segment.removed)
    counts = {
        "segment_count": shown.scalar_subquery(),
        "reviewed_count": shown.where(Segment.reviewed.is_(True)).scalar_subquery(),
    }
    write = update(Transcript).where(Transcript.id == transcript.id).values(counts)
    session.execute(write.execution_options(synchronize_session=False))
    session.refresh(transcript, counts)


_OVERRIDES = (
    select(Person.id, Person.slug, Person.name)
    .where(Person.id.in_(select(Segment.person_id).where(_OF_ONE, Segment.person_id.is_not(None))))
    .order_by(Person.id)
)


def cast_of(session: Session, transcript: Transcript) -> Cast:
    """The voices of a debate."""
    speakers = list_speakers(session, [transcript.id])[transcript.id]
    overrides = fetch(session, _OVERRIDES, transcript=transcript.id)
    return compute_cast(speakers, list(starmap(PersonRow, overrides)))


@cache
def _languages(editor: bool) -> Select[Any]:
    shown = select(Transcript.language).where(counts_for(editor), Transcript.language.is_not(None))
    return shown.distinct().order_by(Transcript.language)


def list_languages(session: Session, editor: bool) -> list[str]:
    """The languages of the debates that the reader may see, as codes."""
    return [language for (language,) in fetch(session, _languages(editor))]


def has_debates(session: Session, editor: bool) -> bool:
    """Whether there is any that the reader may see."""
    return bool(fetch(session, select(Transcript.id).where(counts_for(editor)).limit(1)))


def find_speaker(session: Session, transcript: Transcript, label: str) -> Speaker | None:
    """One label's row as it is in the database now."""
    return session.get(Speaker, (transcript.id, label), populate_existing=True)
