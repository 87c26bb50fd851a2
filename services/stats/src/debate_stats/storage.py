"""Transcripts on disk or on S3, and what lies beside and below them."""

import fcntl
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from debate_contract import storage
from debate_contract.storage import (
    PARTIAL,
    Location,
    exists,
    explained,
    list_files,
    locate,
    path_within,
    read,
    remove,
    sha256_of,
)

from debate_stats.command.parallel import Outcome, attempt
from debate_stats.errors import NoTranscripts

TRANSCRIPT_SUFFIX = "_transcription.json"
READ_AHEAD = 4


def find_transcripts(
    prefix: Location, without: Location | None = None, listed: Iterable[str] = ()
) -> list[Location]:
    """Every transcript at or anywhere under the prefix, sorted, but those under another folder.

    `listed` are the addresses of all files there, where known. Raises NoTranscripts if none.
    """
    if prefix.name.endswith(TRANSCRIPT_SUFFIX) and exists(prefix):
        return [prefix]
    # As they are: a name that `locate` refuses is one debate's fault, not the end of them all.
    places = [_below(prefix, uri) for uri in listed] or list_files(prefix, deep=True)
    found = [one for one in places if one.name.endswith(TRANSCRIPT_SUFFIX)]
    if without is not None:
        found = [one for one in found if not str(one).startswith(f"{without}/")]
    if not found:
        raise NoTranscripts(str(prefix))
    return found


def _below(prefix: Location, uri: str) -> Location:
    return Path(uri) if isinstance(prefix, Path) else prefix.client.CloudPath(uri)


def companion(transcript: Location, suffix: str) -> Location:
    """The file beside a transcript whose name has another suffix."""
    return transcript.with_name(transcript.name.removesuffix(TRANSCRIPT_SUFFIX) + suffix)


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


def sweep(folder: Location) -> None:
    """Remove what attempts that were killed left behind."""
    for left in folder.glob(f"{PARTIAL}*") if isinstance(folder, Path) else ():
        rmtree(left, ignore_errors=True) if left.is_dir() else remove(left)


def read_many(uris: Sequence[str]) -> Iterator[Outcome[str, bytes]]:
    """The content of each file, in order; a few are read ahead of time and at the same time."""
    waiting = deque(uris)
    coming: deque[Future[Outcome[str, bytes]]] = deque()
    with ThreadPoolExecutor(READ_AHEAD) as threads:
        while waiting or coming:
            while waiting and len(coming) < READ_AHEAD:
                coming.append(threads.submit(attempt, _read_at, waiting.popleft()))
            yield coming.popleft().result()


def _read_at(uri: str) -> bytes:
    return read(locate(uri))
