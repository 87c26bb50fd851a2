"""Files that people upload to a store on S3: the browser puts their parts into the bucket itself.

An upload is `jobs/.uploads/<id>/` of the bucket, where the stages may read, with `.about.json` and
a multipart upload of S3. Which parts have arrived S3 knows, so nothing else keeps count: a browser
goes on after a reload, a lost network and a restart of the site alike. Nothing is there under its
name before all of it is; what is given up, or begins like no recording, is deleted.
"""

import json
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from debate_contract.errors import BadInput, InputNotFound
from debate_contract.storage import Location, code_of, explained, size_of

from debate_webapp.incoming.s3 import NamedObject, S3Store
from debate_webapp.submitting.uploads.beginning import LENGTH
from debate_webapp.submitting.uploads.upload import (
    LASTS_SECONDS,
    MOST,
    Upload,
    WrongOffset,
    beginning_of,
    check_count,
    check_recording,
    check_size,
    is_id,
    new_id,
    no_such_upload,
    safe_name,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import PartTypeDef

# Of the 10,000 parts that S3 takes, 50 GB are 5,961; on a line of 2 Mbit/s one lasts half a minute.
PART_BYTES = 8 * 1024**2
# Addresses given at once, and how long they are good for: so many parts at 0.6 Mbit/s.
AT_ONCE = 8
ADDRESS_SECONDS = 900
FOLDER = "jobs/.uploads"
# At one tidying, of which there is one each hour: some seven requests for each.
MOST_FORGOTTEN = 200
_BEGINNING = f"bytes=0-{LENGTH - 1}"
_ABOUT_BYTES = 10_000
_NOTED = ("name", "size", "username", "multipart", "is_complete")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of the file from `offset` on, and where the browser is to put them."""

    offset: int
    size: int
    address: str


class BucketUploads:
    """The uploads of a store on S3. What the bucket refuses is one of the contract's errors."""

    def __init__(self, root: str) -> None:
        self._store = S3Store(root)

    @property
    def _s3(self) -> "S3Client":
        return self._store.client

    @property
    def _all(self) -> str:
        """With what the keys of all uploads begin."""
        return self._store.named(f"{FOLDER}/")["Key"]

    def begin(self, name: str, size: int, username: str) -> Upload:
        """Begin one; raises BadInput for its size."""
        check_size(size)
        with explained(self._store.root):
            check_count(self._count(username))
            upload = Upload(new_id(username), safe_name(name), size, username)
            made = self._s3.create_multipart_upload(**self._file(upload))
        upload = replace(upload, multipart=made["UploadId"])
        self._note(upload)
        return upload

    def _count(self, username: str) -> int:
        mine = f"{self._all}{beginning_of(username)}"
        answer = self._s3.list_multipart_uploads(
            Bucket=self._store.bucket, Prefix=mine, MaxUploads=MOST
        )
        return len(answer.get("Uploads", []))

    def find(self, upload_id: str) -> Upload:
        """How far an upload is; raises InputNotFound."""
        return self._with_parts(upload_id)[0]

    def addresses(self, upload: Upload, offset: int) -> list[Part]:
        """Where to put the next parts from an offset on; each takes its own length and no other.

        Raises WrongOffset for an offset at which no part begins.
        """
        if upload.is_complete or offset % PART_BYTES or not 0 <= offset < upload.size:
            raise WrongOffset(upload.offset)
        offsets = range(offset, upload.size, PART_BYTES)[:AT_ONCE]
        return [self._part(upload, at) for at in offsets]

    def _part(self, upload: Upload, offset: int) -> Part:
        size = min(PART_BYTES, upload.size - offset)
        number = offset // PART_BYTES + 1
        which = {"UploadId": upload.multipart, "PartNumber": number, "ContentLength": size}
        address = self._s3.generate_presigned_url(
            "upload_part", Params={**self._file(upload), **which}, ExpiresIn=ADDRESS_SECONDS
        )
        return Part(offset, size, address)

    def complete(self, upload_id: str) -> Upload:
        """Make the file of its parts, and look at what it begins with; once more does no harm.

        Raises WrongOffset where parts are missing, BadInput where it is no recording.
        """
        upload, parts = self._with_parts(upload_id)
        if upload.is_complete:
            return upload
        if upload.offset != upload.size:
            raise WrongOffset(upload.offset)
        with explained(self._place(upload)):
            if parts:  # else the file is there, and nobody looked at it
                self._join(upload, parts)
            self._check(upload)
        upload = replace(upload, is_complete=True)
        self._note(upload)
        if size_of(self._place(upload)) != upload.size:  # given up meanwhile
            self._store.remove(_about(upload_id))
            raise no_such_upload()
        return upload

    def _join(self, upload: Upload, parts: "list[PartTypeDef]") -> None:
        from botocore.exceptions import ClientError

        listed = [{"PartNumber": part["PartNumber"], "ETag": part["ETag"]} for part in parts]
        try:
            with _gone_is_fine():  # another request was faster
                self._s3.complete_multipart_upload(
                    **self._file(upload),
                    UploadId=upload.multipart,
                    MultipartUpload={"Parts": listed},  # type: ignore[typeddict-item]
                )
        except ClientError as error:
            if code_of(error) != "InvalidPart":
                raise
            raise WrongOffset(upload.offset) from error  # another window sent it once more

    def _check(self, upload: Upload) -> None:
        answer = self._s3.get_object(**self._file(upload), Range=_BEGINNING)
        try:
            check_recording(upload.name, answer["Body"].read())
        except BadInput:
            self.forget(upload.upload_id)
            raise

    def source_of(self, upload: Upload) -> str:
        """What the queue calls the file: its path in the store."""
        return f"{FOLDER}/{upload.upload_id}/{upload.name}"

    def forget(self, upload_id: str) -> None:
        """Remove an upload that may be there, and the parts of it that have arrived."""
        try:
            upload = self._read(upload_id)
        except InputNotFound:
            if is_id(upload_id):
                self._store.remove(_about(upload_id))  # one that cannot be read
            return
        with explained(self._place(upload)):
            with _gone_is_fine():  # it has become the file
                self._s3.abort_multipart_upload(**self._file(upload), UploadId=upload.multipart)
            self._s3.delete_object(**self._file(upload))
        self._store.remove(_about(upload_id))

    def forget_old(self, wanted: Set[str]) -> None:
        """Remove what nobody has added to for a day, unless it is in `wanted` (in the queue).

        So many at a time as take a minute or two; the rest the next time.
        """
        oldest = datetime.now(UTC) - timedelta(seconds=LASTS_SECONDS)
        with explained(self._store.root):
            noted = dict(self._noted())
            self._abort_unnoted(noted.keys(), oldest)
            old = [one for one, at in noted.items() if at < oldest and one not in wanted]
            for upload_id in old[:MOST_FORGOTTEN]:
                self._forget_left(upload_id, oldest)

    def _forget_left(self, upload_id: str, oldest: datetime) -> None:
        with suppress(InputNotFound):
            _, parts = self._with_parts(upload_id)
            if any(part["LastModified"] > oldest for part in parts):
                return  # fifty gigabytes may take days
        self.forget(upload_id)

    def _abort_unnoted(self, noted: Set[str], oldest: datetime) -> None:
        """Give up what was begun when the site was killed: S3 would keep it, and count it."""
        pages = self._s3.get_paginator("list_multipart_uploads")
        for page in pages.paginate(Bucket=self._store.bucket, Prefix=self._all):
            for begun in page.get("Uploads", []):
                upload_id = begun["Key"].removeprefix(self._all).partition("/")[0]
                if is_id(upload_id) and upload_id not in noted and begun["Initiated"] < oldest:
                    file: NamedObject = {"Bucket": self._store.bucket, "Key": begun["Key"]}
                    with _gone_is_fine():
                        self._s3.abort_multipart_upload(**file, UploadId=begun["UploadId"])

    def _noted(self) -> Iterator[tuple[str, datetime]]:
        """All uploads, and when each was last noted."""
        pages = self._s3.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._store.bucket, Prefix=self._all):
            for item in page.get("Contents", []):
                upload_id, _, name = item["Key"].removeprefix(self._all).partition("/")
                if is_id(upload_id) and name == ".about.json":
                    yield upload_id, item["LastModified"]

    def _with_parts(self, upload_id: str) -> "tuple[Upload, list[PartTypeDef]]":
        """An upload with how far it is, and those of its parts that follow one another."""
        upload = self._read(upload_id)
        if upload.is_complete:
            return replace(upload, offset=upload.size), []
        with explained(self._place(upload)), _gone_is_fine():
            parts = self._parts(upload)
            return replace(upload, offset=sum(part["Size"] for part in parts)), parts
        if size_of(self._place(upload)) != upload.size:
            raise no_such_upload()
        return replace(upload, offset=upload.size), []

    def _parts(self, upload: Upload) -> "list[PartTypeDef]":
        pages = self._s3.get_paginator("list_parts")
        asked = pages.paginate(**self._file(upload), UploadId=upload.multipart)
        parts = [part for page in asked for part in page.get("Parts", [])]
        return [part for at, part in enumerate(parts, 1) if part["PartNumber"] == at]

    def _read(self, upload_id: str) -> Upload:
        if not is_id(upload_id):
            raise no_such_upload()
        try:
            about = json.loads(self._store.read(_about(upload_id), _ABOUT_BYTES))
            return Upload(upload_id, **{name: about[name] for name in _NOTED})
        except (InputNotFound, ValueError, KeyError, TypeError) as error:
            raise no_such_upload() from error

    def _note(self, upload: Upload) -> None:
        about = {name: getattr(upload, name) for name in _NOTED}
        self._store.write(_about(upload.upload_id), json.dumps(about).encode())

    def _file(self, upload: Upload) -> NamedObject:
        return self._store.named(self.source_of(upload))

    def _place(self, upload: Upload) -> Location:
        return self._store.place(self.source_of(upload))


def _about(upload_id: str) -> str:
    return f"{FOLDER}/{upload_id}/.about.json"


@contextmanager
def _gone_is_fine() -> Iterator[None]:
    """S3 forgets a multipart upload when it has become a file, or was given up."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if code_of(error) != "NoSuchUpload":
            raise
