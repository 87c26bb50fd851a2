"""Where a download is made before it is published: one at a time for a job."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debate_contract.storage import Location

from debate_downloader.errors import JobBusy

WORK = ".download"  # inside the job, so on its disk: publishing is a rename


@contextmanager
def workplace(job: Location) -> Iterator[Path]:
    """A folder for the time of a download, removed whatever happens.

    For a job on disk it lies in the job and is locked: a second download of the same job gets
    JobBusy, and what a killed one left goes away with the rest.
    """
    if not isinstance(job, Path):
        with tempfile.TemporaryDirectory(prefix="debate-download-") as folder:
            yield Path(folder)
        return
    existed = job.exists()
    work = job / WORK
    work.mkdir(parents=True, exist_ok=True)
    with _locked(work):
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
            if not existed and not any(job.iterdir()):
                job.rmdir()


def fresh_folder(parent: Path) -> Path:
    """A new empty folder, so that nothing left by an earlier attempt is appended to."""
    return Path(tempfile.mkdtemp(dir=parent))


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise JobBusy(f"another download is writing to {folder.parent}: wait for it") from error
    finally:
        os.close(handle)
