"""Where a browser is sent for a recording on S3."""

from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from debate_webapp.incoming.presigning import find_region, signing_client
from moto import mock_aws

KEYS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret"}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials, and another default region than any bucket's."""
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (KEYS | {"AWS_DEFAULT_REGION": "us-west-2"}).items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("bucket", "region", "host"),
    [
        ("debates-1a2b", "eu-central-1", "debates-1a2b.s3.eu-central-1.amazonaws.com"),
        ("debates-1a2b", "us-east-1", "debates-1a2b.s3.us-east-1.amazonaws.com"),
        ("debates-1a2b", "eu-south-2", "debates-1a2b.s3.eu-south-2.amazonaws.com"),  # opt-in
        ("debates-1a2b", "cn-north-1", "debates-1a2b.s3.cn-north-1.amazonaws.com.cn"),
        ("debates.example", "eu-central-1", "s3.eu-central-1.amazonaws.com"),
    ],
)
def test_the_address_and_its_signature_are_of_the_buckets_own_host_and_region(
    bucket: str, region: str, host: str
) -> None:
    client = signing_client(bucket, region)

    address = client.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a.mp4"})

    parts = urlsplit(address)
    query = parse_qs(parts.query)
    assert parts.hostname == host
    assert query["X-Amz-Credential"][0].split("/")[2] == region
    assert query["X-Amz-SignedHeaders"] == ["host"]


@mock_aws
@pytest.mark.parametrize("region", ["eu-central-1", "ap-southeast-2", "us-east-1"])
def test_the_region_is_the_buckets_and_not_that_of_the_environment(region: str) -> None:
    where = {} if region == "us-east-1" else {"LocationConstraint": region}
    boto3.client("s3", region_name=region).create_bucket(
        Bucket="debates", **({"CreateBucketConfiguration": where} if where else {})
    )

    assert find_region(boto3.client("s3"), "debates") == region
