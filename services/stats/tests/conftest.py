"""S3 on loopback."""

import boto3
import pytest
from hypothesis import settings
from moto.server import ThreadedMotoServer

# Two suites run side by side, so no time by the clock says anything.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")


@pytest.fixture
def bucket(monkeypatch):
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    for name, value in (
        ("ACCESS_KEY_ID", "x"),
        ("SECRET_ACCESS_KEY", "x"),
        ("DEFAULT_REGION", "eu-west-1"),
    ):
        monkeypatch.setenv(f"AWS_{name}", value)
    bucket = boto3.resource("s3").create_bucket(
        Bucket="debates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    yield bucket
    bucket.objects.delete()
    bucket.delete()
    server.stop()
