"""Follows jobs elsewhere by asking the front door, `debate status --json`, now and then.

One question is under way at a time, and of ten jobs at most, however many there are and however
many pages are open: those first that were not asked for the longest. On AWS that is two requests
of Batch each half minute, and a read or two for each of the ten. Events end jobs sooner where AWS
sends them; without them this does.
"""

import logging
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import IO

from debate_contract.errors import BadInput, InputNotFound, StageError
from sqlalchemy.orm import Session

from debate_webapp.database.models import Submission
from debate_webapp.incoming.jobs.arrival import register_job
from debate_webapp.incoming.storage import Store
from debate_webapp.incoming.texts import one_line
from debate_webapp.submitting import queue
from debate_webapp.submitting.away.report import MOST_BYTES, Report, parse_reports
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.runs import LONGEST_SENTENCE

EVERY = 30.0
AT_ONCE = 10
LONGEST = 120.0
# Of `debate`: all is said, or all but some that it does not know.
_SAID = (0, 66)

End = Callable[[Session, Submission, State, str, str], object]
Start = Callable[[list[str], IO[bytes], IO[bytes]], "subprocess.Popen[bytes]"]

_log = logging.getLogger(__name__)


@dataclass
class Question:
    """A front door that was asked something, and the files for its answer and its complaint.

    `began` is when each job was handed in of which the answer will speak.
    """

    child: "subprocess.Popen[bytes]"
    said: IO[bytes]
    complaint: IO[bytes]
    is_look: bool
    began: Mapping[str, datetime | None] = field(default_factory=dict)
    asked_at: float = field(default_factory=time.monotonic)

    def is_over(self) -> bool:
        """Whether it has ended, or was ended because it took too long."""
        if self.child.poll() is None and time.monotonic() > self.asked_at + LONGEST:
            self.child.kill()
            self.child.wait()
        return self.child.poll() is not None

    def answer(self) -> bytes:
        """What it said, cut where it is longer than any answer."""
        self.said.seek(0)
        return self.said.read(MOST_BYTES)

    def last_word(self) -> str:
        """The last that it complained of."""
        self.complaint.seek(0)
        lines = self.complaint.read(MOST_BYTES).decode("utf-8", "replace").splitlines()
        return one_line(lines[-1], LONGEST_SENTENCE) if lines else "it said nothing"

    def close(self) -> None:
        """Leave nothing of it behind."""
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait()
        self.said.close()
        self.complaint.close()

    def is_about(self, row: Submission) -> bool:
        """Whether the answer speaks of this attempt, not of one before it was tried again."""
        return row.job_id in self.began and self.began[row.job_id] == row.started_at


class Follower:
    """Remembers only whom it asked when: a new one asks for all of them again."""

    def __init__(self, start: Start, store: Store, end: End) -> None:
        self._start, self._store, self._end = start, store, end
        self._question: Question | None = None
        self._next_look = 0.0
        self._looked: dict[str, float] = {}
        self._recalled: dict[str, float] = {}

    def turn(self, session: Session, rows: Sequence[Submission]) -> None:
        """Enter what was answered, or ask something; `rows` are all that is elsewhere."""
        if self._question is not None:
            if not self._question.is_over():
                return
            question, self._question = self._question, None
            with closing(question):
                asked = {row.job_id: row for row in rows if question.is_about(row)}
                self._enter(session, asked, question)
        elif not self._recall(rows):
            self._look(rows)

    def stop(self) -> None:
        """Leave no question behind."""
        if self._question is not None:
            self._question.close()
            self._question = None

    def _ask(self, *arguments: str, rows: Sequence[Submission] = ()) -> None:
        began = {row.job_id: row.started_at for row in rows}
        with ExitStack() as opened:
            said, complaint = (opened.enter_context(tempfile.TemporaryFile()) for _ in range(2))
            child = self._start([*arguments], said, complaint)
            opened.pop_all()  # closed with its answer
            self._question = Question(child, said, complaint, is_look=bool(rows), began=began)

    def _recall(self, rows: Sequence[Submission]) -> bool:
        """Have the next one taken back that somebody cancelled."""
        now = time.monotonic()
        for row in rows:
            asked = self._recalled.get(row.job_id, -LONGEST)
            if row.state == State.RECALLED and now > asked + LONGEST:
                self._recalled[row.job_id] = now
                self._looked[row.job_id] = self._next_look = 0.0
                self._ask("cancel", row.job_id)
                return True
        return False

    def _look(self, rows: Sequence[Submission]) -> None:
        now = time.monotonic()
        if not rows or now < self._next_look:
            return
        self._next_look = now + EVERY
        self._looked = {row.job_id: self._looked.get(row.job_id, 0.0) for row in rows}
        asked = sorted(rows, key=lambda row: self._looked[row.job_id])[:AT_ONCE]
        ids = [*dict.fromkeys(row.job_id for row in asked)]
        self._looked |= dict.fromkeys(ids, now)
        self._ask("status", "--json", *ids, rows=asked)

    def _enter(self, session: Session, rows: Mapping[str, Submission], question: Question) -> None:
        if (code := question.child.returncode) not in _SAID:
            _log.warning(
                "`debate` ended with %d about jobs elsewhere: %s", code, question.last_word()
            )
            return
        if not question.is_look:
            return
        try:
            reports, missing = parse_reports(question.answer())
        except ValueError as error:
            _log.warning("jobs elsewhere cannot be asked for: %s", error)
            return
        self._enter_each(session, rows, reports, missing)

    def _enter_each(
        self,
        session: Session,
        rows: Mapping[str, Submission],
        reports: Mapping[str, Report],
        missing: Mapping[str, str],
    ) -> None:
        """Enter what is said of these jobs; raises at the end what keeps one from being entered."""
        for job_id in rows.keys() & missing.keys():
            self._end(session, rows[job_id], State.FAILED, missing[job_id], "")
        known = [job_id for job_id in reports if job_id in rows]
        refused = [self._note(session, rows[job_id], reports[job_id]) for job_id in known]
        if fault := next(filter(None, refused), None):
            raise fault

    def _note(self, session: Session, row: Submission, report: Report) -> StageError | None:
        """Enter what is said of a job; returns what keeps it from being registered, if anything."""
        if report != row.report:
            queue.note(session, row, queue.ELSEWHERE, report=report)
            session.commit()
        if report["state"] == "done":
            return self._register(session, row)
        if report["state"] in ("failed", "interrupted"):
            is_wanted = row.state == State.RECALLED
            state = State.CANCELLED if is_wanted else State.FAILED
            self._end(session, row, state, "" if is_wanted else report["message"], "")
        return None

    def _register(self, session: Session, row: Submission) -> StageError | None:
        """A finished job is a debate, also where AWS sends no events.

        What is wrong with its transcript ends it; what is wrong with the store or with the site's
        credentials does not, nor does it keep the others waiting.
        """
        try:
            page = register_job(session, self._store, f"jobs/{row.job_id}/transcripts")
        except (BadInput, InputNotFound) as error:
            session.rollback()
            self._end(session, row, State.FAILED, str(error), "")
        except StageError as error:
            session.rollback()
            return error
        else:
            self._end(session, row, State.DONE, "", page)
        return None
