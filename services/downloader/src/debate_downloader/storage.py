"""Places that may be a folder or on S3, and writes that are whole or not there."""

import errno
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cloudpathlib import CloudPath, S3Path

from debate_downloader.aws import explained
from debate_downloader.errors import DiskFull, JobBusy, UsageFault

Location = Path | CloudPath

WORK = ".download"  # inside the job, so on its disk: publishing is a rename
UNWRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}  # the last: a limit set on the process


def locate(uri: str) -> Location:
    """Turn `s3://…`, `file://…` or a plain path into a path object."""
    scheme = uri.partition(":")[0].lower() if "://" in uri else ""
    if scheme == "s3":
        with explained(uri):
            return S3Path(uri)
    if scheme != "file":
        return Path(uri).expanduser()
    parts = urlsplit(uri)
    if parts.netloc not in {"", "localhost"}:
        raise UsageFault(f"{uri} names another machine: write file:///path, or the path alone")
    return Path(unquote(parts.path))


def uri_of(place: Location) -> str:
    """How a place is named to others: `s3://…` or an absolute path."""
    return str(place) if isinstance(place, CloudPath) else str(place.absolute())


def size_of(place: Location) -> int | None:
    """Bytes of a file, None when there is none."""
    with explained(str(place)):
        return place.stat().st_size if place.is_file() else None


def read_text(place: Location) -> str | None:
    """Text of a file, None when there is none."""
    with explained(str(place)):
        return place.read_text(encoding="utf-8") if place.is_file() else None


def publish(source: Path, target: Location) -> None:
    """Move a finished file to its place; it appears there whole. `source` lies in the workplace."""
    with explained(str(target)):
        if isinstance(target, CloudPath):
            target.upload_from(source, force_overwrite_to_cloud=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)


def remove(place: Location) -> None:
    """Delete a file if it is there."""
    with explained(str(place)):
        place.unlink(missing_ok=True)


@contextmanager
def workplace(job: Location) -> Iterator[Path]:
    """A folder for the time of a download, removed whatever happens.

    For a job on disk it lies in the job and is locked: a second download of the same job gets
    JobBusy, and what a killed one left goes away with the rest.
    """
    with disk_faults():
        if isinstance(job, CloudPath):
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


@contextmanager
def disk_faults() -> Iterator[None]:
    """Turn a full disk and a folder that cannot be written into sentences."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise DiskFull(FULL_SENTENCE) from error
        if error.errno in UNWRITABLE:
            raise UsageFault(f"{error.filename} cannot be written: {error.strerror}") from error
        raise


FULL_SENTENCE = "the disk is full: free some space, then run the same command again"


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
