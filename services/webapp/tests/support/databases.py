"""Databases of either kind: empty, or with their tables."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic import command
from debate_webapp.database.engine import make_engine
from debate_webapp.database.migrations import config, upgrade
from sqlalchemy import Engine, NullPool, create_engine


def postgres_tool(name: str) -> str:
    """A program of the PostgreSQL server; Debian keeps them out of PATH."""
    found = shutil.which(name) or next(
        map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)), None
    )
    assert found, "the migrations are tested on PostgreSQL: apt-get install postgresql"
    return found


def run(folder: Path, *arguments: str) -> None:
    """The server refuses root, so as root it runs as nobody."""
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    subprocess.run(arguments, cwd=folder, check=True, timeout=60, stdout=subprocess.DEVNULL, **user)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A throw-away server; its folder lies where nobody may enter."""
    folder = Path(
        subprocess.check_output(["mktemp", "-d", "/tmp/postgres.XXXXXX"], text=True).strip()
    )
    if os.getuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    data = str(folder / "data")
    run(folder, postgres_tool("initdb"), "-A", "trust", "-U", "test", "--no-sync", "-D", data)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    log = str(folder / "log")
    run(folder, postgres_tool("pg_ctl"), "-w", "-D", data, "-l", log, "-o", options, "start")
    yield f"postgresql+psycopg://test@127.0.0.1:{port}/postgres"
    run(folder, postgres_tool("pg_ctl"), "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of either kind without a table."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path}/fresh.sqlite3")
    else:
        engine = make_engine(request.getfixturevalue("postgres"))
    yield engine
    command.downgrade(config(engine), "base")
    engine.dispose()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file that has its tables and nothing in them."""
    file = tmp_path_factory.mktemp("migrated") / "migrated.sqlite3"
    _upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def ask_postgres(postgres: str) -> Callable[[str], None]:
    """Says something to the server; `migrated` there is a database with tables."""
    server = create_engine(postgres, isolation_level="AUTOCOMMIT", poolclass=NullPool)

    def ask(statement: str) -> None:
        with server.connect() as connection:  # a test may have cut all others
            connection.exec_driver_sql(statement)

    ask("CREATE DATABASE migrated")
    _upgrade(postgres.replace("/postgres", "/migrated"))
    return ask


def _upgrade(url: str) -> None:
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()


@pytest.fixture
def postgres_engine(postgres: str, ask_postgres: Callable[[str], None]) -> Iterator[Engine]:
    """A database on PostgreSQL that has its tables: a copy costs a tenth of the migrations."""
    ask_postgres("CREATE DATABASE copied TEMPLATE migrated")
    engine = make_engine(postgres.replace("/postgres", "/copied"))
    yield engine
    engine.dispose()
    ask_postgres("DROP DATABASE copied WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> Iterator[Engine]:
    """A database of either kind that has its tables and nothing in them."""
    if request.param == "postgresql":
        yield request.getfixturevalue("postgres_engine")
        return
    engine = make_engine(f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'fresh.sqlite3')}")
    yield engine
    engine.dispose()
