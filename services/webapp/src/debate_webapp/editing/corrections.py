"""Corrections as files of the store, for programs that read many debates at once.

contracts/corrections says what lies where. All of it follows from the database, so a run that was
stopped is simply repeated, and one with no edit before it touches nothing.
"""

import csv
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import msgspec
from debate_contract.errors import InputNotFound
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from debate_webapp.database.models import Segment, Transcript
from debate_webapp.exports import Edited
from debate_webapp.incoming.artefact import SIZE_LIMIT
from debate_webapp.incoming.storage import Store, is_transcript
from debate_webapp.reading import people
from debate_webapp.reading.versions import counts_for, find_waiting

FOLDER = "corrections/"
PEOPLE = f"{FOLDER}people.csv"

# A corrected transcript is little more than the registered one, whose size is bounded.
_LIMIT = 2 * SIZE_LIMIT

_CURRENT = select(Transcript).where(counts_for(editor=True)).order_by(Transcript.id)

State = dict[str, Any]


@dataclass(slots=True)
class Corrections:
    """The keys of the corrected transcripts that there are now; what a run wrote and removed.

    `older`: the debates among them, and their versions, of which a newer one waits.
    """

    kept: set[str] = field(default_factory=set)
    older: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


class _Head(msgspec.Struct):
    edited: Any = None


def write_corrections(session: Session, store: Store) -> Corrections:
    """Make `corrections/` say what editors made of the registered transcripts, no more, no less."""
    done = Corrections()
    there = set(store.keys(FOLDER))
    for transcript in session.scalars(_touched()):
        _bring_up_to_date(session, store, transcript, there, done)
    for key in sorted(there - done.kept):
        if is_transcript(key):
            store.remove(key)
            done.removed.append(key)
    table = _people_table(session)
    if PEOPLE not in there or store.read(PEOPLE, _LIMIT) != table:
        store.write(PEOPLE, table)
        done.written.append(PEOPLE)
    return done


def _touched() -> Select[Any]:
    """The version that counts of each debate in which a segment of it was ever edited."""
    edited = select(Segment.id).where(Segment.transcript_id == Transcript.id, Segment.version > 1)
    return _CURRENT.where(edited.exists())


def _bring_up_to_date(
    session: Session, store: Store, transcript: Transcript, there: set[str], done: Corrections
) -> None:
    key, state = FOLDER + transcript.key, _state(transcript)
    if not _is_as_registered(session, store, transcript):
        return
    if key not in there or _read_state(store, key) != state:
        body = _correct(session, transcript, state)
        if body is None:
            return
        store.write(key, body)
        done.written.append(key)
    done.kept.add(key)
    if find_waiting(session, [transcript.key]):
        done.older.append(f"{transcript.title}, version {transcript.version}")


def _state(transcript: Transcript) -> State:
    """What a corrected transcript depends on."""
    return {
        "producer": {"name": "debate-webapp", "version": version("debate-webapp")},
        "version": transcript.version,
        "revision": transcript.revision,
        "reviewed": transcript.reviewed_share,
        "registered_sha256": transcript.artefact.digest,
    }


def _is_as_registered(session: Session, store: Store, transcript: Transcript) -> bool:
    """Corrections of one transcript do not fit another that was put in its place since.

    While that one waits for an editor's word they stay: this version is the debate until then.
    """
    try:
        body = store.read(transcript.key, SIZE_LIMIT)
    except InputNotFound:
        return False
    waiting = find_waiting(session, [transcript.key]).get(transcript.key)
    registered = {transcript.artefact.digest, waiting.digest if waiting else None}
    return hashlib.sha256(body).hexdigest() in registered


def _read_state(store: Store, key: str) -> object:
    try:
        return msgspec.json.decode(store.read(key, _LIMIT), type=_Head).edited
    except (msgspec.DecodeError, InputNotFound):
        return None


def _correct(session: Session, transcript: Transcript, state: State) -> bytes | None:
    """The corrected transcript; None where all was taken back and nothing reviewed."""
    body = Edited(session, transcript).body
    if not state["reviewed"]:
        registered = zlib.decompress(transcript.artefact.body)
        if json.loads(body) == json.loads(registered):
            return None
    fields = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return msgspec.json.encode(fields | {"edited": state})


def _people_table(session: Session) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("transcript", "label", "person"))
    table.writerows(_named_labels(session))
    return text.getvalue().encode()


def _named_labels(session: Session) -> Iterator[tuple[str, str, str]]:
    names = {person.slug: name for name, person in people.all_choices(session).items()}
    for transcript in session.scalars(_CURRENT):
        for label, voice in Edited(session, transcript).labels.items():
            if voice.slug:
                yield transcript.key, label, names[voice.slug]
