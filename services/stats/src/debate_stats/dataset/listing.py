"""What tells files from any others: on S3 a listing does, without their being read."""

from pathlib import Path

from debate_contract.storage import Location, explained, path_within, sha256_of

from debate_stats.dataset.folder import paths_within


def etags_within(folder: Location) -> dict[str, str]:
    """What S3 says of the content of every file at any depth of a folder (ETag), by its address.

    None on disk, where a file has to be read to know whether it is another.
    """
    if isinstance(folder, Path):
        return {}
    asked = {"Bucket": folder.bucket, "Prefix": f"{folder.key}/".lstrip("/")}
    with explained(folder):
        pages = folder.client.client.get_paginator("list_objects_v2").paginate(**asked)
        found = [one for page in pages for one in page.get("Contents", [])]
    return {f"s3://{folder.bucket}/{one['Key']}": str(one["ETag"]) for one in found}


def marks_within(folder: Location) -> dict[str, str | None]:
    """Every file at any depth of a folder, by its path within, with its ETag; None on disk."""
    if isinstance(folder, Path):
        return dict.fromkeys(paths_within(folder))
    etags = etags_within(folder)
    return {path_within(folder.client.CloudPath(uri), folder): etags[uri] for uri in etags}


def mark_of(place: Location, listed: str | None) -> str:
    """What tells the content of a file from any other: its ETag as listed, on disk its digest."""
    return sha256_of(place) if isinstance(place, Path) else str(listed)
