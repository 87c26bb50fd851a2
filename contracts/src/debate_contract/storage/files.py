"""Files at a place: read, listed, written whole or not at all. Raises the table's StageErrors."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from typing import TYPE_CHECKING, Any

from debate_contract.errors import UsageFault
from debate_contract.storage.faults import explained
from debate_contract.storage.places import Location
from debate_contract.texts import decode_text

if TYPE_CHECKING:
    from cloudpathlib import S3Path

# Of files and folders that are not finished; whoever lists a folder passes over names with a dot.
PARTIAL = ".partial-"
READABLE, PRIVATE = 0o644, 0o600


def read(place: Location, most: int = -1) -> bytes:
    """The content, of S3 by one request; at most so many bytes of it. Raises InputNotFound."""
    with explained(place):
        if isinstance(place, Path):
            with place.open("rb") as file:
                return file.read(most)
        body = _s3(place).get_object(**_named(place))["Body"]
        with closing(body):
            content: bytes = body.read(None if most < 0 else most)
            return content


def read_text(place: Location) -> str:
    """The text in a file, in any usual encoding. Raises InputNotFound, UsageFault."""
    try:
        return decode_text(read(place)).content
    except ValueError as error:
        raise UsageFault(f"{place} is no text file: {error}") from error


def size_of(place: Location) -> int | None:
    """Bytes of a file; None when there is none."""
    with explained(place):
        if isinstance(place, Path):
            return place.stat().st_size if place.is_file() else None
        # Listed, not asked with HEAD, whose refusals do not say why. The key itself comes first.
        asked = {"Bucket": place.bucket, "Prefix": place.key, "MaxKeys": 1}
        found = _s3(place).list_objects_v2(**asked).get("Contents", [])
        return next((int(one["Size"]) for one in found if one["Key"] == place.key), None)


def exists(place: Location) -> bool:
    """Whether there is a file."""
    return size_of(place) is not None


def list_files(folder: Location, *, deep: bool = False) -> list[Location]:
    """The finished files in a folder, or at any depth of it, sorted; none where there is none."""
    with explained(folder):
        if isinstance(folder, Path):
            found = folder.rglob("*") if deep else folder.glob("*")
            whole = (path for path in found if not _is_partial(path.relative_to(folder)))
            return sorted((path for path in whole if path.is_file()), key=str)
        return list(_objects(folder, deep=deep))


def write(place: Location, content: bytes, mode: int = READABLE) -> None:
    """Write the whole or nothing: rename on disk, one upload on S3."""
    with explained(place):
        if not isinstance(place, Path):
            _s3(place).put_object(**_named(place), Body=content)
            return
        place.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=place.parent, prefix=PARTIAL, delete=False) as partial:
            made = Path(partial.name)
            try:
                partial.write(content)
                partial.flush()
                _settle(made, place, mode)
            except BaseException:
                made.unlink(missing_ok=True)
                raise


def publish(made: Path, place: Location) -> None:
    """Move a finished file of this machine to its final name, there to appear whole.

    On disk both lie on the same file system: see `workplace`.
    """
    with explained(place):
        if isinstance(place, Path):
            place.parent.mkdir(parents=True, exist_ok=True)
            _settle(made, place, READABLE)
        else:
            _s3(place).upload_file(str(made), place.bucket, place.key)


def fetch(place: Location, folder: Path) -> Path:
    """The file on this machine: itself, or from S3 a copy in the folder."""
    if isinstance(place, Path):
        return place
    copy = folder / place.name
    with explained(place):
        folder.mkdir(parents=True, exist_ok=True)
        # Under its name once it is whole; boto3's own names for parts may be too long for a disk.
        with TemporaryDirectory(dir=folder, prefix=PARTIAL, ignore_cleanup_errors=True) as partial:
            made = Path(partial) / "copy"
            _s3(place).download_file(place.bucket, place.key, str(made))
            made.replace(copy)
    return copy


def remove(place: Location) -> None:
    """Remove a file that may be there."""
    with explained(place):
        if isinstance(place, Path):
            place.unlink(missing_ok=True)
        else:
            _s3(place).delete_object(**_named(place))


def remove_tree(folder: Location) -> None:
    """Remove a folder and all in it, and the one around it when nothing else is there."""
    with explained(folder):
        if not isinstance(folder, Path):
            for file in list_files(folder, deep=True):
                remove(file)
        elif folder.is_symlink():
            folder.unlink()
        elif folder.exists():
            shutil.rmtree(folder)
            with suppress(OSError):  # not empty
                folder.parent.rmdir()


@contextmanager
def workplace(target: Location) -> Iterator[Path]:
    """A folder of this machine for what will be published under `target`, gone at the end.

    On disk it lies in there, so that publishing is a rename.
    """
    folder = target if isinstance(target, Path) else None
    with explained(target):
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        made = TemporaryDirectory(dir=folder, prefix=PARTIAL, ignore_cleanup_errors=True)
    with made as name:
        yield Path(name)


def sha256_of(file: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with explained(file), file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _settle(made: Path, place: Path, mode: int) -> None:
    """Give a file its name once the disk has all of it; temporary ones are private until then."""
    with made.open("rb") as written:
        os.fsync(written.fileno())
    made.chmod(mode)
    made.replace(place)


def _is_partial(within: Path) -> bool:
    return any(part.startswith(PARTIAL) for part in within.parts)


def _objects(folder: "S3Path", *, deep: bool) -> Iterator[Location]:
    prefix = folder.key.rstrip("/") + "/" if folder.key.strip("/") else ""
    asked = {"Bucket": folder.bucket, "Prefix": prefix} | ({} if deep else {"Delimiter": "/"})
    for page in _s3(folder).get_paginator("list_objects_v2").paginate(**asked):
        for one in page.get("Contents", []):
            if not one["Key"].endswith("/"):  # consoles make such for empty folders
                yield folder.client.CloudPath(f"s3://{folder.bucket}/{one['Key']}")


def _named(place: "S3Path") -> dict[str, str]:
    return {"Bucket": place.bucket, "Key": place.key}


def _s3(place: "S3Path") -> Any:
    """boto3's client; cloudpathlib asks for an object's head up to five times to read it."""
    return place.client.client
