"""A store with one debate, an application on it, and a client that checks every page it gets."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browsers import chromium, sign_in
from clients import COMPILED, CheckedClient
from debate_webapp import create_app
from debate_webapp.database.engine import make_engine
from debate_webapp.settings import DATABASE_FILE, Settings
from flask import Flask
from hypothesis import settings
from pages import until
from playwright.sync_api import Browser, BrowserContext, Page, expect
from servers import Site, serving
from sqlalchemy.orm import Session
from stores import make_account, make_database, make_recording, put_job
from windows import KeptWindow

# Two suites run side by side, so no time by the clock says anything.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")
expect.set_options(timeout=20_000)

pytest_plugins = ["debate_contract.testing", "archives", "buckets", "databases", "newsrooms"]


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_recording(tmp_path_factory.mktemp("media") / "recording.mp4")


@pytest.fixture(scope="session")
def database_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once and copied for each test."""
    return make_database(tmp_path_factory.mktemp("database") / DATABASE_FILE)


@pytest.fixture
def root(tmp_path: Path, database_file: Path) -> Path:
    path = tmp_path / "store"
    path.mkdir()
    shutil.copy(database_file, path)
    return path


@pytest.fixture
def make_job(root: Path, recording: Path) -> Callable[..., Path]:
    """Puts a job into this test's store."""

    def make(job: str = "20261122T200000Z-4f1c09ab", **changes: Any) -> Path:
        return put_job(root, recording, job, **changes)

    return make


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


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    # What a test puts there it looks for at once.
    app.extensions["debate_found"].seconds = 0.0
    yield app
    app.extensions["debate_sessions"].kw["bind"].dispose()


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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(
    tmp_path_factory: pytest.TempPathFactory, database_file: Path, recording: Path, browser: Browser
) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("site")
    shutil.copy(database_file, root)
    with serving(root, recording) as site:
        site.cookies = sign_in(browser, site)
        yield site


@pytest.fixture(scope="session")
def kept_window(browser: Browser) -> KeptWindow:
    return KeptWindow(browser)


@pytest.fixture
def context(kept_window: KeptWindow, site: Site) -> Iterator[BrowserContext]:
    """An editor's window, as new: pages that a test opens in it are closed after it."""
    yield kept_window.lend(site)
    kept_window.take_back()


@pytest.fixture
def page(context: BrowserContext, kept_window: KeptWindow, site: Site) -> Iterator[Page]:
    """An editor's window with a debate open; nothing unexpected may be said on the console."""
    page = context.pages[0]
    page.goto(site.new_debate())
    until(page, "document.querySelector('#player').readyState > 0")
    yield page
    # Chromium reports by itself what a test has refused or lost on purpose.
    expected = re.compile("ERR_FAILED|status of (40[01349]|413|422|50[37])")
    assert [line for line in kept_window.said if not expected.search(line)] == []
