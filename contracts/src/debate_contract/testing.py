"""AWS on the loopback interface, for tests: `pytest_plugins = ["debate_contract.testing"]`.

It is moto's server, spoken to by the real boto3, also from processes that a test starts.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import boto3
import botocore.session
import pytest
from botocore.loaders import create_loader
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"
BUCKET = "debates"
# Else botocore finds the user's own settings, or asks a machine of EC2 for credentials.
_NOTHING = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nowhere/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nowhere/credentials",
}
_KEYS = {
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "key",
    "AWS_DEFAULT_REGION": REGION,
}


@contextmanager
def serving_aws() -> Iterator[str]:
    """A server that runs until the end; gives its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture(scope="session")
def aws_server() -> Iterator[str]:
    """The address of the server, which all tests share.

    So they do what botocore knows of its services: each session would read it anew, half a second.
    """
    known = create_loader()
    with (
        mock.patch.object(botocore.session, "create_loader", return_value=known),
        serving_aws() as address,
    ):
        yield address


@pytest.fixture
def without_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment with no settings of AWS at all."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in _NOTHING.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def aws_keys(
    without_aws: None,  # noqa: ARG001 - a fixture before this one
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One with credentials and a region."""
    for name, value in _KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def aws(
    aws_server: str,
    aws_keys: None,  # noqa: ARG001 - a fixture before this one
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Any]:
    """An account on that server with one empty bucket, `debates`; gives boto3's session."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_server)
    session = boto3.Session()
    place = {"LocationConstraint": REGION}
    session.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    yield session
    connection = HTTPConnection(urlsplit(aws_server).netloc, timeout=10)
    with closing(connection):
        connection.request("POST", "/moto-api/reset")
        connection.getresponse()


@pytest.fixture
def s3(aws: Any) -> Any:
    """boto3's client of S3 for that account."""
    return aws.client("s3")
