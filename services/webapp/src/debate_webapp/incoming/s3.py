"""A store on S3."""

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from debate_contract import storage
from debate_contract.errors import BadInput, UsageFault
from debate_contract.storage import Location

from debate_webapp.incoming.presigning import presigner
from debate_webapp.incoming.storage import OutsideStore, Store

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PRESIGNED_SECONDS = 3600


class NamedObject(TypedDict):
    """The two arguments by which S3's operations name an object."""

    Bucket: str
    Key: str


class S3Store(Store):
    """A bucket, or a prefix of one."""

    def __init__(self, root: str) -> None:
        parts = urlsplit(root)
        if not parts.netloc:
            raise UsageFault(f"STORAGE_ROOT {root} names no bucket")
        self.root = root.rstrip("/")
        self.bucket, path = parts.netloc, parts.path.strip("/")
        self._prefix = f"{path}/" if path else ""

    def key_of(self, uri: str) -> str:
        """Only s3:// addresses below the root, and none with `.` or `..` in it.

        Raises BadInput for one that has characters that cannot be seen.
        """
        inside = uri.removeprefix(self.root + "/")
        parts = inside.split("/")
        if inside == uri or "\0" in uri or any(part in ("", ".", "..") for part in parts):
            raise OutsideStore(uri, self.root)
        try:
            self.place(inside)
        except UsageFault as error:
            raise BadInput(str(error)) from error
        return inside

    def keys(self, prefix: str) -> Iterator[str]:
        """Every object below the prefix."""
        for file in storage.list_files(self.place(prefix), deep=True):
            yield str(file).removeprefix(self.root + "/")

    def place(self, key: str) -> Location:
        """The s3:// address."""
        return storage.locate(self.uri_of(key))

    def presigned(self, key: str) -> str:
        """An address that plays for an hour without credentials."""
        return self.client.generate_presigned_url(
            "get_object", Params=self.named(key), ExpiresIn=PRESIGNED_SECONDS
        )

    def named(self, key: str) -> "NamedObject":
        """A key as S3's operations name an object."""
        return {"Bucket": self.bucket, "Key": self._prefix + key}

    @cached_property
    def origin(self) -> str:
        """Scheme and host of presigned addresses, for the content security policy."""
        parts = urlsplit(self.presigned("x"))
        return f"{parts.scheme}://{parts.netloc}"

    @cached_property
    def client(self) -> "S3Client":
        """A client of the bucket's own region, whose addresses have its own host."""
        from debate_contract.storage.s3 import client

        with storage.explained(self.root):
            return presigner(client("s3"), self.bucket)
