"""A site's queue with a front door in small: keepers that come and go, jobs that wait."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from debate_webapp.database.engine import make_engine
from debate_webapp.database.models import Submission
from debate_webapp.submitting import queue
from debate_webapp.submitting.front_door import FrontDoor
from debate_webapp.submitting.keeper import Keeper
from debate_webapp.submitting.wishes import Wishes
from sqlalchemy.orm import Session, sessionmaker

FAKE = Path(__file__).with_name("fake_debate.py")
# A file that begins as a recording does.
RECORDING = b"\0\0\0\x20ftypisom" + bytes(range(256)) * 20


class Newsroom:
    """A database, a store, and keepers that come and go; `look` has one of them look once."""

    def __init__(self, root: Path, sessions: Callable[[], Session]) -> None:
        self.root, self.sessions = root, sessions
        self.control = root / "control"
        self.control.mkdir()
        self.front_door = FrontDoor(str(root), str(FAKE))
        self.keepers: list[Keeper] = []
        self.keeper = self.new_keeper()

    def new_keeper(self, at_once: int = 1) -> Keeper:
        variables = {"PATH": os.environ["PATH"], "FAKE_CONTROL": str(self.control)}
        keeper = Keeper(self.sessions, self.front_door, at_once, variables | SITE_SECRETS)
        self.keepers.append(keeper)
        return keeper

    def submit(self, *sources: str, wishes: Wishes = Wishes()) -> list[int]:  # noqa: B008
        with self.sessions() as session:
            rows = queue.submit(session, [f"https://x.example/{one}" for one in sources], wishes)
            session.commit()
            return [row.id for row in rows]

    def act(self, act: Callable[[Session, Submission], None], row_id: int) -> None:
        with self.sessions() as session:
            act(session, queue.find(session, row_id))
            session.commit()

    def states(self) -> list[str]:
        with self.sessions() as session:
            return [row.state for row in session.query(Submission).order_by(Submission.id)]

    def row(self, row_id: int) -> Submission:
        with self.sessions() as session:
            return queue.find(session, row_id)

    def until(self, *states: str, keeper: Keeper | None = None) -> None:
        deadline = time.monotonic() + 20
        while self.states() != [*states]:
            assert time.monotonic() < deadline, f"{self.states()} did not become {states}"
            (keeper or self.keeper).turn()
            time.sleep(0.02)

    def until_it_says(self, row_id: int) -> int:
        """Wait for the front door to have begun; its process."""
        run = self.front_door.run_of(self.row(row_id))
        deadline = time.monotonic() + 20
        while not run.job_id():
            assert time.monotonic() < deadline, run.tail()
            time.sleep(0.02)
        return int((run.folder / "pid").read_text().split()[0])

    def until_it_ended(self, row_id: int) -> None:
        """Wait for the front door's end, whoever began it."""
        run = self.front_door.run_of(self.row(row_id))
        deadline = time.monotonic() + 20
        while run.is_running():
            assert time.monotonic() < deadline, run.tail()
            time.sleep(0.02)

    def calls(self) -> list[dict]:
        file = self.control / "calls.jsonl"
        return [json.loads(line) for line in file.read_text().splitlines()]

    def go(self) -> None:
        (self.control / "go").touch()

    def end(self) -> None:
        """Leave no process behind."""
        for keeper in self.keepers:
            for child in keeper._children.values():
                with suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                child.wait()


def alive(pid: int) -> bool:
    """Whether the process is there, and no zombie of ours."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


SITE_SECRETS = {
    "SECRET_KEY": "planted", "ADMIN_PASSWORD": "planted", "OIDC_CLIENT_SECRET": "planted",
    "DATABASE_SECRET_ARN": "planted", "EVENT_KEY": "planted", "USER_PASSWORD": "planted",
    "WEBHOOK_SECRET": "planted", "SMTP_URL": "planted",
}  # fmt: skip


@pytest.fixture
def newsroom(tmp_path: Path, database_file: Path) -> Iterator[Newsroom]:
    (tmp_path / "site.sqlite3").write_bytes(database_file.read_bytes())
    engine = make_engine(f"sqlite:///{tmp_path}/site.sqlite3")
    room = Newsroom(tmp_path, sessionmaker(engine, expire_on_commit=False))
    yield room
    room.end()
    engine.dispose()
