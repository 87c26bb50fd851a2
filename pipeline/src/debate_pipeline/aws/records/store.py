"""What was submitted, kept in the bucket: a record for a source, `submissions/<digest>.json`.

Batch forgets its jobs after some days and knows nothing of sources, so this is what makes the same
command again find its job. A record is the job record of contracts/job. It is only ever written
over the version that was read (S3's conditional writes): of two commands at once, one loses.
"""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError
from debate_contract.errors import BadInput
from debate_contract.storage import code_of

from debate_pipeline.aws.clients import THREADS
from debate_pipeline.aws.records.asked import check_asked
from debate_pipeline.aws.records.lists import FOLDER as LISTS
from debate_pipeline.aws.records.lists import ListRecord, key_of_list, parse_body, to_body
from debate_pipeline.job.record import Job, parse_document, to_document

FOLDER = "submissions/"
CONFLICTS = ("PreconditionFailed", "ConditionalRequestConflict", "412")


class Lost(Exception):
    """Another command has written the record meanwhile."""


@dataclass(frozen=True)
class Entry:
    """A record as it was read or written; `etag` is its version, None: it has not been written."""

    job: Job
    etag: str | None
    of: ListRecord | None = None  # the list from whose record it was worked out
    age: float = 0.0  # seconds since the record was written


@dataclass(frozen=True)
class Listing:
    """Where the records of single sources and of lists lie, those that were written last first."""

    singles: list[str]
    lists: list[str]

    def __len__(self) -> int:
        """Tell how many there are."""
        return len(self.singles) + len(self.lists)

    def newest(self, count: int | None) -> "Listing":
        """Return so many of each, all when there is no count."""
        return Listing(self.singles[:count], self.lists[:count])


class SubmissionStore:
    """The records in a bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket

    def read(self, source: str) -> Entry | None:
        """Return the record of a source."""
        with _none_if_missing():
            return self._get(_key(source))
        return None

    def write(self, job: Job, etag: str | None) -> Entry:
        """Write a record over the version `etag`, or as a new one; raise `Lost` when it is not."""
        body = json.dumps(to_document(job), indent=2, ensure_ascii=False).encode()
        return Entry(job, self._put(_key(job.source), body, etag))

    def _put(self, key: str, body: bytes, etag: str | None) -> str:
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            answer = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **condition)
        except ClientError as error:
            if code_of(error) not in CONFLICTS:
                raise
            if own := self._written(key, body):
                return own
            raise Lost from error
        return str(answer["ETag"])

    def _written(self, key: str, body: bytes) -> str | None:
        """Return the version of what is written already: botocore sends again what got no answer.

        No two commands write the same, for the names in it are each one's own.
        """
        with _none_if_missing():
            answer = self.s3.get_object(Bucket=self.bucket, Key=key)
            return str(answer["ETag"]) if answer["Body"].read() == body else None
        return None

    def listing(self) -> Listing:
        """Return where all records lie: a call for a thousand."""
        keys = self._keys(FOLDER)
        singles = [key for key in keys if not key.startswith(LISTS)]
        return Listing(singles, [key for key in keys if key.startswith(LISTS)])

    def all(self) -> list[Entry]:
        """Return every record of a single source, the newest job first."""
        return self.read_keys(self.listing().singles)

    def read_keys(self, keys: list[str]) -> list[Entry]:
        """Return the records of single sources that lie there, the newest job first."""
        return self._newest_first(self._get_all(keys))

    def read_each(self, sources: list[str]) -> list[Entry]:
        """Return the records that these sources have, a read for each and no listing."""
        with ThreadPoolExecutor(THREADS) as pool:
            return [entry for entry in pool.map(self.read, sources) if entry]

    def read_many(self, sources: list[str]) -> dict[str, Entry]:
        """Return the records that these sources have: what is not listed is not asked for."""
        if len(sources) == 1:
            found = self.read(sources[0])
            return {sources[0]: found} if found else {}
        wanted = {_key(source) for source in sources}
        entries = self._get_all([key for key in self.listing().singles if key in wanted])
        return {entry.job.source: entry for entry in entries}

    def lists(self, tokens: list[str] | None = None) -> list[ListRecord]:
        """Return the record of every list, or of those with these tokens, the newest first."""
        keys = self._keys(LISTS) if tokens is None else [key_of_list(token) for token in tokens]
        with ThreadPoolExecutor(THREADS) as pool:
            found = [record for record in pool.map(self._get_list, keys) if record]
        return sorted(found, key=lambda record: record.array.created_at, reverse=True)

    def write_list(self, record: ListRecord) -> None:
        """Write a list's record over the version that was read; raise `Lost` when it is not."""
        record.etag = self._put(record.key, to_body(record), record.etag)

    def _get_list(self, key: str) -> ListRecord | None:
        with _none_if_missing(), self._readable(key):
            answer = self.s3.get_object(Bucket=self.bucket, Key=key)
            found = parse_body(json.loads(answer["Body"].read()))
            check_asked(found.array)
            return replace(found, etag=answer["ETag"], key=key, age=_age(answer))
        return None

    def _keys(self, prefix: str) -> list[str]:
        """Return the keys below a prefix, those that were written last first."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        found = [one for page in pages for one in page.get("Contents", [])]
        found.sort(key=lambda one: one["LastModified"], reverse=True)
        return [one["Key"] for one in found]

    def _get_all(self, keys: list[str]) -> list[Entry]:
        with ThreadPoolExecutor(THREADS) as pool:
            return [*pool.map(self._get, keys)]

    @staticmethod
    def _newest_first(entries: list[Entry]) -> list[Entry]:
        return sorted(
            entries, key=lambda entry: (entry.job.created_at, entry.job.job_id), reverse=True
        )

    def _get(self, key: str) -> Entry:
        answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        with self._readable(key):
            job = parse_document(json.loads(answer["Body"].read()))
            check_asked(job)
            return Entry(job, answer["ETag"], age=_age(answer))

    @contextmanager
    def _readable(self, key: str) -> Iterator[None]:
        try:
            yield
        except BadInput as cause:
            raise BadInput(f"s3://{self.bucket}/{key}: {cause}") from cause
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
            raise BadInput(f"s3://{self.bucket}/{key} is not a job record; delete it") from cause


@contextmanager
def _none_if_missing() -> Iterator[None]:
    """Go on where there is no such object."""
    try:
        yield
    except ClientError as error:
        if code_of(error) != "NoSuchKey":
            raise


def _age(answer: dict[str, Any]) -> float:
    """Return the seconds since an object was written, by the clock that has dated both."""
    now = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    return float((now - answer["LastModified"]).total_seconds())


def _key(source: str) -> str:
    return f"{FOLDER}{hashlib.sha256(source.encode()).hexdigest()}.json"
