"""The store: the one place from which transcripts and recordings may be read, and written to.

A *key* is the path of an object inside the store (`jobs/<job>/videos/<stem>.mp4`). Whatever people
type goes through `key_of`, which refuses every address that leads elsewhere.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote, urlsplit

from debate_webapp.errors import (
    BadInput,
    InputNotFound,
    OutsideStore,
    StageError,
    TemporaryFault,
    UsageFault,
)
from debate_webapp.incoming.presigning import presigner

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

TRANSCRIPT_SUFFIX = "_transcription.json"
PRESIGNED_SECONDS = 3600


class Store(Protocol):
    """What the application asks of a store, local or S3."""

    root: str

    def key_of(self, uri: str) -> str:
        """The key of an address people gave; raises OutsideStore."""

    def uri_of(self, key: str) -> str:
        """The full address of a key."""

    def read(self, key: str, limit: int) -> bytes:
        """The object's bytes; raises InputNotFound, or BadInput above `limit` bytes."""

    def keys(self, prefix: str) -> Iterator[str]:
        """The keys that begin with a folder such as `jobs/x/videos/`."""

    def write(self, key: str, body: bytes) -> None:
        """Put an object there, whole or not at all."""

    def remove(self, key: str) -> None:
        """Remove an object that may be there."""


def open_store(root: str) -> "LocalStore | S3Store":
    """The store at a folder or at s3://bucket[/prefix]."""
    return S3Store(root) if root.startswith("s3://") else LocalStore(root)


def is_transcript(key: str) -> bool:
    """Whether a key lies where the contract puts transcripts."""
    parts = key.split("/")
    return len(parts) > 1 and parts[-2] == "transcripts" and key.endswith(TRANSCRIPT_SUFFIX)


class LocalStore:
    """A folder. Every look-up resolves links first and checks the place afterwards."""

    def __init__(self, root: str) -> None:
        self._root = Path(root).resolve()
        self.root = str(self._root)

    def key_of(self, uri: str) -> str:
        """A plain path (as seen from here or from the root) or a file:// address.

        Raises BadInput for one that is no text.
        """
        path = Path(_local_path(uri, self.root))
        for candidate in (path, self._root / path):
            place = _resolved(candidate)
            if place and place != self._root and place.is_relative_to(self._root):
                if not _is_text(place):
                    raise BadInput(f"the path {uri!a} is not UTF-8; rename the file")
                return place.relative_to(self._root).as_posix()
        raise OutsideStore(uri, self.root)

    def uri_of(self, key: str) -> str:
        """The plain path."""
        return str(self._root / key)

    def path(self, key: str) -> Path:
        """Where a key lies now; raises InputNotFound when it left the store since."""
        place = _resolved(self._root / key)
        if place is None or not place.is_relative_to(self._root) or not place.is_file():
            raise InputNotFound(f"{key} is not in the store {self.root}")
        return place

    def read(self, key: str, limit: int) -> bytes:
        """The file's bytes."""
        path = self.path(key)
        try:
            with path.open("rb") as file:
                return _bounded(file.read(limit + 1), key, limit)
        except PermissionError as error:
            raise BadInput(f"{key} cannot be read: permission denied") from error

    def keys(self, prefix: str) -> Iterator[str]:
        """Files only; hidden ones and what goes meanwhile are left out.

        So are paths that are not UTF-8: no page can show them, no database keeps them.
        """
        for folder, folders, names in os.walk(self._root / prefix):
            folders.sort()
            for path in (Path(folder, name) for name in sorted(names) if name[0] != "."):
                if path.is_file() and not path.is_symlink() and _is_text(path):
                    yield path.relative_to(self._root).as_posix()

    def write(self, key: str, body: bytes) -> None:
        """To a hidden file first, which takes the name when it is complete."""
        path = self._root / key
        with _write_faults(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as partial:
                temporary = Path(partial.name)
                try:
                    partial.write(body)
                    partial.flush()
                    os.fsync(partial.fileno())
                except BaseException:
                    temporary.unlink()
                    raise
            temporary.chmod(0o644)
            temporary.replace(path)

    def remove(self, key: str) -> None:
        """The file only; its folder may stay."""
        with _write_faults(self._root / key):
            (self._root / key).unlink(missing_ok=True)


class S3Store:
    """A bucket, or a prefix of one."""

    def __init__(self, root: str) -> None:
        parts = urlsplit(root)
        if not parts.netloc:
            raise UsageFault(f"STORAGE_ROOT {root} names no bucket")
        self.root = root.rstrip("/")
        self._bucket = parts.netloc
        self._prefix = parts.path.strip("/") + "/" if parts.path.strip("/") else ""

    def key_of(self, uri: str) -> str:
        """Only s3:// addresses below the root, and none with `.` or `..` in it."""
        inside = uri.removeprefix(self.root + "/")
        parts = inside.split("/")
        if inside == uri or "\0" in uri or any(part in ("", ".", "..") for part in parts):
            raise OutsideStore(uri, self.root)
        return inside

    def uri_of(self, key: str) -> str:
        """The s3:// address."""
        return f"{self.root}/{key}"

    def read(self, key: str, limit: int) -> bytes:
        """The object's bytes, at most `limit` of them ever fetched."""
        with _s3_faults(self.uri_of(key)):
            reply = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
            return _bounded(reply["Body"].read(limit + 1), key, limit)

    def keys(self, prefix: str) -> Iterator[str]:
        """Every object below the prefix, page by page."""
        pages = self._client.get_paginator("list_objects_v2")
        with _s3_faults(self.uri_of(prefix)):
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix + prefix):
                for item in page.get("Contents", []):
                    yield item["Key"].removeprefix(self._prefix)

    def write(self, key: str, body: bytes) -> None:
        """One upload."""
        with _s3_faults(self.uri_of(key)):
            self._client.put_object(Bucket=self._bucket, Key=self._prefix + key, Body=body)

    def remove(self, key: str) -> None:
        """S3 does not mind if there is none."""
        with _s3_faults(self.uri_of(key)):
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)

    def presigned(self, key: str) -> str:
        """An address that plays for an hour without credentials."""
        return self._presigner.generate_presigned_url(
            "get_object",
            Params={"Bucket": self._bucket, "Key": self._prefix + key},
            ExpiresIn=PRESIGNED_SECONDS,
        )

    @cached_property
    def origin(self) -> str:
        """Scheme and host of presigned addresses, for the content security policy."""
        parts = urlsplit(self.presigned("x"))
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def _presigner(self) -> "S3Client":
        with _s3_faults(self.root):
            return presigner(self._client, self._bucket)

    @cached_property
    def _client(self) -> "S3Client":
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            config=Config(
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=20,
                retries={"max_attempts": 3, "mode": "standard"},
            ),
        )


