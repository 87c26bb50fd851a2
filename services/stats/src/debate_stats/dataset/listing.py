"""What a listing of S3 tells of files without their being read."""

from pathlib import Path

from debate_contract.storage import Location, explained


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
