"""What was submitted, kept in the bucket: one record per source, `submissions/<digest>.json`.

Batch forgets its jobs after some days and knows nothing of sources, so this is what makes the same
command again find its job. A record is the job record of contracts/job. It is only ever written
over the version that was read (S3's conditional writes): of two commands at once, one loses.
"""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from debate_contract.errors import BadInput
from debate_contract.storage import code_of

from debate_pipeline.aws.clients import THREADS
from debate_pipeline.job.record import Job, parse_document, to_document

FOLDER = "submissions/"
CONFLICTS = ("PreconditionFailed", "ConditionalRequestConflict", "412")


class Lost(Exception):
    """Another command has written the record meanwhile."""


@dataclass(frozen=True)
class Entry:
    """A record as it was read or written; `etag` is its version."""

    job: Job
    etag: str


class SubmissionStore:
    """The records in a bucket."""

    def __init__(self, s3: Any, bucket: str) -> None:
        self.s3, self.bucket = s3, bucket

    def read(self, source: str) -> Entry | None:
        """Return the record of a source."""
        try:
            return self._get(_key(source))
        except ClientError as error:
            if code_of(error) == "NoSuchKey":
                return None
            raise

    def write(self, job: Job, etag: str | None) -> Entry:
        """Write a record over the version `etag`, or as a new one; raise `Lost` when it is not."""
        condition = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        body = json.dumps(to_document(job), indent=2, ensure_ascii=False).encode()
        try:
            answer = self.s3.put_object(
                Bucket=self.bucket, Key=_key(job.source), Body=body, **condition
            )
        except ClientError as error:
            if code_of(error) in CONFLICTS:
                raise Lost from error
            raise
        return Entry(job, answer["ETag"])

    def all(self) -> list[Entry]:
        """Return every record, the newest job first."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=FOLDER)
        keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
        with ThreadPoolExecutor(THREADS) as pool:
            entries = [*pool.map(self._get, keys)]
        return sorted(
            entries, key=lambda entry: (entry.job.created_at, entry.job.job_id), reverse=True
        )

    def _get(self, key: str) -> Entry:
        answer = self.s3.get_object(Bucket=self.bucket, Key=key)
        try:
            job = parse_document(json.loads(answer["Body"].read()))
        except BadInput as cause:
            raise BadInput(f"s3://{self.bucket}/{key}: {cause}") from cause
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            raise BadInput(f"s3://{self.bucket}/{key} is not a job record; delete it") from cause
        return Entry(job, answer["ETag"])


def _key(source: str) -> str:
    return f"{FOLDER}{hashlib.sha256(source.encode()).hexdigest()}.json"
