"""Files of people's own on their way into the store."""

from pathlib import Path
from typing import TypeAlias

from debate_webapp.submitting.uploads.bucket import BucketUploads
from debate_webapp.submitting.uploads.folder import FolderUploads

Uploads: TypeAlias = FolderUploads | BucketUploads


def open_uploads(root: str) -> Uploads:
    """The uploads of the store at a folder or at s3://bucket."""
    return BucketUploads(root) if root.startswith("s3://") else FolderUploads(Path(root))
