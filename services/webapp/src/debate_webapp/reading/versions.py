"""The versions of a debate, and which of them counts for whom.

One version of a debate counts. A newer transcription of a debate that editors corrected waits until
an editor says what it takes over; every other version was replaced.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Edit, Segment, Speaker, Transcript
from debate_webapp.errors import DoesNotCount

# Entries of the log that correct nothing.
_NO_CORRECTION = ("publish", "unpublish", "count")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands among those of its debate, `versions`, the newest first.

    `waits`: it is the one that waits. `waiting`: the one that does. `instead`: what replaced it.
    `corrected`: all others in which editors ever corrected or named anything, newest first.
    """

    versions: list[Transcript]
    counting: Transcript
    waits: bool
    waiting: Transcript | None
    instead: Transcript | None
    corrected: list[Transcript]


def read_standing(session: Session, transcript: Transcript) -> Standing:
    """Where a version stands."""
    versions = versions_of(session, transcript.key)
    counting, waiting = counting_of(versions), waiting_of(versions)
    others = [version for version in versions if version not in (transcript, counting)]
    return Standing(
        versions,
        counting,
        waiting is transcript,
        waiting,
        instead_of(transcript, versions),
        corrected_versions(session, others),
    )


def counts_for(editor: bool) -> ColumnElement[bool]:
    """One version of each debate: for editors the one that counts, for readers the public one."""
    return Transcript.counts.is_(True) if editor else Transcript.published.is_(True)


def listed_for(editor: bool) -> ColumnElement[bool]:
    """What counts; for editors also what is still public."""
    return or_(counts_for(True), counts_for(False)) if editor else counts_for(False)


def versions_of(session: Session, key: str) -> list[Transcript]:
    """All versions of a debate, the newest first."""
    query = select(Transcript).where(Transcript.key == key)
    return list(session.scalars(query.order_by(Transcript.version.desc())))


def counting_of(versions: Sequence[Transcript]) -> Transcript:
    """The one that counts."""
    return next(version for version in versions if version.counts)


def waiting_of(versions: Sequence[Transcript]) -> Transcript | None:
    """The newest one, while an older one counts in its place."""
    return None if not versions or versions[0].counts else versions[0]


def instead_of(transcript: Transcript, versions: Sequence[Transcript]) -> Transcript | None:
    """What replaced a version: the one that counts or, where that is older, the newest.

    None for the one that counts and for the one that waits.
    """
    if transcript.counts or transcript.id == versions[0].id:
        return None
    counting = counting_of(versions)
    return counting if counting.version > transcript.version else versions[0]


def replaced_by(session: Session, transcript: Transcript) -> Transcript | None:
    """The same, without the versions at hand."""
    if transcript.counts:
        return None
    return instead_of(transcript, versions_of(session, transcript.key))


def does_not_count(session: Session, transcript: Transcript) -> DoesNotCount:
    """Why a version cannot be changed."""
    versions = versions_of(session, transcript.key)
    instead = instead_of(transcript, versions) or counting_of(versions)
    return DoesNotCount(transcript.version, instead.id, instead.version)


def find_waiting(session: Session, transcripts: Sequence[Transcript]) -> dict[str, Transcript]:
    """The versions that wait, by the keys of these transcripts."""
    keys = [transcript.key for transcript in transcripts]
    query = select(Transcript).where(Transcript.key.in_(keys)).order_by(Transcript.version)
    newest = {version.key: version for version in session.scalars(query)}
    return {key: version for key, version in newest.items() if not version.counts}


def corrected_versions(session: Session, versions: Sequence[Transcript]) -> list[Transcript]:
    """Those in which editors ever corrected or named anything, newest first."""
    ids = [version.id for version in versions]
    if not ids:
        return []
    corrections = Edit.transcript_id.in_(ids) & Edit.command.not_in(_NO_CORRECTION)
    found = set(session.scalars(select(Edit.transcript_id).where(corrections).distinct()))
    return [version for version in versions if version.id in found]


def was_worked_on(session: Session, transcript: Transcript) -> bool:
    """Whether a version has anything of editors: a correction, a reviewed segment, a name."""
    edited = exists().where(Segment.transcript_id == transcript.id, Segment.version > 1)
    named = exists().where(Speaker.transcript_id == transcript.id, Speaker.person_id.is_not(None))
    return bool(session.scalar(select(or_(edited, named))))
