"""The write side: one function per command an editor can give.

Each checks the version the editor saw, changes the rows, raises the transcript's revision and
appends the command with its inverse, all in one transaction.
"""

import random
import time
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from debate_webapp.database.faults import is_deadlock
from debate_webapp.database.holding import hold
from debate_webapp.database.models import Edit, Person, Segment, Speaker, Transcript
from debate_webapp.editing.log import (
    Author,
    State,
    count,
    find_edit,
    next_redo,
    next_undo,
    read_states,
    record,
    state_of,
    write_states,
)
from debate_webapp.errors import NothingToRedo, NothingToUndo, StaleVersion
from debate_webapp.reading.people import person_by_slug
from debate_webapp.reading.versions import does_not_count

# How often a command is tried again when edits of other rows come in between, and for how many
# seconds at most it waits before: a random time, so that those who met do not meet again.
ATTEMPTS = 12
LONGEST_PAUSE = 0.25

# The rows a command changes, and what they become.
Changes = Sequence[tuple[Segment, State]]
Versions = Mapping[int, int]


def assign_label(
    session: Session,
    speaker: Speaker,
    find_person: Callable[[], Person | None],
    version: int,
    author: Author,
) -> Speaker:
    """Say who a label is (None: nobody yet) and commit; raises StaleVersion or ClientIdReused.

    `find_person` is asked, and may add a person, once the version is known to be today's. A
    request that comes again is not applied again.
    """
    transcript = session.get_one(Transcript, speaker.transcript_id)

    def change() -> None:
        if speaker.version != version:
            raise StaleVersion(speaker)
        before = speaker.person.slug if speaker.person else None
        speaker.person = person = find_person()
        # Written even when it stays the same, so that the version is compared and raised.
        flag_modified(speaker, "person_id")
        arguments = {"label": speaker.label, "person": person.slug if person else None}
        inverse = {"label": speaker.label, "person": before}
        record(session, transcript, "assign_label", arguments, inverse, author)

    _commit(session, transcript, [speaker], change, author)
    return speaker


def change_segments(
    session: Session,
    command: str,
    segments: Sequence[Segment],
    find_changes: Callable[[], Changes],
    versions: Versions,
    author: Author,
) -> list[Segment]:
    """Carry out a command on segments of one transcript and commit; the rows it changed.

    `find_changes` is asked once the versions (by id) are known to be today's. What is so already is
    not logged. Raises ClientIdReused, and StaleVersion, also for a row that was merged away.
    """
    transcript = session.get_one(Transcript, segments[0].transcript_id)
    changed: list[Segment] = []

    def change() -> None:
        for segment in segments:
            if segment.removed or segment.version != versions.get(segment.id):
                raise StaleVersion(segment)
        changed[:] = _apply(session, transcript, command, find_changes(), author)

    _commit(session, transcript, segments, change, author)
    return changed or _changed(session, transcript, author) or list(segments)


def change_segment(
    session: Session,
    segment: Segment,
    command: str,
    find_state: Callable[[], State],
    version: int,
    author: Author,
) -> list[Segment]:
    """Give one segment its text, its speaker or its mark; as `change_segments`."""
    return change_segments(
        session,
        command,
        [segment],
        lambda: [(segment, find_state())],
        {segment.id: version},
        author,
    )


def undo(
    session: Session, transcript: Transcript, versions: Versions, author: Author
) -> list[Segment]:
    """Take back the author's last edit of segments that is not undone; commit; its rows.

    Raises NothingToUndo, or StaleVersion when `versions` does not have the rows as they are, or
    when what the edit left there was changed by someone else since. A row that is not shown needs
    no version.
    """
    edit = find_edit(session, transcript, author)
    edit = edit or next_undo(session, transcript, author.user)
    if edit is None:
        raise NothingToUndo
    return _take_back(session, transcript, edit, "undo", versions, author)


def redo(
    session: Session, transcript: Transcript, versions: Versions, author: Author
) -> list[Segment]:
    """Do again what the author's last undo took back, if they changed nothing since; as `undo`.

    Raises NothingToRedo, or StaleVersion.
    """
    edit = find_edit(session, transcript, author)
    edit = edit or next_redo(session, transcript, author.user)
    if edit is None:
        raise NothingToRedo
    return _take_back(session, transcript, edit, "redo", versions, author)


