"""A watched folder (`INBOX`): a file put there is submitted, and moved when it is over.

A file counts when nothing of it has changed for some seconds, so one that is still being copied
waits. Done, it lies in `done/`; failed, in `failed/` with the reason beside it.
"""

import time
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy.orm import Session

from debate_webapp.database.submissions import Submission
from debate_webapp.submitting import queue
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.uploads.upload import is_recording
from debate_webapp.submitting.wishes import Wishes

QUIET_SECONDS = 10.0
NO_RECORDING = "it begins like no recording of sound or picture"
_BEGINNING = 64
# What lies beside a recording: the download takes its subtitles.
LEFT_ALONE = {".vtt", ".srt", ".txt"}


class Inbox:
    """The folder; it remembers since when each file there has not changed."""

    def __init__(self, folder: Path, quiet_seconds: float = QUIET_SECONDS) -> None:
        self.folder, self._quiet_seconds = folder.resolve(), quiet_seconds
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}

    def take_in(self, session: Session) -> None:
        """Submit what has become quiet, and put away what was cancelled in the queue; commits."""
        for file in self._quiet():
            row = queue.newest_of(session, str(file))
            if row is not None and row.state in queue.LIVE:
                continue
            if row is not None:
                self.settle(session, row)
            elif not _begins_like_one(file):
                self._put_away(file, "failed", NO_RECORDING)
            else:
                queue.submit(session, [str(file)], Wishes())
                session.commit()

    def _quiet(self) -> list[Path]:
        now, files = time.monotonic(), self._files()
        self._seen = {file: self._since(file, state, now) for file, state in files.items()}
        quiet = [file for file, (_, at) in self._seen.items() if now - at >= self._quiet_seconds]
        return sorted(quiet)[: queue.MOST_WAITING]

    def _since(
        self, file: Path, state: tuple[int, int], now: float
    ) -> tuple[tuple[int, int], float]:
        before = self._seen.get(file)
        return before if before and before[0] == state else (state, now)

    def _files(self) -> Mapping[Path, tuple[int, int]]:
        """Size and time of change of all but hidden, empty, linked and text files."""
        self.folder.mkdir(parents=True, exist_ok=True)
        found = {}
        for file in self.folder.iterdir():
            is_left = file.name[0] == "." or file.suffix.lower() in LEFT_ALONE
            if not is_left and file.is_file() and not file.is_symlink():
                facts = file.stat()
                if facts.st_size:
                    found[file] = (facts.st_size, facts.st_mtime_ns)
        return found

    def settle(self, session: Session, row: Submission) -> None:
        """Put away the file of a submission that is over, if it is one of ours; commits.

        The submission goes with it: tried again, it is found in `failed/`.
        """
        file = Path(row.source)
        if file.parent not in (self.folder, self.folder / "failed") or not file.is_file():
            return
        if row.state == State.DONE:
            row.source = str(self._put_away(file, "done", ""))
            if file.parent != self.folder:  # the reason why it failed before
                file.with_name(f"{file.name}.txt").unlink(missing_ok=True)
        elif file.parent == self.folder:
            row.source = str(self._put_away(file, "failed", row.message or "it was cancelled"))
        queue.note_change(session)
        session.commit()

    def _put_away(self, file: Path, where: str, sentence: str) -> Path:
        target = self.folder / where / file.name
        target.parent.mkdir(exist_ok=True)
        number = 1
        while target.exists():
            number += 1
            target = target.with_name(f"{file.stem}-{number}{file.suffix}")
        if sentence:
            target.with_name(f"{target.name}.txt").write_text(f"{sentence}\n", "utf-8")
        file.rename(target)
        return target


def _begins_like_one(file: Path) -> bool:
    with file.open("rb") as stream:
        return is_recording(stream.read(_BEGINNING))
