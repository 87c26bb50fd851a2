"""A bucket on loopback, and the site with its store there."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
import pytest
from debate_contract.testing import BUCKET, REGION


def aws_environment(endpoint: str) -> dict[str, str]:
    """With which a process finds the bucket and may do all there."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }


@contextmanager
def bucket_at(endpoint: str) -> Iterator[str]:
    """The address, s3://…, of an empty bucket; the environment of this process leads to it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws_environment(endpoint).items():
            patch.setenv(name, value)
        where = {"LocationConstraint": REGION}
        boto3.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=where)
        yield f"s3://{BUCKET}"
        empty()
        boto3.client("s3").delete_bucket(Bucket=BUCKET)


@pytest.fixture
def empty_bucket(aws_server: str) -> Iterator[str]:
    with bucket_at(aws_server) as address:
        yield address


def keys() -> list[str]:
    """All that is in the bucket."""
    found = boto3.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return [item["Key"] for item in found]


def unfinished() -> list[str]:
    """The uploads in parts that S3 knows of."""
    found = boto3.client("s3").list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    return [item["Key"] for item in found]


def empty() -> None:
    """Remove all that is in the bucket."""
    s3 = boto3.client("s3")
    for item in s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
        s3.abort_multipart_upload(Bucket=BUCKET, Key=item["Key"], UploadId=item["UploadId"])
    for key in keys():
        s3.delete_object(Bucket=BUCKET, Key=key)
