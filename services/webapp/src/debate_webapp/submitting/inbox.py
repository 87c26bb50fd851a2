"""A watched folder (`INBOX`): a file put there is submitted, and moved when it is over.

A file counts when nothing of it has changed for some seconds, so one that is still being copied
waits. Done, it lies in `done/`; failed, in `failed/` with the reason beside it.
"""

import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.orm import Session

from debate_webapp.database.models import Submission
from debate_webapp.submitting import queue
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.uploads.beginning import LENGTH, is_recording
from debate_webapp.submitting.wishes import Wishes

QUIET_SECONDS = 10.0
# After the disk refused something of a file.
TRIED_AGAIN_AFTER = 60.0
NO_RECORDING = "it begins like no recording of sound or picture"
NO_TEXT = "its name is not UTF-8: rename it, then put it into the inbox again"
# Of the 255 bytes of a name, with room for a number and the end of the reason's.
_LONGEST_STEM, _LONGEST_END = 200, 20
# What lies beside a recording (the download takes its subtitles), and what is not there as a whole.
LEFT_ALONE = (".vtt", ".srt", ".txt", ".part", ".partial", ".filepart", ".crdownload", ".tmp")

Facts = tuple[int, int]

_log = logging.getLogger(__name__)


class Inbox:
    """The folder; it remembers since when each file there has not changed."""

    def __init__(self, folder: Path, quiet_seconds: float = QUIET_SECONDS) -> None:
        self.folder, self._quiet_seconds = folder.resolve(), quiet_seconds
        self._seen: dict[str, tuple[Facts, float]] = {}  # by name: there may be ten thousand
        self._submitted: dict[Path, Facts] = {}
        self._refused: dict[Path, float] = {}

    def take_in(self, session: Session) -> None:
        """Submit what has become quiet, and put away what was cancelled in the queue; commits."""
        quiet = self._quiet()
        texts = [str(file) for file in quiet if _is_text(file)]
        known = queue.newest_of(session, texts) if texts else {}
        for file in quiet:
            row = known.get(str(file))
            if row is None or row.state not in queue.LIVE:
                with self._left_where_refused(file):
                    self._take(session, file, row)

    def _take(self, session: Session, file: Path, row: Submission | None) -> None:
        if row is not None and not self._is_another(file):
            self._settle(session, row)
        elif not _is_text(file):
            self._put_away(file, "failed", NO_TEXT)
        elif not _begins_like_one(file):
            self._put_away(file, "failed", NO_RECORDING)
        elif not queue.is_full(session):
            queue.submit(session, [str(file)], Wishes())
            session.commit()
            self._submitted[file] = self._seen[file.name][0]

    @contextmanager
    def _left_where_refused(self, file: Path) -> Iterator[None]:
        """What the disk refuses of one file keeps no other waiting."""
        try:
            yield
        except OSError as error:
            if file not in self._refused:
                self._refused[file] = time.monotonic()
                why = error.strerror or error
                _log.warning("the inbox leaves %a as it is for now: %s", str(file), why)

    def _quiet(self) -> list[Path]:
        now = time.monotonic()
        files: Mapping[str, Facts] = {}
        with self._left_where_refused(self.folder):
            files = self._files()
        self._seen = {name: self._since(name, state, now) for name, state in files.items()}
        self._submitted = {file: was for file, was in self._submitted.items() if file.name in files}
        again = now - TRIED_AGAIN_AFTER
        self._refused = {file: at for file, at in self._refused.items() if at > again}
        quiet = {name for name, (_, at) in self._seen.items() if now - at >= self._quiet_seconds}
        quiet -= {file.name for file in self._refused}
        return [self.folder / name for name in sorted(quiet)[: queue.MOST_WAITING]]

    def _since(self, name: str, state: Facts, now: float) -> tuple[Facts, float]:
        before = self._seen.get(name)
        return before if before and before[0] == state else (state, now)

    def _is_another(self, file: Path) -> bool:
        """Whether it was replaced after it had been submitted, as far as this process saw."""
        was = self._submitted.get(file)
        return was is not None and was != _facts(file.stat())

    def _files(self) -> Mapping[str, Facts]:
        """Size and time of change of all but hidden, empty, linked and text files, by name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        found = {}
        with os.scandir(self.folder) as entries:
            for entry in entries:
                is_left = entry.name[0] == "." or entry.name.lower().endswith(LEFT_ALONE)
                if not is_left and entry.is_file(follow_symlinks=False):
                    with suppress(FileNotFoundError):  # another took it meanwhile
                        found[entry.name] = _facts(entry.stat(follow_symlinks=False))
        return {name: facts for name, facts in found.items() if facts[0]}

    def settle(self, session: Session, row: Submission) -> None:
        """Put away the file of a submission that is over, if it is one of ours; commits.

        The submission goes with it: tried again, it is found in `failed/`.
        """
        with self._left_where_refused(Path(row.source)):
            self._settle(session, row)

    def _settle(self, session: Session, row: Submission) -> None:
        file = Path(row.source)
        if file.parent not in (self.folder, self.folder / "failed") or not file.is_file():
            return
        if self._is_another(file):
            return  # its turn comes
        if row.state == State.DONE:
            row.source = str(self._put_away(file, "done", ""))
            if file.parent != self.folder:  # the reason why it failed before
                file.with_name(f"{file.name}.txt").unlink(missing_ok=True)
        elif file.parent == self.folder:
            row.source = str(self._put_away(file, "failed", row.message or "it was cancelled"))
        queue.note_change(session)
        session.commit()

    def _put_away(self, file: Path, where: str, sentence: str) -> Path:
        folder = self.folder / where
        folder.mkdir(exist_ok=True)
        stem = _utf8(file.stem, _LONGEST_STEM) or "recording"
        end = _utf8(file.suffix, _LONGEST_END)
        target, number = folder / f"{stem}{end}", 1
        while target.exists():
            number += 1
            target = folder / f"{stem}-{number}{end}"
        if sentence:
            target.with_name(f"{target.name}.txt").write_text(f"{sentence}\n", "utf-8")
        file.rename(target)
        return target


def _facts(stat: os.stat_result) -> Facts:
    return stat.st_size, stat.st_mtime_ns


def _is_text(file: Path) -> bool:
    return _utf8(str(file)) == str(file)


def _utf8(name: str, most: int | None = None) -> str:
    """At most so many bytes of a name; those that are no UTF-8 are left out."""
    return os.fsencode(name)[:most].decode("utf-8", "ignore")


def _begins_like_one(file: Path) -> bool:
    with file.open("rb") as stream:
        return is_recording(stream.read(LENGTH))
