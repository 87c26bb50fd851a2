"""What the front door does for one submission, by the folder with what it said.

It holds a lock there for as long as it lives: after a restart of the site, that tells whether the
process in `pid` is still ours, when it was last asked to stop, and how it ended though nobody was
there.
"""

import fcntl
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from debate_contract.errors import TemporaryFault

from debate_webapp.incoming.texts import one_line

TAIL_BYTES = 16_384
LONGEST_SENTENCE = 3000
# After SIGTERM the front door gives its stage 20 s.
ASKED_AGAIN_AFTER = 30.0
NEVER = 0
# The number of a process means something on its own machine, or in its own container, only.
HOST = socket.gethostname()[:60]
_SHELL = """
pid=$0 end=$1 host=$2
shift 2
"$@" &
echo "$! $host" > "$pid"
wait "$!"
code=$?
echo "$code" > "$end"
exit "$code"
"""
# A shell adds it to the signal that killed a program.
_KILLED = 128
_JOB = re.compile(r"^job ([A-Za-z0-9._-]{1,120}) ", re.MULTILINE)
# For who has a terminal there; the page shows its lines.
_PLACE_OF_LOG = re.compile(r" \(log: .*\)\s*\Z")
_SENTENCE = re.compile(r"^debate: (.+)", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What the front door does for one submission; `folder` is the submission's own."""

    folder: Path

    @property
    def said(self) -> Path:
        """The file with all that the front door said."""
        return self.folder / "said.log"

    def start(
        self, command: str, arguments: list[str], environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes] | None":
        """Start the front door in a session of its own; None where it is at work already."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._lock.open("ab") as lock, self.said.open("ab") as said:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            said.truncate(0)
            self._pid.unlink(missing_ok=True)  # that one is somebody else's by now
            self.forget_end()
            os.utime(lock.fileno(), (NEVER, NEVER))
            return subprocess.Popen(
                ["/bin/sh", "-c", _SHELL, self._pid, self._end, HOST, command, *arguments],
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                start_new_session=True,
                pass_fds=(lock.fileno(),),  # held for as long as it lives
            )

    @property
    def _lock(self) -> Path:
        """Its time is when the front door was last asked to stop: no full disk refuses that."""
        return self.folder / "lock"

    @property
    def _pid(self) -> Path:
        return self.folder / "pid"

    @property
    def _end(self) -> Path:
        return self.folder / "end"

    def end(self) -> int | None:
        """The exit code with which it ended for good.

        None where it may go on: stopped or killed with the machine, or by what passes by itself.
        """
        try:
            code = int(self._end.read_text())
        except (OSError, ValueError):
            return None
        return None if code > _KILLED or code == TemporaryFault.exit_code else code

    def forget_end(self) -> None:
        """Before it is begun again: that end is not the next one's."""
        self._end.unlink(missing_ok=True)

    def is_running(self) -> bool:
        """Whether the front door is at work, whoever started it."""
        try:
            with self._lock.open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            pass
        return False

    def ask_to_stop(self) -> None:
        """SIGTERM: the front door stops its stage, within 20 s.

        Asked once more it kills it, so that comes after `ASKED_AGAIN_AFTER` seconds only, whoever
        asked before. One that was begun on another machine is left to that one.
        """
        with suppress(OSError, ValueError):
            pid, host = self._pid.read_text().split()
            was_asked = abs(time.time() - self._lock.stat().st_mtime) < ASKED_AGAIN_AFTER
            if host == HOST and not was_asked and self.is_running():
                os.utime(self._lock)
                os.kill(int(pid), signal.SIGTERM)

    def tail(self) -> str:
        """The end of what it said."""
        return read_tail(self.said)

    def job_id(self) -> str:
        """The job that it works on, empty as long as it has not said."""
        found = _JOB.findall(self.tail())
        return found[-1] if found else ""

    def last_word(self, code: int) -> str:
        """Why it ended, in its own sentence; nothing where all is well."""
        if code == 0:
            return ""
        if found := _SENTENCE.findall(self.tail()):
            return one_line(_PLACE_OF_LOG.sub("", found[-1]), LONGEST_SENTENCE)
        lines = [line for line in self.tail().splitlines() if line.strip()]
        is_killed = code > _KILLED
        ended = f"was killed (signal {code - _KILLED})" if is_killed else f"ended with {code}"
        return one_line(f"debate {ended}{': ' + lines[-1] if lines else ''}", LONGEST_SENTENCE)

    def forget(self) -> None:
        """Remove its folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def read_tail(file: Path) -> str:
    """The last 16 kB of a file, from the beginning of a line on; empty where there is none."""
    try:
        with file.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - TAIL_BYTES))
            body = stream.read(TAIL_BYTES)
    except OSError:
        return ""
    if size > TAIL_BYTES:
        body = body.partition(b"\n")[2]
    return body.decode("utf-8", "replace")
