"""Transcripts on disk or on S3, and their companions, of which nothing partial is ever seen."""

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import Any
from urllib.parse import unquote, urlsplit

from debate_stats.command.parallel import Outcome, attempt
from debate_stats.errors import NoTranscripts, StageError, TemporaryFault, UsageFault

TRANSCRIPT_SUFFIX = "_transcription.json"
# Of files and folders that are not finished; readers of datasets pass over names with a dot.
PARTIAL = ".stats-"
READ_AHEAD = 4

# S3Path has pathlib's methods but no base in common with Path; boto3 loads only when it is used.
Location = Path | Any

_MISSING = {"NoSuchBucket", "NoSuchKey", "404"}
_REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "403"}


def locate(uri: str) -> Location:
    """Turn `s3://…`, `file://…` or a plain path into a path; UsageFault for other schemes."""
    if uri.startswith("s3://"):
        return _cloud_path(uri)
    if uri.startswith("file://"):
        return Path(unquote(urlsplit(uri).path))
    if "://" in uri:
        raise UsageFault(f"{uri} is neither s3://…, file://… nor a path")
    return Path(uri)


def find_transcripts(prefix: Location, without: Location | None = None) -> list[Location]:
    """Every transcript at or anywhere under the prefix, sorted, but those under another folder.

    Raises NoTranscripts if there is none.
    """
    with storage_faults(prefix):
        if prefix.name.endswith(TRANSCRIPT_SUFFIX) and prefix.is_file():
            return [prefix]
        found = sorted(prefix.rglob(f"*{TRANSCRIPT_SUFFIX}"), key=str)
    if without is not None:
        found = [one for one in found if not str(one).startswith(f"{without}/")]
    if not found:
        raise NoTranscripts(str(prefix))
    return found


def companion(transcript: Location, suffix: str) -> Location:
    """The file beside a transcript whose name has another suffix."""
    return transcript.with_name(transcript.name.removesuffix(TRANSCRIPT_SUFFIX) + suffix)


def read(location: Location) -> bytes:
    """The whole content."""
    with storage_faults(location):
        if isinstance(location, Path):
            return location.read_bytes()
        # One request; cloudpathlib asks five times for the head of the object first.
        found = location.client.client.get_object(Bucket=location.bucket, Key=location.key)
        content: bytes = found["Body"].read()
        return content


def exists(location: Location) -> bool:
    """Whether there is a file."""
    with storage_faults(location):
        return bool(location.is_file())


def write_atomically(location: Location, content: bytes) -> None:
    """Write the whole or nothing: rename on disk, one upload on S3."""
    with storage_faults(location):
        if isinstance(location, Path):
            _replace(location, content)
        else:
            body = {"Bucket": location.bucket, "Key": location.key, "Body": content}
            location.client.client.put_object(**body)


def publish(made: Path, location: Location) -> None:
    """Move a finished file of this machine to its final name, there to appear whole or not at all.

    On disk both lie on the same file system.
    """
    with storage_faults(location):
        if not isinstance(location, Path):
            location.client.client.upload_file(str(made), location.bucket, location.key)
            return
        with made.open("rb") as written:
            os.fsync(written.fileno())
        location.parent.mkdir(parents=True, exist_ok=True)
        made.replace(location)


def fetch(location: Location, folder: Path) -> Path:
    """The file on this machine: itself, or from S3 a copy in the folder."""
    if isinstance(location, Path):
        return location
    copy: Path = folder / str(location.name)
    with storage_faults(location):
        location.client.client.download_file(location.bucket, location.key, str(copy))
    return copy


def sweep(folder: Location) -> None:
    """Remove what attempts that were killed left behind."""
    for left in folder.glob(f"{PARTIAL}*") if isinstance(folder, Path) else ():
        if left.is_dir():
            rmtree(left, ignore_errors=True)
        else:
            remove(left)


def list_files(folder: Location) -> set[str]:
    """Every file at any depth of a folder, by its path within; none if there is no folder."""
    with storage_faults(folder):
        return {found.relative_to(folder).as_posix() for found in folder.rglob("*")}


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


def remove(location: Location) -> None:
    """Remove a file that may be there."""
    with storage_faults(location):
        if isinstance(location, Path):
            location.unlink(missing_ok=True)
        else:
            location.client.client.delete_object(Bucket=location.bucket, Key=location.key)


@contextmanager
def workplace(location: Location) -> Iterator[Path]:
    """A folder for files that will be published under the location, gone at the end."""
    folder = None
    if isinstance(location, Path):
        with storage_faults(location):
            location.mkdir(parents=True, exist_ok=True)
        folder = location
    with TemporaryDirectory(dir=folder, prefix=PARTIAL, ignore_cleanup_errors=True) as made:
        yield Path(made)


@contextmanager
def storage_faults(location: Location) -> Iterator[None]:
    """Turn what the file system and S3 raise into the stage's errors."""
    try:
        yield
    except PermissionError as error:
        raise UsageFault(f"May not read or write {error.filename or location}") from error
    except OSError as error:
        reason = error.strerror or error
        raise TemporaryFault(f"Cannot read or write {location}: {reason}; try again") from error
    except Exception as error:
        fault = _cloud_fault(error, location)
        if fault is None:
            raise
        raise fault from error


def _cloud_path(uri: str) -> Location:
    return _client(os.environ.get("AWS_ENDPOINT_URL"), threading.get_ident()).CloudPath(uri)


@cache
def _client(_endpoint: str | None, _thread: int) -> Any:
    """One for each thread, since boto3's resources may not be shared between threads."""
    from cloudpathlib import S3Client
    from cloudpathlib.enums import FileCacheMode

    # Thousands of transcripts pass through: none is kept on the disk after it was read.
    return S3Client(file_cache_mode=FileCacheMode.close_file)


def _cloud_fault(error: Exception, location: Location) -> StageError | None:
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    if isinstance(error, NoCredentialsError):
        return UsageFault(f"Cannot reach {location}: no AWS credentials were found")
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in _MISSING:
            return NoTranscripts(str(location))
        if code in _REFUSED:
            return UsageFault(f"AWS refuses access to {location}: {code}")
    if isinstance(error, ClientError | BotoCoreError):
        return TemporaryFault(f"Cannot reach {location}: {error}; try again")
    return None


def _replace(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=PARTIAL, delete=False) as partial:
        temporary = Path(partial.name)
        try:
            partial.write(content)
            partial.flush()
            os.fsync(partial.fileno())
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    # Temporary files are private; what is published may be read like any new file.
    temporary.chmod(0o644)
    temporary.replace(path)
