"""Addresses at which a browser plays a recording from S3 without credentials.

They must name the bucket's own region and host. The signature covers the host, and the page's
content security policy names it: at any other host S3 answers with a redirect that fails both, or
refuses ("Virtual hosting of general purpose buckets" and "Redirect request routing" in the S3 user
guide).
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# Another server than AWS's is asked where these say, in whichever way it understands.
ELSEWHERE = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")


def presigner(client: "S3Client", bucket: str) -> "S3Client":
    """A client that signs for the bucket; `client`, of any region, is asked which one that is."""
    if any(os.environ.get(name) for name in ELSEWHERE):
        return client
    return signing_client(bucket, find_region(client, bucket))


def find_region(client: "S3Client", bucket: str) -> str:
    """Where a bucket lies. S3 says so even where it refuses everything else."""
    from botocore.exceptions import ClientError

    try:
        return client.head_bucket(Bucket=bucket)["BucketRegion"]
    except ClientError as error:
        headers = error.response["ResponseMetadata"]["HTTPHeaders"]
        if "x-amz-bucket-region" not in headers:
            raise
        return str(headers["x-amz-bucket-region"])


def signing_client(bucket: str, region: str) -> "S3Client":
    """A client whose addresses begin with the bucket's own host in its region."""
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        connect_timeout=5,
        read_timeout=30,
        retries={"mode": "standard"},
        s3={
            # The certificate of S3's hosts covers one label before them.
            "addressing_style": "path" if "." in bucket else "virtual",
            "us_east_1_regional_endpoint": "regional",
        },
    )
    return boto3.client("s3", region_name=region, config=config)
