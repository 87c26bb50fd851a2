"""Places that may be on disk or on S3, and files that are there whole or not at all.

boto3 and cloudpathlib load with the first s3:// place; nothing else needs them.
"""

from debate_contract.storage.faults import Fault, code_of, disk_fault, explained
from debate_contract.storage.files import (
    PARTIAL,
    PRIVATE,
    exists,
    fetch,
    list_files,
    publish,
    read,
    read_text,
    remove,
    remove_tree,
    sha256_of,
    size_of,
    workplace,
    write,
)
from debate_contract.storage.places import (
    Location,
    fill_in,
    job_key,
    local_path,
    locate,
    path_within,
    uri_of,
)

__all__ = [
    "PARTIAL",
    "PRIVATE",
    "Fault",
    "Location",
    "code_of",
    "disk_fault",
    "exists",
    "explained",
    "fetch",
    "fill_in",
    "job_key",
    "list_files",
    "local_path",
    "locate",
    "path_within",
    "publish",
    "read",
    "read_text",
    "remove",
    "remove_tree",
    "sha256_of",
    "size_of",
    "uri_of",
    "workplace",
    "write",
]
