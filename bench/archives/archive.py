"""A site with many generated debates, on SQLite or on a PostgreSQL server of its own.

In each debate of six voices one is the star's where they take part, one the newcomer's in the first
twenty debates, the others are of three hundred people.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.users import add_user
from debate_webapp.database.engine import make_engine
from debate_webapp.database.migrations import upgrade
from debate_webapp.database.models import Person, Speaker, Transcript
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.storage import open_store
from debate_webapp.reading.rebuild import rebuild
from debate_webapp.settings import Settings
from debates import write_debate
from sqlalchemy import create_engine, func, make_url, select, update
from sqlalchemy.orm import Session

PEOPLE = 300
STAR, NEWCOMER = "star", "newcomer"
STAR_DEBATES, OF_DEBATES = 200, 340
NEWCOMER_DEBATES = 20
PASSWORD = "a password for the bench"
TOOLS = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Archive:
    """A store's folder and its database."""

    root: Path
    url: str

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a server on it."""
        return {
            "STORAGE_ROOT": str(self.root),
            "DATABASE_URL": self.url,
            "SECRET_KEY": "k" * 40,
        }


def copy(archive: Archive) -> Archive:
    """Another database with all that this one, which nobody has open, holds now; the same store."""
    url = make_url(archive.url)
    other = url.set(database=f"{url.database}-copy")
    if url.get_backend_name() == "sqlite":
        shutil.copyfile(str(url.database), str(other.database))
    else:
        engine = create_engine(url.set(database="template1"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            made = f'CREATE DATABASE "{other.database}" TEMPLATE "{url.database}"'
            connection.exec_driver_sql(made)
        engine.dispose()
    return Archive(archive.root, other.render_as_string(hide_password=False))


def fill(archive: Archive, debates: int, segments: int) -> None:
    """Register generated debates until there are so many, named and published, figures and all."""
    settings = Settings.from_env(archive.settings)
    engine = make_engine(settings.database_url)
    upgrade(engine)
    with Session(engine, expire_on_commit=False) as session:
        there = session.scalar(select(func.count()).select_from(Transcript)) or 0
        if not there:
            _add_people(session)
        for number in range(there, debates):
            _add_debate(session, archive.root, number, segments)
            session.expunge_all()
        rebuild(session)
    engine.dispose()


def _add_people(session: Session) -> None:
    slugs = [STAR, NEWCOMER] + [f"person-{number}" for number in range(PEOPLE - 2)]
    session.add_all(Person(slug=slug, name=slug.replace("-", " ").title()) for slug in slugs)
    session.commit()
    add_user(session, "editor", Role.PUBLISHER, PASSWORD)
    session.commit()


def _add_debate(session: Session, root: Path, number: int, segments: int) -> None:
    path = write_debate(root / "jobs", number, segments)
    transcript = register(session, open_store(str(root)), str(path)).transcript
    speakers = session.scalars(
        select(Speaker).where(Speaker.transcript_id == transcript.id).order_by(Speaker.label)
    )
    for at, speaker in enumerate(speakers):
        speaker.person_id = _who(number, at)
    # As the edits that name and publish would leave it.
    changed = {"published": True, "revision": 1, "content_revision": 1}
    session.execute(update(Transcript).where(Transcript.id == transcript.id).values(changed))
    session.commit()


def _who(debate: int, voice: int) -> int:
    """Ids of people begin with the star's and the newcomer's."""
    before, after = (n * STAR_DEBATES // OF_DEBATES for n in (debate, debate + 1))
    if voice == 0 and after > before:
        return 1
    if voice == 1 and debate < NEWCOMER_DEBATES:
        return 2
    return 3 + (7 * debate + 83 * voice) % (PEOPLE - 2)


@contextmanager
def open_archive(database: str, folder: Path) -> Iterator[Archive]:
    """An empty archive on `sqlite` or `postgresql`, gone afterwards."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-web-") as name:
        root = Path(name) / "store"
        root.mkdir()
        if database == "sqlite":
            yield Archive(root, f"sqlite:///{root}/webapp.sqlite3")
        else:
            with _postgres(Path(name)) as url:
                yield Archive(root, url)


@contextmanager
def _postgres(folder: Path) -> Iterator[str]:
    """A server that keeps its files under the folder; root starts it as nobody."""
    own = folder / "postgresql"
    own.mkdir()
    if os.getuid() == 0:
        folder.chmod(0o755)
        shutil.chown(own, "nobody", "nogroup")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    data = str(own / "data")
    _tool(own, "initdb", "-A", "trust", "-U", "bench", "-D", data)
    options = f"-p {port} -k {own} -c listen_addresses=127.0.0.1"
    _tool(own, "pg_ctl", "-w", "-D", data, "-l", str(own / "log"), "-o", options, "start")
    try:
        yield f"postgresql+psycopg://bench@127.0.0.1:{port}/postgres"
    finally:
        _tool(own, "pg_ctl", "-D", data, "-m", "immediate", "stop")


def _tool(folder: Path, name: str, *arguments: str) -> None:
    found = shutil.which(name) or next(map(str, sorted(TOOLS.glob(f"*/bin/{name}"))[::-1]), None)
    if found is None:
        sys.exit(f"there is no {name}: apt-get install postgresql, or give --database sqlite")
    user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    subprocess.run(
        [found, *arguments], cwd=folder, check=True, timeout=120, stdout=subprocess.DEVNULL, **user
    )
