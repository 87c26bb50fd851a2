"""A connection is asked whether it is still one when it may not be, and only then."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from debate_webapp import create_app
from debate_webapp.database.connections import rested
from debate_webapp.database.engine import make_engine
from debate_webapp.settings import Settings
from flask import Response
from sqlalchemy import Engine, create_engine, text

END_ALL = text(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@pytest.fixture
def engine(postgres: str) -> Iterator[Engine]:
    engine = make_engine(postgres)
    yield engine
    engine.dispose()


@pytest.fixture
def elsewhere(postgres: str) -> Iterator[Engine]:
    """Connections of somebody else."""
    engine = create_engine(postgres, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture
def pings(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    asked: list[object] = []
    ping: Callable[..., bool] = engine.dialect.do_ping

    def note(connection: object) -> bool:
        asked.append(connection)
        return ping(connection)  # type: ignore[arg-type]

    monkeypatch.setattr(engine.dialect, "do_ping", note)
    monkeypatch.setattr(rested, "LONG_SECONDS", 3600.0)  # a busy machine rests as well
    return asked


def ask(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(text("SELECT 1")) or 0


def test_one_that_was_just_used_is_not_asked(engine: Engine, pings: list[object]) -> None:
    assert [ask(engine) for _ in range(5)] == [1] * 5
    assert not pings


def test_one_that_rested_for_long_is_asked(
    engine: Engine, pings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(engine)
    monkeypatch.setattr(rested, "LONG_SECONDS", -1.0)
    assert ask(engine) == 1
    assert len(pings) == 1


def test_a_server_that_ended_all_connections_costs_no_request(
    engine: Engine, elsewhere: Engine
) -> None:
    several = [engine.connect() for _ in range(4)]
    for connection in several:
        connection.close()
    with elsewhere.connect() as connection:
        connection.execute(END_ALL)
    assert [ask(engine) for _ in range(8)] == [1] * 8


def test_what_the_server_says_unasked_ends_no_connection(
    engine: Engine, elsewhere: Engine, pings: list[object]
) -> None:
    with engine.connect() as connection:
        connection.execute(text("LISTEN news"))
        connection.commit()
        pid = connection.scalar(text("SELECT pg_backend_pid()"))

    def has_asked() -> bool:
        with elsewhere.connect() as other:
            other.execute(text("NOTIFY news"))
        time.sleep(0.05)  # news that come with an answer are no reason to ask
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) == pid
        return bool(pings)

    deadline = time.monotonic() + 10  # the news come when they come
    while not has_asked():
        assert time.monotonic() < deadline


def test_a_server_that_ends_once_all_was_read_costs_no_page(
    postgres_engine: Engine, elsewhere: Engine, root: Path
) -> None:
    url = postgres_engine.url.render_as_string()
    env = {"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32, "DATABASE_URL": url}
    app = create_app(Settings.from_env(env | {"ALLOWED_HOSTS": "localhost"}))

    @app.after_request
    def end_all(response: Response) -> Response:
        with elsewhere.connect() as connection:
            connection.execute(END_ALL)
        return response

    pages = [app.test_client().get("/", base_url="https://localhost") for _ in range(3)]
    assert [page.status_code for page in pages] == [200] * 3
    engine = app.extensions["debate_sessions"].kw["bind"]
    assert engine.pool.checkedout() == 0
    engine.dispose()
