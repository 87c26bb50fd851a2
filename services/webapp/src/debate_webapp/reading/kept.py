"""Figures as they are kept in the database, with the revision and the code that they belong to.

They are written by whoever computed them, in a transaction of their own: that two do so at once, or
that it fails, changes no answer, since rows of another revision are never used.
"""

import logging
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from typing import NamedTuple

import msgspec
from debate_stats import SpeakerStatistics, Statistics
from sqlalchemy import ColumnElement, and_, delete, or_
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, undefer
from sqlalchemy.orm.interfaces import ORMOption

from debate_webapp.database.engine import without_waiting
from debate_webapp.database.models import DebateFigures, PersonFigures, Transcript
from debate_webapp.reading.voices import Cast

Interval = tuple[float, float]

# Figures made by other code are made anew. The number is that of the rows' form.
PRODUCER = f"debate-stats {version('debate-stats')}, form 1"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Computed:
    """Everything debate-stats says of a debate, and its speech by label, in seconds."""

    statistics: Statistics
    speech: dict[str, list[Interval]]


class Rows(NamedTuple):
    """The same as rows: of the debate, and of each person in it."""

    debate: DebateFigures
    people: list[PersonFigures]


_decoder = msgspec.msgpack.Decoder(Computed)


def is_current(kept: DebateFigures | None, transcript: Transcript) -> bool:
    """Whether kept figures are those of what the transcript says now, by this code."""
    return (
        kept is not None
        and kept.revision == transcript.content_revision
        and kept.producer == PRODUCER
    )


def is_kept() -> ColumnElement[bool]:
    """The same as a condition by which `DebateFigures` join `Transcript`."""
    return and_(
        DebateFigures.transcript_id == Transcript.id,
        DebateFigures.revision == Transcript.content_revision,
        DebateFigures.producer == PRODUCER,
    )


def load(session: Session, transcript: Transcript) -> Computed | None:
    """The kept figures of the transcript as it is in this session; None where there are none."""
    whole: list[ORMOption] = [undefer(DebateFigures.body)]
    kept = session.get(DebateFigures, transcript.id, options=whole, populate_existing=True)
    if kept is None or not is_current(kept, transcript):
        return None
    return _decoder.decode(zlib.decompress(kept.body))


def make_rows(transcript: Transcript, cast: Cast, computed: Computed) -> Rows:
    """Figures as rows under the transcript's content revision."""
    speakers = computed.statistics.speakers
    body = zlib.compress(msgspec.msgpack.encode(computed), 6)
    debate = DebateFigures(
        transcript_id=transcript.id,
        revision=transcript.content_revision,
        producer=PRODUCER,
        total_seconds=sum(own.total_seconds for own in speakers),
        voices=len(speakers),
        overlaps_known=computed.statistics.totals.overlap_seconds is not None,
        body=body,
    )
    return Rows(debate, list(_people(transcript, cast, computed)))


def keep(session: Session, rows: Rows, wait: bool = False) -> None:
    """Write rows in place of older ones; not where another has newer ones.

    Without `wait` not while another is just writing either: a reader waits for nobody.
    """
    own = DebateFigures.transcript_id == rows.debate.transcript_id
    old = or_(DebateFigures.revision <= rows.debate.revision, DebateFigures.producer != PRODUCER)
    with Session(session.get_bind(), expire_on_commit=False) as writing:
        try:
            with nullcontext() if wait else without_waiting(writing):
                writing.execute(delete(DebateFigures).where(own, old))
            writing.add(rows.debate)
            writing.flush()
            writing.add_all(rows.people)
            writing.commit()
        except (IntegrityError, OperationalError) as error:
            _log.info("figures of debate %s not kept: %s", rows.debate.transcript_id, error.orig)


def _people(transcript: Transcript, cast: Cast, computed: Computed) -> Iterator[PersonFigures]:
    ids = {voice.key: person for person, voice in cast.by_person.items()}
    for own in computed.statistics.speakers:
        if own.speaker_id_in_transcript in ids:
            person = ids[own.speaker_id_in_transcript]
            yield _person(transcript.id, person, own, computed.speech)


def _person(
    transcript_id: int, person_id: int, own: SpeakerStatistics, speech: dict[str, list[Interval]]
) -> PersonFigures:
    starts = (start for label in own.labels for start, _ in speech.get(label, ()))
    return PersonFigures(
        transcript_id=transcript_id,
        person_id=person_id,
        starts_at=min(starts, default=0.0),
        body=msgspec.json.encode(own),
        **{name: getattr(own, name) for name in _SHARED},
    )


# What pages read of a person's figures without taking their whole record apart.
_SHARED = [c.key for c in PersonFigures.__table__.columns if hasattr(SpeakerStatistics, c.key)]