def _take_back(
    session: Session,
    transcript: Transcript,
    edit: Edit,
    command: str,
    versions: Versions,
    author: Author,
) -> list[Segment]:
    left = read_states(edit.arguments)
    segments = [session.get_one(Segment, segment) for segment in left]

    def change() -> None:
        for segment in segments:
            expected = {"removed": False} | left[segment.id]
            seen = segment.removed or segment.version == versions.get(segment.id)
            if not seen or state_of(segment, expected) != expected:
                raise StaleVersion(segment)
        before = read_states(edit.inverse)
        changes = [(segment, before[segment.id]) for segment in segments]
        _apply(session, transcript, command, changes, author, edit)

    _commit(session, transcript, segments, change, author)
    return segments


def publish(session: Session, transcript: Transcript, published: bool, author: Author) -> None:
    """Show a debate to everyone, or to editors only again.

    Readers see one version of a debate: publishing a new one takes its predecessors back. Raises
    DoesNotCount where another version of the debate counts.
    """

    def change() -> None:
        if transcript.published is published:
            return
        _publish(session, transcript, published, author)
        if published:
            same = select(Transcript).where(
                Transcript.key == transcript.key,
                Transcript.id != transcript.id,
                Transcript.published.is_(True),
            )
            for other in session.scalars(same):
                _publish(session, other, False, author)

    _commit(session, transcript, [transcript], change, author, any_version=not published)


def change_rows(
    session: Session, transcript: Transcript, command: str, changes: Changes, author: Author
) -> None:
    """Change rows and log it as part of a larger change, which checks and commits."""
    _apply(session, transcript, command, changes, author)


def change_standing(
    session: Session, transcript: Transcript, change: Callable[[], None], author: Author
) -> None:
    """Make a change to which versions count and commit, unless its client id was seen before."""
    _commit(session, transcript, [transcript], change, author, any_version=True)


def _publish(session: Session, transcript: Transcript, published: bool, author: Author) -> None:
    transcript.published = published
    command, inverse = ("publish", "unpublish") if published else ("unpublish", "publish")
    record(session, transcript, command, {}, {"command": inverse}, author)


def _apply(
    session: Session,
    transcript: Transcript,
    command: str,
    changes: Changes,
    author: Author,
    edit: Edit | None = None,
) -> list[Segment]:
    """Change the rows, log it, return them; `edit` is the one that an undo or a redo takes back.

    Nothing is logged, and no row returned, where all is so already.
    """
    before = {segment.id: state_of(segment, now) for segment, now in changes}
    after = {segment.id: now for segment, now in changes}
    if before == after:
        return []
    rows = [segment for segment, _ in changes]
    count(transcript, rows, -1)
    for segment, now in changes:
        for name, value in now.items():
            named = name == "person" and value is not None
            setattr(segment, name, person_by_slug(session, value) if named else value)
    count(transcript, rows, 1)
    arguments, inverse = write_states(after), write_states(before)
    if edit:
        arguments["edit"], inverse["command"] = edit.id, edit.command
    record(session, transcript, command, arguments, inverse, author)
    return rows


def _changed(session: Session, transcript: Transcript, author: Author) -> list[Segment]:
    """The rows of the edit that this request made before."""
    edit = find_edit(session, transcript, author)
    return (
        [session.get_one(Segment, segment) for segment in read_states(edit.arguments)]
        if edit
        else []
    )


def _commit(
    session: Session,
    transcript: Transcript,
    rows: Sequence[Speaker | Segment | Transcript],
    change: Callable[[], None],
    author: Author,
    *,
    any_version: bool = False,
) -> None:
    """Make a change and commit, unless this request made it before.

    An edit of another row that slips in between stays, and ours goes on top of it; one of the same
    rows makes ours stale. Of two who wait for each other one begins anew. Raises DoesNotCount for a
    version that does not, unless `any_version` may be changed.
    """
    for attempt in range(ATTEMPTS):
        try:
            hold(session, transcript)
            if find_edit(session, transcript, author) is None:
                if not (transcript.counts or any_version):
                    raise does_not_count(session, transcript)
                # Writes already where it reads what expired, so it may meet the other edit as well.
                change()
            session.commit()
        except (StaleDataError, IntegrityError, OperationalError) as error:
            session.rollback()
            if isinstance(error, OperationalError) and not is_deadlock(error):
                raise
            time.sleep(_pause(attempt))
        else:
            return
    raise StaleVersion(rows[0])


def _pause(attempt: int) -> float:
    """Seconds before the next attempt."""
    return random.uniform(0, min(LONGEST_PAUSE, 0.005 * 2**attempt))  # noqa: S311 - no secret
