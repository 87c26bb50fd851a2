"""Registration: from a file in the store to a debate people can work on."""

import hashlib
import json
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from debate_contract.errors import BadInput, InputNotFound, TemporaryFault
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from debate_webapp.database.models import Artefact, Segment, Speaker, Transcript
from debate_webapp.database.passages import add_passages
from debate_webapp.editing.carrying.proposals import Offer, read_offer
from debate_webapp.editing.corrected import Part
from debate_webapp.editing.counting import hand_over
from debate_webapp.incoming.artefact import (
    SIZE_LIMIT,
    MachineTranscript,
    parse_transcript,
    title_of,
)
from debate_webapp.incoming.storage import Store, is_transcript
from debate_webapp.reading.figures import bring_up_to_date
from debate_webapp.reading.queries import recount
from debate_webapp.reading.versions import counting_of, versions_of, was_worked_on

MEDIA_SUFFIXES = (".mp4", ".m4v", ".webm", ".mov", ".m4a", ".mp3", ".ogg", ".wav")
MEDIA_JSON_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class Registration:
    """The transcript, whether this call made it, and what it can take over while it waits."""

    transcript: Transcript
    created: bool
    offer: Offer | None = None


def register(session: Session, store: Store, uri: str) -> Registration:
    """Register the transcript at an address of the store and commit.

    The same bytes again change nothing. Other bytes at the same address become a new version: the
    old one, its names and its edits stay as they are. It takes that one's place at once where no
    editor made anything of it, and else waits. Raises OutsideStore, BadInput, InputNotFound.
    """
    key = store.key_of(uri)
    if not is_transcript(key):
        raise BadInput(
            f"{uri} is not a transcript; those are called transcripts/…_transcription.json"
        )
    body = store.read(key, SIZE_LIMIT)
    machine = parse_transcript(body, key.rsplit("/", 1)[-1])
    versions = versions_of(session, key)
    if versions and versions[0].artefact.digest == machine.digest:
        return Registration(versions[0], created=False)
    transcript = _new_version(key, machine, versions, _job(store, key, machine))
    try:
        offer = _save(session, transcript, machine, body)
    except (IntegrityError, StaleDataError) as error:
        session.rollback()
        made = versions_of(session, key)
        if made and made[0].artefact.digest == machine.digest:
            return Registration(made[0], created=False)
        raise TemporaryFault(f"{uri} is being registered by someone else; try again") from error
    bring_up_to_date(session.get_bind().engine, transcript.id)
    return Registration(transcript, created=True, offer=offer)


def holds(store: Store, transcript: Transcript) -> bool:
    """Whether the store has the very file that was registered, and beside it what belongs to it."""
    try:
        body = store.read(transcript.key, SIZE_LIMIT)
    except (BadInput, InputNotFound):
        return False
    return hashlib.sha256(body).hexdigest() == transcript.artefact.digest


def _save(
    session: Session, transcript: Transcript, machine: MachineTranscript, body: bytes
) -> Offer | None:
    transcript.artefact = _artefact(session, machine.digest, body)
    session.add(transcript)
    session.flush()
    _add_rows(session, transcript.id, machine)
    recount(session, transcript)
    offer = None
    if transcript.previous is not None:
        offer = _offer(session, transcript.previous, transcript)
        if offer is None:
            hand_over(session, transcript.previous, transcript)
    session.commit()
    return offer


def _offer(session: Session, before: Transcript, now: Transcript) -> Offer | None:
    """What a new version can take over; None where nobody made anything of the one before."""
    offer = read_offer(session, before, now) if was_worked_on(session, before) else None
    return offer if offer and offer.corrections else None


def _artefact(session: Session, digest: str, body: bytes) -> Artefact:
    kept = session.scalars(select(Artefact).where(Artefact.digest == digest)).one_or_none()
    return kept or Artefact(digest=digest, body=zlib.compress(body, 6))


