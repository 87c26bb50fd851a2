"""The folder of a dataset, on disk or on S3, while others read it and may write to it."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from debate_contract import storage
from debate_contract.storage import (
    PARTIAL,
    Location,
    explained,
    list_files,
    path_within,
    remove,
    sha256_of,
)

# What some disks over a network answer: there nobody can be waited for.
WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


def paths_within(folder: Location) -> set[str]:
    """Every file at any depth of a folder, by its path within; none if there is no folder."""
    return {path_within(found, folder) for found in list_files(folder, deep=True)}


def publish(made: Path, place: Location) -> str:
    """Move a finished file to its final name; returns what tells its content from any other.

    The same as `mark_of` says of it: its digest on disk, on S3 the ETag that this very upload got,
    whatever another may put there the moment after.
    """
    if isinstance(place, Path):
        mark = sha256_of(made)
        storage.publish(made, place)
        return mark
    with explained(place), made.open("rb") as content:
        asked = {"Bucket": place.bucket, "Key": place.key, "Body": content}
        return str(place.client.client.put_object(**asked)["ETag"])


@contextmanager
def alone(folder: Location, waits: Callable[[], None]) -> Iterator[None]:
    """Work in a folder of this disk while nobody else does; `waits` is called where somebody does.

    What others have begun there would look like what a kill left behind (`sweep`). S3 has neither.
    """
    if not isinstance(folder, Path):
        yield
        return
    with explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    try:
        with explained(folder):
            _lock(handle, waits)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, waits: Callable[[], None]) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        waits()
        fcntl.flock(handle, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in WITHOUT_LOCKS:
            raise


def sweep(folder: Location) -> None:
    """Remove what attempts that were killed left behind."""
    for left in folder.glob(f"{PARTIAL}*") if isinstance(folder, Path) else ():
        rmtree(left, ignore_errors=True) if left.is_dir() else remove(left)
