"""`debate-webapp serve` as people start it, and new debates for whoever asks."""

import re
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from debate_webapp.accounts.roles import Role
from debate_webapp.accounts.sign_in import links
from debate_webapp.database.engine import make_engine
from debate_webapp.database.models import Edit, User
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.settings import DATABASE_FILE
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import SEGMENTS, make_account, put_job, put_voices

COMMAND = str(Path(sys.executable).with_name("debate-webapp"))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


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
        self,
        segments: list[dict[str, Any]] = SEGMENTS,
        title: str | None = None,
        voices: dict[str, Any] | None = None,
    ) -> str:
        """Two voices in turn, a segment each second, twelve in all; the page's path.

        With the title of another debate it is a new transcription of that one; `voices` are the
        vectors of its labels.
        """
        title = title or f"Debate {secrets.token_hex(4)}"
        media = {"path": "videos/Town_hall.mp4", "source": {"title": title}}
        path = put_job(
            self._root, self._recording, title, transcription=segments, speech=segments, media=media
        )
        if voices:
            put_voices(path, voices)
        with self.session() as session:
            done = register(session, LocalStore(str(self._root)), str(path))
            return f"/debates/{done.transcript.id}"


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