@dataclass(frozen=True, slots=True)
class _Job:
    """What lies beside the transcript."""

    id: str
    media_key: str | None
    has_picture: bool
    recorded_on: str | None
    title: str | None


def _new_version(
    key: str, machine: MachineTranscript, versions: Sequence[Transcript], job: _Job
) -> Transcript:
    # A recording that was given by hand is where it was.
    given = next((one for one in versions if one.media_key), job)
    played = job if job.media_key else given
    return Transcript(
        key=key,
        version=versions[0].version + 1 if versions else 1,
        previous=counting_of(versions) if versions else None,
        counts=not versions,
        job_id=job.id,
        title=machine.title or job.title or _title_from(key),
        source_url=machine.source_url,
        recorded_on=job.recorded_on,
        media_key=played.media_key,
        has_picture=played.has_picture,
        duration=machine.duration,
        language=machine.language,
        quality=machine.quality,
        engines=machine.engines,
        expected=machine.expected,
        unheard=machine.unheard,
        defects=machine.defects,
    )


def _add_rows(session: Session, transcript_id: int, machine: MachineTranscript) -> None:
    """The editorial layer, in a few statements however long the debate is."""
    speakers = [
        {"transcript_id": transcript_id, "label": label, "colour": at, "version": 1}
        for at, label in enumerate(machine.labels)
    ]
    segments = [
        {
            "transcript_id": transcript_id,
            "source_id": segment.source_id,
            "start": segment.start,
            "end": segment.end,
            "label": segment.label,
            "text": segment.text,
            "confidence": segment.confidence,
            "speaker_confidence": segment.speaker_confidence,
            "overlap": segment.overlap,
            "parts": [Part(place)],
            "version": 1,
        }
        for place, segment in enumerate(machine.segments)
    ]
    for model, rows in ((Speaker, speakers), (Segment, segments)):
        if rows:
            session.execute(insert(model), rows)
    add_passages(session, transcript_id)


def _job(store: Store, key: str, machine: MachineTranscript) -> _Job:
    folder = PurePosixPath(key).parent.parent
    media = _media_json(store, f"{folder}/media.json")
    video, source = _object(media.get("video")), _object(media.get("source"))
    return _Job(
        id=folder.name[:200] or "store",
        media_key=_media_key(store, key, machine.media_path),
        has_picture=not video or bool(video.get("width")),
        recorded_on=_date(source.get("upload_date")),
        title=title_of(source.get("title")),
    )


def _media_json(store: Store, key: str) -> dict[str, Any]:
    """The downloader's file; a folder without one is fine."""
    try:
        document = json.loads(store.read(key, MEDIA_JSON_LIMIT))
    except (InputNotFound, BadInput, ValueError, RecursionError):
        return {}
    return _object(document)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _media_key(store: Store, key: str, named: str | None) -> str | None:
    """The recording, only ever a media file in the job's own `videos/` folder.

    The file that the transcript names comes first, then the one with the transcript's stem, then
    the only one there is.
    """
    folder = f"{PurePosixPath(key).parent.parent}/videos/".removeprefix("./")
    there = [k for k in store.keys(folder) if is_media(k.removeprefix(folder))]
    stem = PurePosixPath(key).name.removesuffix("_transcription.json")
    wanted = PurePosixPath(named or "").name
    for found in there:
        if PurePosixPath(found).name == wanted:
            return found
    by_stem = [k for k in there if PurePosixPath(k).stem == stem]
    fitting = by_stem or (there if len(there) == 1 else [])
    return fitting[0] if fitting else None


def is_media(name: str) -> bool:
    """Whether it is the name of a recording as browsers play them."""
    return "/" not in name and name.lower().endswith(MEDIA_SUFFIXES)


def _date(value: object) -> str | None:
    """An ISO date, whole or not at all."""
    return value if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value) else None


def _title_from(key: str) -> str:
    stem = PurePosixPath(key).name.removesuffix("_transcription.json")
    return re.sub(r"[_\s]+", " ", stem).strip() or "Untitled debate"
