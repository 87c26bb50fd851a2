"""The versions of a debate, and which of them counts for whom.

One version of a debate counts. A newer transcription of a debate that editors corrected waits until
an editor says what it takes over; every other version was replaced.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, bindparam, exists, or_, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Edit, Segment, Speaker, Transcript
from debate_webapp.editing.log import NO_CORRECTION
from debate_webapp.reading.rows import SELECT_DEBATES, DebateRow, fetch_debates

V = TypeVar("V", Transcript, DebateRow)

_VERSIONS = SELECT_DEBATES.where(Transcript.key.in_(bindparam("keys", expanding=True))).order_by(
    Transcript.version.desc()
)


class DoesNotCount(Exception):
    """The version of the debate is not the one that counts.

    `instead` is the id of the one to go to, its number `instead_version`.
    """

    def __init__(self, version: int, instead: int, instead_version: int) -> None:
        replaced = f"this version was replaced by version {instead_version}; correct that one"
        waits = (
            f"version {version} waits until an editor says what it takes over from version"
            f" {instead_version}, which counts until then"
        )
        self.replaced = instead_version > version
        super().__init__(replaced if self.replaced else waits)
        self.instead, self.instead_version = instead, instead_version


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a version stands among those of its debate, `versions`, the newest first.

    `waits`: it is the one that waits. `waiting`: the one that does. `instead`: what replaced it.
    `corrected`: all others in which editors ever corrected or named anything, newest first.
    """

    versions: list[DebateRow]
    counting: DebateRow
    waits: bool
    waiting: DebateRow | None
    instead: DebateRow | None
    corrected: list[DebateRow]


def read_standing(session: Session, transcript: Transcript) -> Standing:
    """Where a version stands."""
    versions = list_versions(session, [transcript.key])[transcript.key]
    counting, waiting = counting_of(versions), waiting_of(versions)
    others = [one for one in versions if one.id not in (transcript.id, counting.id)]
    return Standing(
        versions,
        counting,
        waiting is not None and waiting.id == transcript.id,
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
    """All versions of a debate to be changed, the newest first."""
    query = select(Transcript).where(Transcript.key == key)
    return list(session.scalars(query.order_by(Transcript.version.desc())))


def list_versions(session: Session, keys: Collection[str]) -> dict[str, list[DebateRow]]:
    """All versions of several debates by their keys, the newest first."""
    versions: dict[str, list[DebateRow]] = {key: [] for key in keys}
    for row in fetch_debates(session, _VERSIONS, keys=list(keys)) if keys else ():
        versions[row.key].append(row)
    return versions


def counting_of(versions: Sequence[V]) -> V:
    """The one that counts."""
    return next(version for version in versions if version.counts)


def waiting_of(versions: Sequence[V]) -> V | None:
    """The newest one, while an older one counts in its place."""
    return None if not versions or versions[0].counts else versions[0]


def instead_of(transcript: Transcript | DebateRow, versions: Sequence[V]) -> V | None:
    """What replaced a version: the one that counts or, where that is older, the newest.

    None for the one that counts and for the one that waits.
    """
    if transcript.counts or transcript.id == versions[0].id:
        return None
    counting = counting_of(versions)
    return counting if counting.version > transcript.version else versions[0]


def find_replaced(
    session: Session, debates: Iterable[Transcript | DebateRow]
) -> dict[int, DebateRow | None]:
    """The same for several versions, by their ids; those that count are not among them."""
    replaced = [one for one in debates if not one.counts]
    versions = list_versions(session, {one.key for one in replaced})
    return {one.id: instead_of(one, versions[one.key]) for one in replaced}


def does_not_count(session: Session, transcript: Transcript) -> DoesNotCount:
    """Why a version cannot be changed."""
    versions = versions_of(session, transcript.key)
    instead = instead_of(transcript, versions) or counting_of(versions)
    return DoesNotCount(transcript.version, instead.id, instead.version)


def find_waiting(session: Session, keys: Collection[str]) -> dict[str, DebateRow]:
    """The versions that wait, by the keys of these debates."""
    newest = {key: waiting_of(versions) for key, versions in list_versions(session, keys).items()}
    return {key: version for key, version in newest.items() if version}


def corrected_versions(session: Session, versions: Sequence[DebateRow]) -> list[DebateRow]:
    """Those in which editors ever corrected or named anything, newest first."""
    ids = [version.id for version in versions]
    if not ids:
        return []
    corrections = Edit.transcript_id.in_(ids) & Edit.command.not_in(NO_CORRECTION)
    found = set(session.scalars(select(Edit.transcript_id).where(corrections).distinct()))
    return [version for version in versions if version.id in found]


def was_worked_on(session: Session, transcript: Transcript) -> bool:
    """Whether a version has anything of editors: a correction, a reviewed segment, a name."""
    edited = exists().where(Segment.transcript_id == transcript.id, Segment.version > 1)
    named = exists().where(Speaker.transcript_id == transcript.id, Speaker.person_id.is_not(None))
    return bool(session.scalar(select(or_(edited, named))))