def _local_path(uri: str, root: str) -> str:
    """The path in a file:// address or a plain one; other schemes and hosts are refused."""
    if "\0" in uri or not uri.strip():
        raise OutsideStore(uri.replace("\0", "?"), root)
    if "://" not in uri and not uri.startswith("file:"):
        return uri
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost") or parts.query:
        raise OutsideStore(uri, root)
    path = unquote(parts.path)
    if "\0" in path:
        raise OutsideStore(uri, root)
    return path


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # a loop of links, a name too long
        return None


def _is_text(path: Path) -> bool:
    """Whether it is UTF-8: of other bytes Python makes halves of surrogate pairs."""
    return not re.search(r"[\ud800-\udfff]", str(path))


def _bounded(body: bytes, key: str, limit: int) -> bytes:
    if len(body) > limit:
        raise BadInput(f"{key} is larger than {limit // 1_000_000} MB and is not a transcript")
    return body


@contextmanager
def _write_faults(path: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise UsageFault(f"{path} may not be written: permission denied") from error
    except OSError as error:
        raise TemporaryFault(f"{path} cannot be written: {error.strerror}; try again") from error


@contextmanager
def _s3_faults(uri: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise _explained(error, uri) from error


def _explained(error: Exception, uri: str) -> StageError:
    """A botocore error as one of ours."""
    reply: dict[str, dict[str, str]] = getattr(error, "response", {})
    code = reply.get("Error", {}).get("Code", "")
    if code in ("NoSuchKey", "NoSuchBucket", "404"):
        return InputNotFound(f"{uri} does not exist")
    if code in ("AccessDenied", "403", "InvalidAccessKeyId", "SignatureDoesNotMatch"):
        return UsageFault(f"{uri} may not be read or written with these AWS credentials ({code})")
    if type(error).__name__ == "NoCredentialsError":
        return UsageFault(f"{uri} cannot be read: no AWS credentials were found")
    return TemporaryFault(f"{uri} cannot be read just now: {error}")
