"""Works the queue: a thread in each process of the site, of which one at a time has the lease.

It keeps nothing in memory that matters: what is under way stands in the database and in the folders
of the submissions, so whoever takes over goes on, also after `kill -9` of all of them.
"""

import logging
import os
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import IO

from debate_contract.errors import InputNotFound, StageError
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from debate_webapp.database.base import now
from debate_webapp.database.models import Submission
from debate_webapp.errors import is_disk_full
from debate_webapp.incoming.storage import Store, open_store
from debate_webapp.incoming.texts import one_line
from debate_webapp.submitting import lease, queue
from debate_webapp.submitting.away.follower import Follower
from debate_webapp.submitting.front_door import FrontDoor
from debate_webapp.submitting.inbox import Inbox
from debate_webapp.submitting.progress import job_folder, read_page
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.runs import HOST, Run
from debate_webapp.submitting.uploads import open_uploads
from debate_webapp.submitting.uploads.upload import upload_in
from debate_webapp.telling.teller import Teller

LOOK_EVERY = 1.0
AFTER_A_FAULT = 10.0
TIDY_EVERY = 3600.0
NO_JOB = "it was handed in, but `debate` did not say as which job: try again, which goes on with it"

_log = logging.getLogger(__name__)


class Keeper:
    """Starts what waits, follows what is under way, enters how it ended."""

    def __init__(
        self,
        sessions: Callable[[], Session],
        front_door: FrontDoor,
        at_once: int,
        environment: Mapping[str, str],
        inbox: Inbox | None = None,
        store: Store | None = None,
        teller: Teller | None = None,
    ) -> None:
        self._sessions, self._front_door = sessions, front_door
        self._at_once, self._environment, self._inbox = at_once, environment, inbox
        self._holder = f"{HOST}:{os.getpid()}:{secrets.token_hex(4)}"
        self._teller = teller
        self._follower = Follower(self._ask, store or open_store(front_door.root), self._end)
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._tidied = -TIDY_EVERY
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="queue", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End, and let another have the queue. What is under way goes on."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(5)
        self._follower.stop()
        try:
            with self._sessions() as session:
                lease.give_up(session, self._holder)
        except SQLAlchemyError as error:
            _log.info("the lease of the queue runs out by itself: %s", error)

    def _run(self) -> None:
        pause = LOOK_EVERY
        while not self._stop.wait(pause):
            try:
                self.turn()
                self.tidy()
                pause = LOOK_EVERY
            except (SQLAlchemyError, StageError, OSError) as error:
                _log.warning("the queue waits: %s", one_line(str(error)))
                pause = AFTER_A_FAULT
            except Exception:  # noqa: BLE001 - without this thread nothing is worked on any more
                _log.exception("a fault of ours; the queue waits")
                pause = AFTER_A_FAULT

    def turn(self) -> None:
        """Look once. Raises what the database, the disk or a missing program raise."""
        with self._sessions() as session:
            if not (self._inbox or self._teller or queue.has_live(session)):
                return
            session.rollback()  # what was read so far is of an old snapshot
            if not lease.take(session, self._holder):
                self._stop_own(session)
                return
            if self._inbox:
                self._inbox.take_in(session)
            live = queue.list_live(session)
            under_way = [row for row in live if row.state in queue.UNDER_WAY]
            going_on = sum([self._look_after(session, row) for row in under_way])
            for row in (one for one in live if one.state == State.WAITING):
                if going_on >= self._at_once:
                    break
                going_on += self._begin(session, row)
            if self._teller:  # before AWS is asked, which may be what failed
                self._teller.turn(session)
            self._follower.turn(session, [row for row in live if row.state in queue.ELSEWHERE])

    def _ask(self, arguments: list[str], *files: IO[bytes]) -> "subprocess.Popen[bytes]":
        return self._front_door.ask(arguments, self._environment, *files)

    def tidy(self) -> None:
        """Once an hour, remove what nobody wants any more."""
        if time.monotonic() < self._tidied + TIDY_EVERY:
            return
        self._tidied = time.monotonic()
        with self._sessions() as session:
            wanted = {upload_in(row.source) for row in queue.list_wanted(session)}
            self._front_door.forget_others(queue.list_handles(session))
        open_uploads(self._front_door.root).forget_old({one for one in wanted if one})

    def _begin(self, session: Session, row: Submission) -> bool:
        """Enter that it is under way, then start it: killed in between, it is started again."""
        if self._front_door.command is None or self._front_door.is_full:
            return False  # the page says what to do
        self._front_door.run_of(row).forget_end()
        try:
            if not queue.move(session, row, [State.WAITING], State.RUNNING, started_at=now()):
                return False
        except InputNotFound:  # cancelled and removed meanwhile
            return False
        session.commit()
        return self._start(session, row)

    def _start(self, session: Session, row: Submission) -> bool:
        try:
            child = self._front_door.start(row, self._environment)
        except (OSError, StageError) as error:
            if is_disk_full(error):
                return True  # asked for again at the next look, when there may be room
            said = getattr(error, "strerror", None) or str(error)
            return self._end(session, row, State.FAILED, f"it could not be started: {said}")
        if child is not None:
            self._children[row.id] = child
        return True

    def _look_after(self, session: Session, row: Submission) -> bool:
        """Tell whether it goes on."""
        run, child = self._front_door.run_of(row), self._children.get(row.id)
        code = child.poll() if child else None
        if code is None and (child or run.is_running()):
            self._follow(session, row, run)
            return True
        self._children.pop(row.id, None)
        code = run.end() if code is None else code
        if code is None:
            return self._take_over(session, row)
        return self._enter(session, row, run, code)

    def _follow(self, session: Session, row: Submission, run: Run) -> None:
        if row.state == State.STOPPING:
            run.ask_to_stop()
        self._note_job(session, row, run)

    def _stop_own(self, session: Session) -> None:
        """Stop what was begun here, where another machine works the queue: it cannot."""
        if not self._children or lease.holder_of(session).startswith(f"{HOST}:"):
            return
        for row in queue.list_live(session):
            if row.state == State.STOPPING and row.id in self._children:
                self._front_door.run_of(row).ask_to_stop()

    def _note_job(self, session: Session, row: Submission, run: Run) -> None:
        if (job_id := run.job_id()) and job_id != row.job_id:
            queue.note(session, row, queue.UNDER_WAY, job_id=job_id)
            session.commit()

    def _take_over(self, session: Session, row: Submission) -> bool:
        """What nobody saw end for good is asked for again: the front door knows how far it got."""
        if row.state == State.STOPPING:
            return self._end(session, row, State.CANCELLED, "")
        return self._start(session, row)

    def _enter(self, session: Session, row: Submission, run: Run, code: int) -> bool:
        self._note_job(session, row, run)
        if code == 0 and not self._front_door.is_local:
            return self._send_off(session, row)
        if code == 0:
            folder = job_folder(self._front_door.root, row.job_id)
            return self._end(session, row, State.DONE, "", read_page(folder) if folder else "")
        if row.state == State.STOPPING:
            return self._end(session, row, State.CANCELLED, "")
        return self._end(session, row, State.FAILED, run.last_word(code))

    def _send_off(self, session: Session, row: Submission) -> bool:
        """Enter that it is handed in; one that was cancelled meanwhile is taken back."""
        if not row.job_id:
            return self._end(session, row, State.FAILED, NO_JOB)
        if not queue.move(session, row, [State.RUNNING], State.AWAY):
            queue.move(session, row, [State.STOPPING], State.RECALLED)
        session.commit()
        return False

    def _end(
        self, session: Session, row: Submission, state: State, message: str, page: str = ""
    ) -> bool:
        ended = {"finished_at": now(), "message": message, "page": page or row.page}
        queue.move(session, row, (*queue.UNDER_WAY, *queue.ELSEWHERE), state, **ended)
        queue.forget_oldest(session)
        session.commit()
        upload_id = upload_in(row.source) if state == State.DONE else None
        if upload_id and not queue.is_wanted(session, row.source):
            open_uploads(self._front_door.root).forget(upload_id)  # the job has its own copy
        if self._inbox:
            self._inbox.settle(session, row)
        return False
