"""An empty database of either kind."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from debate_webapp.database.engine import make_engine
from debate_webapp.database.migrations import config
from sqlalchemy import Engine


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
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of either kind."""
    if request.param == "sqlite":
        engine = make_engine(f"sqlite:///{tmp_path}/fresh.sqlite3")
    else:
        engine = make_engine(request.getfixturevalue("postgres"))
    yield engine
    command.downgrade(config(engine), "base")
    engine.dispose()
