"""The write side: one function per command an editor can give.

Each checks the version the editor saw, changes the row, raises the transcript's revision and
appends the command with its inverse, all in one transaction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from debate_webapp.errors import NothingToUndo, StaleVersion
from debate_webapp.models import Edit, Person, Segment, Speaker, Transcript, User
from debate_webapp.people import person_by_slug

# Each command on a segment and the attribute it changes.
SEGMENT_COMMANDS = {"edit_text": "text", "assign_segment": "person", "mark_reviewed": "reviewed"}
# How often a command is tried again when edits of other rows come in between.
ATTEMPTS = 10

Value = str | bool | Person | None


@dataclass(frozen=True, slots=True)
class Author:
    """Who gives a command; `client_id` makes a repeated request harmless."""

    user: User
    client_id: str


def assign_label(
    session: Session, speaker: Speaker, person: Person | None, version: int, author: Author
) -> Speaker:
    """Say who a label is (None: nobody yet) and commit; raises StaleVersion.

    A command whose client id was seen before is not applied again.
    """
    transcript = session.get_one(Transcript, speaker.transcript_id)

    def change() -> None:
        _check(speaker, version)
        before = speaker.person.slug if speaker.person else None
        speaker.person = person
        # Written even when it stays the same, so that the version is compared and raised.
        flag_modified(speaker, "person_id")
        arguments = {"label": speaker.label, "person": person.slug if person else None}
        inverse = {"label": speaker.label, "person": before}
        _record(session, transcript, "assign_label", arguments, inverse, author)

    _commit(session, transcript, speaker, change, author)
    return speaker


def change_segment(
    session: Session, segment: Segment, command: str, value: Value, version: int, author: Author
) -> None:
    """Give one segment its text, its own person (None: whom its label says) or its mark; commit.

    `command` is one of SEGMENT_COMMANDS. What is so already is not logged. Raises StaleVersion.
    """
    transcript = session.get_one(Transcript, segment.transcript_id)
    attribute = SEGMENT_COMMANDS[command]

    def change() -> None:
        _check(segment, version)
        before = _plain(getattr(segment, attribute))
        if before == _plain(value):
            return
        setattr(segment, attribute, value)
        arguments = {"segment": segment.id, attribute: _plain(value)}
        inverse = {"segment": segment.id, attribute: before}
        _record(session, transcript, command, arguments, inverse, author)

    _commit(session, transcript, segment, change, author)


def undo(
    session: Session, transcript: Transcript, versions: Mapping[int, int], author: Author
) -> Segment:
    """Take back the author's last edit of a segment that is not undone; commit.

    Raises NothingToUndo, or StaleVersion when `versions` (by the segment's id) does not have the
    row as it is, or when what the edit left there was changed by someone else since.
    """
    edit = find_edit(session, transcript, author.client_id)
    edit = edit or next_undo(session, transcript, author.user)
    if edit is None:
        raise NothingToUndo
    segment = session.get_one(Segment, edit.arguments["segment"])

    def change() -> None:
        _check(segment, versions.get(segment.id))
        attribute = SEGMENT_COMMANDS[edit.command]
        after, before = edit.arguments[attribute], edit.inverse[attribute]
        if _plain(getattr(segment, attribute)) != after:
            raise StaleVersion(segment)
        is_person = attribute == "person" and before is not None
        setattr(segment, attribute, person_by_slug(session, before) if is_person else before)
        arguments = {"segment": segment.id, "edit": edit.id, attribute: before}
        redo = {"command": edit.command, "segment": segment.id, attribute: after}
        _record(session, transcript, "undo", arguments, redo, author)

    _commit(session, transcript, segment, change, author)
    return segment


def next_undo(session: Session, transcript: Transcript, user: User) -> Edit | None:
    """The edit that an undo of this user would take back."""
    own = _log(transcript).where(Edit.user_id == user.id)
    undone = own.where(Edit.command == "undo").order_by(None)
    undone = undone.with_only_columns(Edit.arguments["edit"].as_integer())
    left = own.where(Edit.command.in_(SEGMENT_COMMANDS), Edit.id.not_in(undone))
    return session.scalars(left.limit(1)).first()


def last_edit(session: Session, segment: Segment) -> Edit | None:
    """Who changed a segment last, and when."""
    transcript = session.get_one(Transcript, segment.transcript_id)
    touched = Edit.arguments["segment"].as_integer() == segment.id
    return session.scalars(_log(transcript).where(touched).limit(1)).first()


def find_edit(session: Session, transcript: Transcript, client_id: str) -> Edit | None:
    """The edit that a client id was used for."""
    return session.scalars(_log(transcript).where(Edit.client_id == client_id)).first()


def publish(session: Session, transcript: Transcript, published: bool, author: Author) -> None:
    """Show a debate to everyone, or to editors only again.

    Readers see one version of a debate: publishing a new one takes its predecessors back.
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

    _commit(session, transcript, transcript, change, author)


def _publish(session: Session, transcript: Transcript, published: bool, author: Author) -> None:
    transcript.published = published
    command, inverse = ("publish", "unpublish") if published else ("unpublish", "publish")
    _record(session, transcript, command, {}, {"command": inverse}, author)


def _log(transcript: Transcript) -> Select[Edit]:
    """The edits of a transcript, newest first."""
    query = select(Edit).where(Edit.transcript_id == transcript.id)
    return query.order_by(Edit.revision.desc())


def _check(row: Speaker | Segment, version: int | None) -> None:
    if row.version != version:
        raise StaleVersion(row)


def _plain(value: Value) -> str | bool | None:
    """A value as the log keeps it."""
    return value.slug if isinstance(value, Person) else value


def _record(
    session: Session,
    transcript: Transcript,
    command: str,
    arguments: dict[str, Any],
    inverse: dict[str, Any],
    author: Author,
) -> None:
    transcript.revision += 1
    session.add(
        Edit(
            transcript_id=transcript.id,
            revision=transcript.revision,
            user_id=author.user.id,
            client_id=author.client_id,
            command=command,
            arguments=arguments,
            inverse={"command": command, **inverse},
        )
    )


def _commit(
    session: Session,
    transcript: Transcript,
    row: Speaker | Segment | Transcript,
    change: Callable[[], None],
    author: Author,
) -> None:
    """Make a change and commit, unless its client id was seen before.

    An edit of another row that slips in between stays, and ours goes on top of it; one of the same
    row makes ours stale.
    """
    for _ in range(ATTEMPTS):
        try:
            session.refresh(transcript, with_for_update=True)
            session.refresh(row)
            if find_edit(session, transcript, author.client_id) is None:
                # Writes already where it reads what expired, so it may meet the other edit as well.
                change()
            session.commit()
        except (StaleDataError, IntegrityError):
            session.rollback()
        else:
            return
    raise StaleVersion(row)
