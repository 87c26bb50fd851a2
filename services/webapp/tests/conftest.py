"""A store with one debate, an application on it, and a client that checks every page it gets."""

import json
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import pytest
from debate_webapp import create_app
from debate_webapp.accounts import add_editor
from debate_webapp.database import make_engine
from debate_webapp.migrations import upgrade
from debate_webapp.settings import DATABASE_FILE, Settings
from flask import Flask
from flask.testing import FlaskClient
from pages import check_page
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

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
        "model": {"asr": "pocketsphinx", "diarization": "embedded"},
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


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of test picture and tone."""
    path = tmp_path_factory.mktemp("media") / "recording.mp4"
    picture, tone = "testsrc2=size=320x180:rate=10:duration=12", "sine=frequency=300:duration=12"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error"]
    command += ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-shortest"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*command, "-movflags", "+faststart", str(path)], check=True, timeout=60)
    return path


@pytest.fixture(scope="session")
def database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database with one account, made once and copied for each test."""
    path = tmp_path_factory.mktemp("database") / DATABASE_FILE
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with Session(engine) as session:
        add_editor(session, "editor", PASSWORD)
    engine.dispose()
    return path


@pytest.fixture
def root(tmp_path: Path, database_file: Path) -> Path:
    path = tmp_path / "store"
    path.mkdir()
    shutil.copy(database_file, path)
    return path


def put_job(root: Path, recording: Path, job: str, **changes: Any) -> Path:
    """Put a job with a recording into a store and return its transcript's path."""
    folder = root / "jobs" / job
    for name in ("videos", "transcripts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(recording, folder / "videos" / "Town_hall.mp4")
    path = folder / "transcripts" / "Town_hall_transcription.json"
    path.write_text(json.dumps(transcript_document(**changes)))
    return path


@pytest.fixture
def make_job(root: Path, recording: Path) -> Callable[..., Path]:
    """Puts a job into this test's store."""

    def make(job: str = "20261122T200000Z-4f1c09ab", **changes: Any) -> Path:
        return put_job(root, recording, job, **changes)

    return make


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture
def settings(root: Path) -> Settings:
    return Settings.from_env({"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32})


@pytest.fixture
def db(settings: Settings) -> Iterator[Session]:
    engine = make_engine(settings.database_url)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    yield app
    app.extensions["debate_sessions"].kw["bind"].dispose()


class CheckedClient(FlaskClient):
    """Every page that comes back is held to what all pages must be."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **kwargs | {"buffered": True})
        if response.mimetype == "text/html" and response.status_code not in (302, 303, 308):
            check_page(response)
        return response

    def token(self) -> str:
        page = self.get("/sign-in", follow_redirects=True).text
        found = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)
        assert found
        return found.group(1)

    def send(self, path: str, follow_redirects: bool = True, **fields: Any) -> TestResponse:
        """Post a form as the page would."""
        data = {"csrf_token": self.token(), **fields}
        return self.post(path, data=data, follow_redirects=follow_redirects)

    def send_json(self, method: str, path: str, body: object) -> TestResponse:
        return self.open(path, method=method, json=body, headers={"X-CSRFToken": self.token()})


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """A reader without an account."""
    app.test_client_class = CheckedClient
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    return client


@pytest.fixture
def editor(client: CheckedClient) -> CheckedClient:
    """The same reader, signed in."""
    reply = client.send("/sign-in", username="editor", password=PASSWORD)
    assert reply.status_code == 200
    return client


@pytest.fixture
def debate(editor: CheckedClient, make_job: Callable[..., Path]) -> CheckedClient:
    """A signed-in editor with debate 1 registered."""
    reply = editor.send("/debates", uri=str(make_job()))
    assert reply.request.path == "/debates/1"
    return editor
