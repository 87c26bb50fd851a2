"""People known from other debates by their voice, proposed for labels without a name.

A proposal changes nothing until an editor saves it. What a person sounds like is what the labels
that have their name today sound like, so a name taken back is forgotten with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, select, tuple_
from sqlalchemy.orm import Session

from debate_webapp.accounts import audit
from debate_webapp.database.engine import insert_new
from debate_webapp.database.models import Person, Speaker, Transcript
from debate_webapp.database.voices import VoiceVector
from debate_webapp.incoming.storage import Store
from debate_webapp.incoming.vectors import MachineVoice, read_voices
from debate_webapp.reading.voices import Cast

# Cosine from which a voice is proposed, and seconds of it below which it is not: docs/voices.md has
# what was measured.
LIKE = 0.55
LEAST_SECONDS = 5.0
# Of one debate no more counts than of another: a voice differs more between rooms than within one.
MOST_SECONDS = 60.0

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

    Of people who are not to be known again none are kept.
    """
    asked = select(VoiceVector).where(VoiceVector.transcript_id == transcript.id)
    if kept := session.scalars(asked).all():
        return [MachineVoice(row.label, row.model, row.seconds, row.vector) for row in kept]
    labels = [s.label for s in transcript.speakers if s.person is None or s.person.known_again]
    found = read_voices(store, transcript.key, labels)
    if found:
        _keep(session.get_bind().engine, transcript.id, found)
    return found


def _keep(engine: Engine, transcript_id: int, voices: Sequence[MachineVoice]) -> None:
    """In a transaction of its own, where another request may have done the same meanwhile."""
    rows = [{"transcript_id": transcript_id, **voice._asdict()} for voice in voices]
    with Session(engine) as session:
        session.execute(insert_new(session, VoiceVector), rows)
        session.commit()


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
    heard = _heard_elsewhere(session, transcript, asked[0], cast) if asked else []
    asked = [one for one in asked if _comparable(one, asked[0])]
    if not heard:
        return {}
    wanted, there = _matrix(asked), _matrix(heard)
    owner = np.unique([one.person_id for one in heard], return_inverse=True)[1]
    alike = wanted @ _centres(there, owner, heard).T
    each = there @ wanted.T
    return {
        asked[at].label: _known(
            float(alike[at, who]), [(each[n, at], heard[n]) for n in np.flatnonzero(owner == who)]
        )
        for at, who in _pairs(alike)
    }


def _comparable(one: MachineVoice, other: MachineVoice) -> bool:
    return one.model == other.model and len(one.vector) == len(other.vector)


def _heard_elsewhere(
    session: Session, transcript: Transcript, like: MachineVoice, cast: Cast
) -> list[_Heard]:
    """Voices with names in other debates that count, as the same model measured them."""
    columns = (VoiceVector.transcript_id, VoiceVector.label, VoiceVector.seconds)
    place = Speaker.transcript_id == VoiceVector.transcript_id, Speaker.label == VoiceVector.label
    rows = session.execute(
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
        .order_by(VoiceVector.transcript_id, VoiceVector.label)
    )
    return [_Heard._make(row) for row in rows if len(row.vector) == len(like.vector)]


def _matrix(voices: Sequence[MachineVoice | _Heard]) -> Floats:
    """[voices, numbers]."""
    return np.frombuffer(b"".join(one.vector for one in voices), "<f4").reshape(len(voices), -1)


def _centres(vectors: Floats, owner: NDArray[np.intp], heard: Sequence[_Heard]) -> Floats:
    """[people, numbers], of unit length: the mean of each one's voices, by how long they were."""
    weights = np.minimum([one.seconds for one in heard], MOST_SECONDS).astype(np.float32)
    sums = np.zeros((owner.max() + 1, vectors.shape[1]), np.float32)
    np.add.at(sums, owner, vectors * weights[:, None])
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(sums / np.maximum(lengths, np.finfo(np.float32).tiny))


def _pairs(alike: Floats) -> Iterator[tuple[int, int]]:
    """Rows and columns of what is alike enough, the most alike first, each at most once."""
    left = alike.copy()
    while left.size and left.max() >= LIKE:
        at, who = (int(index) for index in np.unravel_index(left.argmax(), left.shape))
        left[at, :] = left[:, who] = -1
        yield at, who


def _known(likeness: float, heard: Sequence[tuple[float, _Heard]]) -> KnownVoice:
    _, best = max(heard, key=lambda one: one[0])
    debates = len({one.transcript_id for _, one in heard})
    return KnownVoice(best.person_id, likeness, debates, best.transcript_id, best.label)
