"""`debate-webapp serve` as a process of its own, and what its workers cost."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from archive import Archive

PROGRAM = Path(sys.executable).with_name("debate-webapp")


@dataclass(frozen=True)
class Server:
    """Its address and its gunicorn, whose children do the work."""

    port: int
    master: int

    def cpu(self) -> float:
        """Milliseconds that the workers have run so far, all threads together."""
        tasks = (task for pid in self._workers() for task in Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6

    def memory(self) -> float:
        """MB that the workers hold, what they share counted once."""
        lines = (
            line
            for pid in self._workers()
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            if line.startswith("Pss:")
        )
        return sum(int(line.split()[1]) for line in lines) / 1024

    def _workers(self) -> list[str]:
        children = Path(f"/proc/{self.master}/task/{self.master}/children")
        return children.read_text().split()


@contextmanager
def serve(archive: Archive) -> Iterator[Server]:
    """The site as `make web` starts it, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(PROGRAM), "serve", "--port", str(port)]
    environment = os.environ | archive.settings
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        while line := running.stdout.readline():
            if "Ctrl-C" in line:
                break
        try:
            yield Server(port, running.pid)
        finally:
            running.terminate()
