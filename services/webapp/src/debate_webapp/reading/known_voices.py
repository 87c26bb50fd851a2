"""People known from other debates by their voice, proposed for labels without a name.

A proposal changes nothing until an editor saves it. What a person sounds like is what the labels
that have their name today sound like, so a name taken back is forgotten with it.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, select, tuple_
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.database.engine import begin_writing, insert_new
from debate_webapp.database.models import Person, Speaker, Transcript, VoiceVector
from debate_webapp.incoming.imports import holds
from debate_webapp.incoming.storage import Store
from debate_webapp.incoming.vectors import MachineVoice, read_voices
from debate_webapp.reading.voices import Cast

# Cosine from which a voice is proposed, and seconds of it below which it is not: docs/voices.md has
# what was measured.
LIKE = 0.55
LEAST_SECONDS = 5.0
# Of one debate no more counts than of another: a voice differs more between rooms than within one.
MOST_SECONDS = 60.0
TINY = float(np.finfo(np.float32).tiny)
AT_ONCE = 1000  # voices that are read at once

# Of who said too little to be measured no file has a voice, and reading it takes a process.
REMEMBERED_SECONDS = 600.0
_UNHEARD: WeakKeyDictionary[Store, dict[str, tuple[float, set[str]]]] = WeakKeyDictionary()

Floats = NDArray[np.float32]


class _Heard(NamedTuple):
    """A voice with a name in another debate: columns of `VoiceVector`, and whose it is."""

    transcript_id: int
    label: str
    seconds: float
    vector: bytes
    person_id: int


@dataclass(frozen=True, slots=True)
class KnownVoice:
    """A person, and how alike the voices are: a cosine, at most 1.

    The voice has the name in `debates` others; of these, `label` in the transcript `transcript_id`
    is most like the one in question.
    """

    person_id: int
    likeness: float
    debates: int
    transcript_id: int
    label: str


def keep_voices(session: Session, store: Store, transcript: Transcript) -> list[MachineVoice]:
    """A transcript's voices: the kept ones, else those of its file, which are kept then.

    Of people who are not to be known again none are kept, and none of a file that lies beside
    another version of the transcript by now.
    """
    kept = _kept(session, transcript.id)
    wanted = [s for s in transcript.speakers if s.person is None or s.person.known_again]
    named = {s.label for s in wanted if s.person}
    heard = {voice.label for voice in kept} | _unheard(store, transcript.key)
    if kept and named <= heard:
        return kept
    found = read_voices(store, transcript.key, [speaker.label for speaker in wanted])
    if not (found and holds(store, transcript)):
        return kept
    unheard = {s.label for s in wanted} - {voice.label for voice in found}
    _UNHEARD.setdefault(store, {})[transcript.key] = time.monotonic(), unheard
    _keep(session.get_bind().engine, transcript.id, found)
    return found


def _unheard(store: Store, key: str) -> set[str]:
    """Labels that a transcript's voice file did not have when it was last read, if lately."""
    at, labels = _UNHEARD.get(store, {}).get(key, (0.0, set[str]()))
    return labels if time.monotonic() - at < REMEMBERED_SECONDS else set()


def _kept(session: Session, transcript_id: int) -> list[MachineVoice]:
    asked = select(VoiceVector).where(VoiceVector.transcript_id == transcript_id)
    rows = session.scalars(asked)
    return [MachineVoice(row.label, row.model, row.seconds, row.vector) for row in rows]


def _keep(engine: Engine, transcript_id: int, voices: Sequence[MachineVoice]) -> None:
    """In a transaction of its own, where another request may have done the same meanwhile."""
    with Session(engine) as session:
        begin_writing(session)
        wanted = _wanted(session, transcript_id)
        rows = [one._asdict() for one in voices if one.label in wanted]
        if rows:
            insert = insert_new(session, VoiceVector)
            session.execute(insert, [{"transcript_id": transcript_id, **row} for row in rows])
        session.commit()


def _wanted(session: Session, transcript_id: int) -> set[str]:
    """Labels whose voices may be kept, until the transaction ends.

    While the file was read they may have been named, and people may have asked not to be known.
    """
    labels = select(Speaker).where(Speaker.transcript_id == transcript_id)
    speakers = session.scalars(labels.with_for_update(read=True, of=Speaker)).all()
    people = select(Person).where(Person.id.in_([speaker.person_id for speaker in speakers]))
    fresh = people.with_for_update(read=True).execution_options(populate_existing=True)
    refused = [person.id for person in session.scalars(fresh) if not person.known_again]
    return {speaker.label for speaker in speakers if speaker.person_id not in refused}


