"""The front door, `debate submit`, as a child process that outlives the site.

Each submission has a folder with what the front door said. It holds a lock there for as long as it
lives: after a restart of the site, that tells whether the process in `pid` is still ours, when it
was last asked to stop, and how it ended though nobody was there.
"""

import errno
import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from debate_contract.errors import TemporaryFault
from debate_contract.storage import write

import debate_webapp
from debate_webapp.database.submissions import Submission
from debate_webapp.incoming.texts import one_line

# Nothing of these is the front door's business: keys, passwords, and whom the site asks for them.
_SECRETS = re.compile(
    r"SECRET_KEY|EVENT_KEY|DATABASE_SECRET_ARN|.*_PASSWORD|OIDC_.*|WEBHOOK_.*|SMTP_URL"
)
TAIL_BYTES = 16_384
LONGEST_SENTENCE = 3000
KEPT_SECONDS = 24 * 3600
# After SIGTERM the front door gives its stage 20 s.
ASKED_AGAIN_AFTER = 30.0
NEVER = 0
# Of the disk with the store: below it a job's records and the database have no room.
LEAST_FREE = 1000**2
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


def find_front_door(given: str, *, is_local: bool) -> str | None:
    """The command `debate`: the one of the settings, beside ours, of the checkout, on PATH.

    Beside ours it is in the image, which has none of the stages: it hands jobs to AWS only.
    """
    if given:
        return shutil.which(given)
    beside = Path(sys.executable).with_name("debate")
    checkout = Path(debate_webapp.__file__).parents[4] / "pipeline" / ".venv" / "bin" / "debate"
    places = (checkout,) if is_local else (beside, checkout)
    own = next((str(path) for path in places if os.access(path, os.X_OK)), None)
    found = own or shutil.which("debate")
    return None if is_local and found == str(beside) else found


def environment_for(root: str, site: Mapping[str, str]) -> dict[str, str]:
    """What of the site's environment the front door gets, and where it is to work.

    A folder's jobs run on this machine, a bucket's on AWS. The stage that registers the debate asks
    for a key, which it signs nothing with: it gets one that is nobody's.
    """
    own = {name: value for name, value in site.items() if not _SECRETS.fullmatch(name)}
    place = {"BACKEND": "aws"} if root.startswith("s3://") else {"BACKEND": "local"}
    # Editors type addresses: without leave of whoever runs the site none leads into its network.
    private = {"ALLOW_PRIVATE_HOSTS": site.get("ALLOW_PRIVATE_HOSTS", "0")}
    own.pop("STORAGE_ROOT", None)
    return own | place | private | {"SECRET_KEY": secrets.token_hex(32)}


def arguments_for(wishes: Mapping[str, Any], names: Path, source: str, root: str) -> list[str]:
    """What follows `debate`. What is empty takes back what an earlier submission had."""
    place = [] if root.startswith("s3://") else [f"--root={root}"]
    model = [f"--model={wishes['model']}"] if wishes["model"] else []
    return [
        "submit",
        *place,
        f"--speakers={wishes['speakers'] or ''}",
        f"--language={wishes['language']}",
        f"--vocabulary={names if wishes['names'] else ''}",
        *model,
        "--",
        source,
    ]


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


@dataclass(frozen=True)
class FrontDoor:
    """How this site has submissions worked on: `command` is None where it cannot."""

    root: str
    given: str = ""

    @property
    def command(self) -> str | None:
        """`debate`, looked for each time: it may be installed while the site runs."""
        return find_front_door(self.given, is_local=self.is_local)

    @property
    def is_local(self) -> bool:
        """Whether jobs run on this machine."""
        return not self.root.startswith("s3://")

    @property
    def is_full(self) -> bool:
        """Whether jobs here have no room on the disk, so that not even their end can be noted."""
        if not self.is_local:
            return False
        try:
            return shutil.disk_usage(self.root).free < LEAST_FREE
        except OSError:
            return False

    @property
    def place(self) -> Path:
        """Where the folders of submissions are."""
        own = Path(tempfile.gettempdir()) / f"debate-submissions-{os.getuid()}"
        return Path(self.root) / "submissions" if self.is_local else own

    def run_of(self, row: Submission) -> Run:
        """Its run, be it started or not."""
        return Run(self.place / row.handle)

    def forget_others(self, handles: Set[str]) -> None:
        """Remove folders of submissions that are forgotten, a day after their last word."""
        oldest = time.time() - KEPT_SECONDS
        for run in (Run(folder) for folder in self.place.glob("*") if folder.name not in handles):
            if run.folder.stat().st_mtime < oldest and not run.is_running():
                run.forget()

    def start(self, row: Submission, site: Mapping[str, str]) -> "subprocess.Popen[bytes] | None":
        """Have it worked on; None where that goes on already. Raises OSError where it cannot."""
        if not self.is_local:
            _keep_own(self.place)
        run = self.run_of(row)
        names = run.folder / "names.txt"
        if row.wishes["names"]:
            run.folder.mkdir(parents=True, exist_ok=True)
            write(names, row.wishes["names"].encode())
        arguments = arguments_for(row.wishes, names, self._address_of(row.source), self.root)
        return run.start(self.command or "debate", arguments, environment_for(self.root, site))

    def ask(
        self, arguments: list[str], site: Mapping[str, str], said: IO[bytes], complaint: IO[bytes]
    ) -> "subprocess.Popen[bytes]":
        """Ask it about jobs; its answer goes to a file, what it complains of to another.

        Raises OSError where it cannot start.
        """
        return subprocess.Popen(
            [self.command or "debate", *arguments],
            env=environment_for(self.root, site),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=complaint,
            start_new_session=True,
        )

    def _address_of(self, source: str) -> str:
        """What the front door calls a source: a file of the store by its whole path."""
        if source.startswith(("http://", "https://")):
            return source
        return str(Path(self.root, source)) if self.is_local else f"{self.root}/{source}"


def _keep_own(folder: Path) -> None:
    """Make a folder in /tmp that is ours alone; raises PermissionError where another was first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    facts = folder.lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid():
        raise PermissionError(errno.EPERM, f"{folder} belongs to another user")


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
