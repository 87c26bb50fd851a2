"""A disk that only one program sees, with those that it starts, and that gets full at will."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

ROOM = 4 * 1024**3  # a limit: nothing is set aside for it
# Mounts it, and answers in its own view of files whoever writes into a pipe; then runs the program.
SCRIPT = """
    mount -t tmpfs -o "mode=1777,size=$1" tmpfs "$2" || exit 99
    sh < "$3/asked" > "$3/said" 2>&1 &
    shift 3
    exec "$@"
"""


@dataclass
class Disk:
    """A file system at `place`; `pipes` is a folder outside of it."""

    place: Path
    pipes: Path
    _asked: IO[str] | None = field(default=None, repr=False)
    _said: IO[str] | None = field(default=None, repr=False)

    def before(self, size: int = ROOM) -> list[str]:
        """What to put before a program that is to see the disk."""
        own, back = own_mounts()
        return [*own, "sh", "-c", SCRIPT, "sh", str(size), str(self.place), str(self.pipes), *back]

    def ask(self, line: str) -> list[str]:
        """What a line of shell says that sees the disk."""
        if self._asked is None or self._said is None:
            self._asked = (self.pipes / "asked").open("w")
            self._said = (self.pipes / "said").open()
        self._asked.write(f"{line}\necho .$?\n")
        self._asked.flush()
        said = list(iter(lambda: str(self._said and self._said.readline()).rstrip("\n"), ".0"))
        assert not any(one.startswith(".") or one == "" for one in said), said
        return said

    def fill(self, left: int = 0) -> None:
        """Leave so many bytes of room."""
        used = f"$(df --block-size=1 --output=used {self.place} | tail -1)"
        self.ask(f"mount -o remount,size=$(({used} + {left})) {self.place}")

    def make_room(self) -> None:
        """Let there be room again."""
        self.ask(f"mount -o remount,size={ROOM} {self.place}")

    def files(self, pattern: str) -> list[Path]:
        """The files on it whose path has a pattern of `find`."""
        return [Path(one) for one in self.ask(f"find {self.place} -type f -path '{pattern}'")]

    def close(self) -> None:
        """Let go of the pipes."""
        for end in (self._asked, self._said):
            if end:
                end.close()


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """A disk whose mount point and pipes lie in an empty folder."""
    disk = Disk(folder / "store", folder / "pipes")
    disk.place.mkdir()
    disk.pipes.mkdir()
    for name in ("asked", "said"):
        os.mkfifo(disk.pipes / name)
    yield disk
    disk.close()


def own_mounts() -> tuple[list[str], list[str]]:
    """The command under which another one may mount, and the one that is who we are again.

    As root, as a user, or else with sudo.
    """
    again = ["setpriv", f"--reuid={os.getuid()}", f"--regid={os.getgid()}", "--clear-groups"]
    ways: tuple[tuple[list[str], list[str]], ...] = (
        (["unshare", "--mount"], []),
        (["unshare", "--user", "--map-root-user", "--mount"], []),
        (["sudo", "--non-interactive", "--preserve-env", "unshare", "--mount"], again),
    )
    for way, back in ways:
        if subprocess.run([*way, "true"], check=False, capture_output=True).returncode == 0:
            return way, back
    raise AssertionError("this test mounts a small disk: run it as root or allow user namespaces")
