"""The write side: one function per command an editor can give.

Each checks the version the editor saw, changes the row, raises the transcript's revision and
appends the command with its inverse, all in one transaction.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from debate_webapp.errors import StaleVersion
from debate_webapp.models import Edit, Person, Speaker, Transcript, User


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
    if _seen(session, transcript, author.client_id):
        return speaker
    if speaker.version != version:
        raise StaleVersion(speaker)
    before = speaker.person.slug if speaker.person else None
    speaker.person = person
    # Written even when it stays the same, so that the version is compared and raised.
    flag_modified(speaker, "person_id")
    arguments = {"label": speaker.label, "person": person.slug if person else None}
    inverse = {"label": speaker.label, "person": before}
    _record(session, transcript, "assign_label", arguments, inverse, author)
    _commit(session, speaker)
    return speaker


def publish(session: Session, transcript: Transcript, published: bool, author: Author) -> None:
    """Show a debate to everyone, or to editors only again.

    Readers see one version of a debate: publishing a new one takes its predecessors back.
    """
    if transcript.published is published or _seen(session, transcript, author.client_id):
        return
    transcript.published = published
    command, inverse = ("publish", "unpublish") if published else ("unpublish", "publish")
    _record(session, transcript, command, {}, {"command": inverse}, author)
    if published:
        same = select(Transcript).where(
            Transcript.key == transcript.key,
            Transcript.id != transcript.id,
            Transcript.published.is_(True),
        )
        for other in session.scalars(same):
            other.published = False
            _record(session, other, "unpublish", {}, {"command": "publish"}, author)
    _commit(session, transcript)


def _seen(session: Session, transcript: Transcript, client_id: str) -> bool:
    query = select(Edit.id).where(Edit.transcript_id == transcript.id, Edit.client_id == client_id)
    return session.scalars(query).first() is not None


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


def _commit(session: Session, row: Speaker | Transcript) -> None:
    """Commit; a change that slipped in between check and write counts as stale as well."""
    try:
        session.commit()
    except (StaleDataError, IntegrityError) as error:
        session.rollback()
        session.refresh(row)
        raise StaleVersion(row) from error
