"""The front door, `debate submit`, as a child process that outlives the site."""

import errno
import os
import re
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from debate_contract.storage import write

import debate_webapp
from debate_webapp.database.models import Submission
from debate_webapp.submitting.runs import Run

# Nothing of these is the front door's business: keys, passwords, and whom the site asks for them.
_SECRETS = re.compile(
    r"SECRET_KEY|EVENT_KEY|DATABASE_SECRET_ARN|.*_PASSWORD|OIDC_.*|WEBHOOK_.*|SMTP_URL"
)
KEPT_SECONDS = 24 * 3600
# Of the disk with the store: below it a job's records and the database have no room.
LEAST_FREE = 1000**2


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
