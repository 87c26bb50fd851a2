"""Paths that may be local or on S3, written so that nothing partial is ever seen."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import unquote, urlsplit

from debate_transcriber.errors import InputNotFound, TemporaryFault, UsageFault

# S3Path has pathlib's methods but no common base; typed where it is made, so that boto3 loads late.
CloudLocation = Any
Location = Path | CloudLocation

LASTING_S3_FAULTS = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "403"}
MISSING_ON_S3 = {"NoSuchBucket", "NoSuchKey", "404"}


def locate(prefix: str, index: str | None = None, job_id: str | None = None) -> Location:
    """Turn `s3://…`, `file://…` or a plain path into a path.

    `{index}` stands for the array job's index, `{job}` for the job's id as it stands in keys.
    Raises UsageFault when one of them is there outside such a job, or the scheme is unknown.
    """
    prefix = _filled(prefix, "{index}", index, "AWS_BATCH_JOB_ARRAY_INDEX")
    prefix = _filled(prefix, "{job}", job_id and job_id.replace(":", "-"), "AWS_BATCH_JOB_ID")
    if prefix.startswith("s3://"):
        return _cloud_path(prefix)
    if prefix.startswith("file://"):
        return Path(unquote(urlsplit(prefix).path))
    if "://" in prefix:
        raise UsageFault(f"{prefix} is neither s3://…, file://… nor a path")
    return Path(prefix)


def _filled(prefix: str, mark: str, value: str | None, variable: str) -> str:
    if mark in prefix and not value:
        raise UsageFault(f"{prefix} has {mark} in it, but {variable} is not set")
    return prefix.replace(mark, value or "")


def _cloud_path(uri: str) -> CloudLocation:
    from cloudpathlib import S3Path

    return S3Path(uri)


@contextmanager
def storage_faults(location: Location) -> Iterator[None]:
    """Turn what S3 and the file system raise into the stage's errors."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except NoCredentialsError as error:
        raise UsageFault(f"cannot reach {location}: no AWS credentials were found") from error
    except ClientError as error:
        raise _from_client_error(error, location) from error
    except BotoCoreError as error:
        raise TemporaryFault(f"cannot reach {location}: {error}") from error
    except PermissionError as error:
        raise UsageFault(f"may not read or write {error.filename or location}") from error
    except OSError as error:
        raise TemporaryFault(
            f"cannot read or write {location}: {error.strerror or error}"
        ) from error


def _from_client_error(error: Any, location: Location) -> Exception:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in MISSING_ON_S3:
        return InputNotFound(f"{location} does not exist")
    if code in LASTING_S3_FAULTS:
        return UsageFault(f"AWS refuses access to {location}: {code}")
    return TemporaryFault(f"cannot reach {location}: {error}")


def write_atomically(location: Location, content: bytes) -> None:
    """Write the whole or nothing: rename on disk, one upload on S3."""
    with storage_faults(location):
        if not isinstance(location, Path):
            location.write_bytes(content)
            return
        location.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(
            dir=location.parent, prefix=f".{location.name[:80]}.", delete=False
        ) as partial:
            temporary = Path(partial.name)
            try:
                partial.write(content)
                partial.flush()
                os.fsync(partial.fileno())
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
        temporary.chmod(0o644)
        temporary.replace(location)


def remove_tree(folder: Location) -> None:
    """Remove a folder and all in it, and the folder around it when nothing else is there."""
    with storage_faults(folder):
        if not folder.exists():
            return
        if not isinstance(folder, Path):
            folder.rmtree()
            return
        shutil.rmtree(folder)
        with suppress(OSError):  # not empty: other recordings are being worked on
            folder.parent.rmdir()


def compute_sha256(file: Path) -> str:
    """Return the file's SHA-256 in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
