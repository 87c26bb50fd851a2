"""From what people write to a place: `s3://…`, `file://…` or a path."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import unquote

from debate_contract.errors import UsageFault
from debate_contract.storage.faults import explained

if TYPE_CHECKING:
    from cloudpathlib import S3Path

    Location: TypeAlias = Path | S3Path
else:
    Location = Path | Any  # cloudpathlib loads late

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)


def locate(uri: str) -> Location:
    """Turn `s3://…`, `file://…` or a plain path into a path object; raises UsageFault."""
    found = _SCHEME.match(uri)
    if found is None and uri.lower().startswith("s3:"):
        raise UsageFault(f"{uri} is no place on S3: write s3://bucket/…")
    if found is None or found[1].lower() == "file":
        return local_path(uri)
    if found[1].lower() != "s3":
        raise UsageFault(f"{uri} is neither s3://…, file://… nor a path")
    inside = uri[len(found[0]) :]
    if inside.startswith("/") or not inside:
        raise UsageFault(f"{uri} names no bucket: write s3://bucket/…")
    if not uri.isprintable():
        raise UsageFault(f"{uri!a} is no place on S3: it has characters that cannot be seen")
    with explained(uri):
        from debate_contract.storage.s3 import cloud_path

        return cloud_path(f"s3://{inside}")


def local_path(text: str) -> Path:
    """The path in a `file:` address or a plain one, `~` filled in.

    Raises UsageFault for what names another machine, has a query or is no path.
    """
    if "\0" in text:
        raise UsageFault(f"{text!a} is no path")
    if not text.lower().startswith("file:/"):
        return Path(text).expanduser() if text.startswith("~/") else Path(text)
    rest = text[len("file:") :]
    host, slash, path = rest[2:].partition("/") if rest.startswith("//") else ("", "", rest)
    if host.lower() not in {"", "localhost"}:
        raise UsageFault(f"{text} names another machine: write file:///path, or the path alone")
    if "?" in path or "#" in path:
        raise UsageFault(f"{text} has a ? or # in it: write %3F or %23, or the path alone")
    decoded = unquote(slash + path, errors="surrogateescape")
    if "\0" in decoded:
        raise UsageFault(f"{text} is no path")
    return Path(decoded)


def uri_of(place: Location) -> str:
    """How a place is named to others: `s3://…` or an absolute path."""
    return str(place.absolute()) if isinstance(place, Path) else str(place)


def path_within(place: Location, folder: Location) -> str:
    """The part of a place's path that is below a folder."""
    if isinstance(place, Path):
        return place.relative_to(str(folder)).as_posix()
    return str(place).removeprefix(str(folder).rstrip("/") + "/")


def fill_in(prefix: str, index: str | None = None, job_id: str | None = None) -> str:
    """Put AWS Batch's index of the array job for `{index}` and its id of the job for `{job}`.

    Raises UsageFault when one of them is there outside such a job.
    """
    prefix = _filled(prefix, "{index}", index, "AWS_BATCH_JOB_ARRAY_INDEX")
    return _filled(prefix, "{job}", job_id and job_key(job_id), "AWS_BATCH_JOB_ID")


def job_key(job_id: str) -> str:
    """A job's id as it stands in keys and names of folders."""
    return job_id.replace(":", "-")


def _filled(prefix: str, mark: str, value: str | None, variable: str) -> str:
    if mark in prefix and not value:
        raise UsageFault(f"{prefix} has {mark} in it, but {variable} is not set")
    return prefix.replace(mark, value or "")
