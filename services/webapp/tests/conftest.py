"""A store with one debate, an application on it, and a client that checks every page it gets."""

import json
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import imageio_ffmpeg
import pytest
from debate_webapp import create_app
from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in import links, passwords, sessions
from debate_webapp.accounts.users import add_user, get_user
from debate_webapp.database.accounts import User
from debate_webapp.database.engine import make_engine
from debate_webapp.database.migrations import upgrade
from debate_webapp.database.models import Edit
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.settings import DATABASE_FILE, Settings
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from pages import check_page, until
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

# Two suites run side by side, so no time by the clock says anything.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
expect.set_options(timeout=20_000)

pytest_plugins = ["databases", "newsrooms"]

COMMAND = str(Path(sys.executable).with_name("debate-webapp"))
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
    return make_recording(tmp_path_factory.mktemp("media") / "recording.mp4")


def make_recording(path: Path) -> Path:
    """Twelve seconds of test picture and tone."""
    picture, tone = "testsrc2=size=320x180:rate=10:duration=12", "sine=frequency=300:duration=12"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error"]
    command += ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, "-shortest"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"]
    subprocess.run([*command, "-movflags", "+faststart", str(path)], check=True, timeout=60)
    return path


@pytest.fixture(scope="session")
def database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied for each test."""
    return make_database(tmp_path_factory.mktemp("database") / DATABASE_FILE)


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
    hosts = "localhost,debates.example"
    env = {"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32, "ALLOWED_HOSTS": hosts}
    return Settings.from_env(env)


@pytest.fixture
def db(settings: Settings) -> Iterator[Session]:
    engine = make_engine(settings.database_url)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()


class CompiledTemplates(BytecodeCache):
    """Each template is compiled once, not once for every test's application."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self.kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    # What a test puts there it looks for at once.
    app.extensions["debate_found"].seconds = 0.0
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

    def come_in(self, username: str) -> None:
        """Be signed in without the third of a second that a password takes."""
        with self.application.extensions["debate_sessions"]() as db:
            token = sessions.start(db, get_user(db, username), "Firefox/140.0", "127.0.0.1")
            db.commit()
        with self.session_transaction() as cookie:
            cookie.clear()
            cookie["token"] = token

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
    client.come_in("editor")
    return client


@pytest.fixture
def debate(editor: CheckedClient, make_job: Callable[..., Path]) -> CheckedClient:
    """A signed-in editor with debate 1 registered."""
    reply = editor.send("/debates", uri=str(make_job()))
    assert reply.request.path == "/debates/1"
    return editor


@pytest.fixture
def second(editor: CheckedClient, db: Session) -> CheckedClient:
    """Another editor in another browser."""
    make_account(db, "petr")
    other = editor.application.test_client()
    assert isinstance(other, CheckedClient)
    other.come_in("petr")
    return other


def start_site(root: Path, **variables: str) -> tuple["subprocess.Popen[str]", int]:
    """`debate-webapp serve` with these variables, and its port."""
    process = subprocess.Popen(
        [COMMAND, "serve", "--port", "0"],
        env={"STORAGE_ROOT": str(root), **variables},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    where = re.search(r"localhost:(\d+)", process.stdout.readline())
    assert where
    with urlopen(f"http://127.0.0.1:{where[1]}/healthz", timeout=60):
        pass
    return process, int(where[1])


def stop_site(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert process.stdout
    process.stdout.close()


WIDE = {"width": 1300, "height": 900}
NARROW = {"width": 400, "height": 800}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = shutil.which("chromium")
    assert path, "the pages are tested in a browser: apt-get install chromium"
    with sync_playwright() as playwright:
        # Chromium refuses its sandbox to root, as whom containers and CI run.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


SEGMENTS = [
    {"id": n, "start": n + 0.0, "end": n + 0.9, "speaker": f"SPEAKER_0{n // 3 % 2}"}
    | {"text": f"Segment number {n} of a debate."}
    for n in range(12)
]


class Site:
    """The server of `make web`, an editor's cookies, and a new debate for whoever asks."""

    def __init__(self, root: Path, recording: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.cookies: Any = None
        self._root, self._recording = root, recording

    @contextmanager
    def session(self) -> Iterator[Session]:
        """The site's database."""
        engine = make_engine(f"sqlite:///{self._root / DATABASE_FILE}")
        with Session(engine) as session:
            yield session
        engine.dispose()

    def add_editor(self, username: str) -> None:
        """Another account, unless there is one of that name."""
        with self.session() as session:
            if session.scalars(select(User).where(User.username == username)).first() is None:
                make_account(session, username)

    def add_administrator(self, username: str) -> str:
        """An account that may do everything; the path of an invitation that it made."""
        with self.session() as session:
            make_account(session, username, role=Role.ADMINISTRATOR)
            path = links.invite(session, Role.READER, "Eva Nová, culture desk")
            session.commit()
            return path

    def edits(self, debate: str) -> list[Edit]:
        """The log of the debate at this path, oldest first."""
        log = select(Edit).where(Edit.transcript_id == int(debate.rsplit("/", 1)[1]))
        with self.session() as session:
            return list(session.scalars(log.order_by(Edit.revision)))

    def new_debate(
        self, segments: list[dict[str, Any]] = SEGMENTS, title: str | None = None
    ) -> str:
        """Two voices in turn, a segment each second, twelve in all; the page's path.

        With the title of another debate it is a new transcription of that one.
        """
        title = title or f"Debate {secrets.token_hex(4)}"
        media = {"path": "videos/Town_hall.mp4", "source": {"title": title}}
        path = put_job(
            self._root, self._recording, title, transcription=segments, speech=segments, media=media
        )
        with self.session() as session:
            done = register(session, LocalStore(str(self._root)), str(path))
            return f"/debates/{done.transcript.id}"


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, database_file: Path, recording: Path, browser: Browser
) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("site")
    shutil.copy(database_file, root)
    with serving(root, recording) as site:
        site.cookies = sign_in(browser, site)
        yield site


@contextmanager
def serving(root: Path, recording: Path, port: int = 0, **more: str) -> Iterator[Site]:
    """The server of `make web` on a store that has its database, with these variables."""
    site = Site(root, recording, port := port or free_port())
    command = [COMMAND, "serve", "--port", str(port)]
    env = {"STORAGE_ROOT": str(root), **more}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        while "Ctrl-C" not in server.stdout.readline():
            pass
        try:
            yield site
        finally:
            server.terminate()


def sign_in(browser: Browser, site: Site, username: str = "editor") -> Any:
    context = browser.new_context(base_url=site.address)
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    cookies = context.storage_state()
    context.close()
    return cookies


# Pages look for others' edits when a test says so, never because the machine was slow. A clock
# that a test installs has its own setInterval, with which they look as they do for readers.
STILL = """
const every = window.setInterval.bind(window);
window.setInterval = (work, pause, ...more) => (pause < 10_000 ? every(work, pause, ...more) : 0);
"""


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=site.address, viewport=WIDE, storage_state=site.cookies)
    context.set_default_timeout(20_000)
    context.add_init_script(STILL)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """An editor's window with a debate open; nothing unexpected may be said on the console."""
    said: list[str] = []
    page = context.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(site.new_debate())
    until(page, "document.querySelector('#player').readyState > 0")
    yield page
    # Chromium reports by itself what a test has refused or lost on purpose.
    expected = re.compile("ERR_FAILED|status of (40[01349]|413|422|50[37])")
    assert [line for line in said if not expected.search(line)] == []
