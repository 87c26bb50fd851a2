"""A store with a debate: its transcript, its recording, its database and its accounts."""

import json
import shutil
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in import passwords
from debate_webapp.accounts.users import add_user
from debate_webapp.database.engine import make_engine
from debate_webapp.database.migrations import upgrade
from debate_webapp.database.models import User
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.settings import DATABASE_FILE
from sqlalchemy.orm import Session

PASSWORD = "correct horse battery"


# 0    3.3   8.2   11.4 s
# 00───┐     ┌00───┐
#      └01───┘
SPEECH = [
    {"start": 0.5, "end": 3.3, "speaker": "SPEAKER_00"},
    {"start": 3.9, "end": 8.2, "speaker": "SPEAKER_01"},
    {"start": 9.0, "end": 11.4, "speaker": "SPEAKER_00"},
]


TEXTS = [
    "Should the city make its buses free?",
    "Yes, because a bus that is full costs no more than an empty one.",
    "And who pays for the drivers?",
]


def transcript_document(**changes: Any) -> dict[str, Any]:
    segments = [
        {
            **stretch,
            "id": at,
            "text": text,
            "confidence": 0.9,
            "speaker_confidence": 1.0,
            "overlap": False,
            "words": [],
        }
        for at, (stretch, text) in enumerate(zip(SPEECH, TEXTS, strict=True))
    ]
    document = {
        "schema_version": "1.0",
        "producer": {"name": "debate-transcriber", "version": "0.1.0"},
        "created_at": "2026-11-22T20:05:00Z",
        "duration": 12.0,
        "language": "en",
        "speakers_count": 2,
        "model": {"asr": "whisper-base", "diarization": "segmentation-3.0+campplus"},
        "media": {
            "path": "videos/Town_hall.mp4",
            "sha256": "0" * 64,
            "source": {"url": "https://videos.example/town-hall", "title": "Town hall: free buses"},
        },
        "quality": "draft",
        "transcription": segments,
        "speech": SPEECH,
    }
    return document | changes


def make_recording(path: Path) -> Path:
    """Twelve seconds of test picture and tone."""
    picture, tone = "testsrc2=size=320x180:rate=10:duration=12", "sine=frequency=300:duration=12"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error"]
    command += ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-shortest"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*command, "-movflags", "+faststart", str(path)], check=True, timeout=60)
    return path


def make_database(path: Path) -> Path:
    """A migrated database with one account."""
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with Session(engine) as session:
        make_account(session, "editor", PASSWORD)
    engine.dispose()
    return path


def make_account(
    session: Session, name: str, password: str = PASSWORD, role: Role = Role.PUBLISHER
) -> User:
    """An account; unless said otherwise it may do all that people do with debates.

    Its password is kept as ever, but a check takes none of the quarter of a second that it should.
    """
    quick = partial(passwords.generate_password_hash, method="scrypt:256:8:1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "generate_password_hash", quick)
        user = add_user(session, name, role, password)
    session.commit()
    return user


def put_job(root: Path, recording: Path, job: str, **changes: Any) -> Path:
    """Put a job with a recording into a store and return its transcript's path."""
    folder = root / "jobs" / job
    for name in ("videos", "transcripts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(recording, folder / "videos" / "Town_hall.mp4")
    path = folder / "transcripts" / "Town_hall_transcription.json"
    path.write_text(json.dumps(transcript_document(**changes)))
    return path


def publish(root: Path, transcript: Path) -> str:
    """Register a transcript of a store in the database there, for all to see; give its address."""
    address = f"sqlite:///{root / DATABASE_FILE}"
    engine = make_engine(address)
    with Session(engine) as session:
        register(session, LocalStore(str(root)), str(transcript)).transcript.published = True
        session.commit()
    engine.dispose()
    return address


def voice_file(
    voices: dict[str, Any], seconds: float = 30.0, model: str = "campplus", version: str = "1"
) -> pa.Table:
    columns = {
        "speaker": list(voices),
        "embedding": [np.asarray(vector, np.float32).tolist() for vector in voices.values()],
        "seconds": [seconds] * len(voices),
        "model": [model] * len(voices),
        "model_version": [version] * len(voices),
    }
    return pa.table(columns)


def put_voices(transcript: Path, voices: dict[str, Any], **file: Any) -> None:
    """Put the voice vectors of a transcript's labels beside it."""
    name = transcript.name.replace("_transcription.json", "_speaker_embeddings.parquet")
    pq.write_table(voice_file(voices, **file), transcript.with_name(name))


SEGMENTS = [
    {"id": n, "start": n + 0.0, "end": n + 0.9, "speaker": f"SPEAKER_0{n // 3 % 2}"}
    | {"text": f"Segment number {n} of a debate."}
    for n in range(12)
]