def know_again(session: Session, person: Person, *, wanted: bool) -> None:
    """Propose a person by their voice from now on, or never: then it is deleted. Commits."""
    person.known_again = wanted
    if not wanted:
        labels = select(Speaker.transcript_id, Speaker.label).where(Speaker.person_id == person.id)
        place = tuple_(VoiceVector.transcript_id, VoiceVector.label)
        session.execute(delete(VoiceVector).where(place.in_(labels)))
    audit.record(session, "voice-kept" if wanted else "voice-deleted", detail=person.name)
    session.commit()


def find_known_voices(
    session: Session, transcript: Transcript, cast: Cast, own: Sequence[MachineVoice]
) -> dict[str, KnownVoice]:
    """By label without a name, whom it sounds like: nobody twice, and nobody who is named here."""
    unnamed = {speaker.label for speaker in cast.speakers if speaker.person is None}
    asked = [one for one in own if one.label in unnamed and one.seconds >= LEAST_SECONDS]
    asked = [one for one in asked if _comparable(one, asked[0])]
    if not asked:
        return {}
    wanted = _matrix(asked)
    heard = groupby(_heard_elsewhere(session, transcript, asked[0], cast), _person)
    alike = [one for _, voices in heard for one in _compare(wanted, list(voices))]
    return {asked[at].label: known for at, known in _pairs(alike)}


def _comparable(one: MachineVoice, other: MachineVoice) -> bool:
    return one.model == other.model and len(one.vector) == len(other.vector)


def _heard_elsewhere(
    session: Session, transcript: Transcript, like: MachineVoice, cast: Cast
) -> Iterator[_Heard]:
    """Voices with names in other debates that count, as the same model measured them, by person.

    Of ten thousand debates they are sixty thousand: no more than one person's are in memory.
    """
    columns = (VoiceVector.transcript_id, VoiceVector.label, VoiceVector.seconds)
    place = Speaker.transcript_id == VoiceVector.transcript_id, Speaker.label == VoiceVector.label
    query = (
        select(*columns, VoiceVector.vector, Speaker.person_id)
        .join(Speaker, place[0] & place[1])
        .join(Transcript, Transcript.id == VoiceVector.transcript_id)
        .join(Person, Person.id == Speaker.person_id)
        .where(
            VoiceVector.model == like.model,
            VoiceVector.seconds >= LEAST_SECONDS,
            Transcript.counts,
            Transcript.key != transcript.key,
            Person.known_again,
            Person.id.not_in(list(cast.by_person)),
        )
        .order_by(Speaker.person_id, VoiceVector.transcript_id, VoiceVector.label)
    )
    rows = session.connection().execute(query, execution_options={"yield_per": AT_ONCE})
    return (_Heard._make(row) for row in rows if len(row.vector) == len(like.vector))


def _person(one: _Heard) -> int:
    return one.person_id


def _matrix(voices: Sequence[MachineVoice | _Heard]) -> Floats:
    """[voices, numbers]."""
    return np.frombuffer(b"".join(one.vector for one in voices), "<f4").reshape(len(voices), -1)


def _compare(wanted: Floats, heard: Sequence[_Heard]) -> Iterator[tuple[int, KnownVoice]]:
    """Which of the voices [voices, numbers] sound like a person, of whom these were heard."""
    vectors = _matrix(heard)
    alike = wanted @ _centre(vectors, heard)
    for at in np.flatnonzero(alike >= LIKE):
        best = heard[int((vectors @ wanted[at]).argmax())]
        debates = len({one.transcript_id for one in heard})
        place = best.transcript_id, best.label
        yield int(at), KnownVoice(best.person_id, float(alike[at]), debates, *place)


def _centre(vectors: Floats, heard: Sequence[_Heard]) -> Floats:
    """[numbers], of unit length: the mean of one person's voices, by how long they were."""
    weights = np.minimum([one.seconds for one in heard], MOST_SECONDS).astype(np.float32)
    total = weights @ vectors
    return np.asarray(total / max(float(np.linalg.norm(total)), TINY), np.float32)


def _pairs(alike: Sequence[tuple[int, KnownVoice]]) -> Iterator[tuple[int, KnownVoice]]:
    """The most alike first, no voice and no person twice."""
    voices, people = set(), set()
    for at, known in sorted(alike, key=lambda one: one[1].likeness, reverse=True):
        if at not in voices and known.person_id not in people:
            voices.add(at)
            people.add(known.person_id)
            yield at, known
