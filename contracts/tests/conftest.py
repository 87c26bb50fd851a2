"""S3 on loopback: moto for what works, a server that refuses for what does not."""

import os
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from debate_contract.storage import Location, locate
from moto.server import ThreadedMotoServer
from refusing import Refusing

KEYS = {
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "key",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


@pytest.fixture(autouse=True)
def _without_the_users_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    # Else botocore asks a machine of EC2 for credentials, which takes seconds.
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere/credentials")


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def s3(moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """boto3's client; there is one bucket, `debates`."""
    for name, value in (KEYS | {"AWS_ENDPOINT_URL": moto}).items():
        monkeypatch.setenv(name, value)
    client = boto3.client("s3")
    client.create_bucket(
        Bucket="debates", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    yield client
    urllib.request.urlopen(
        urllib.request.Request(f"{moto}/moto-api/reset", method="POST"), timeout=10
    ).close()


@pytest.fixture(params=["disk", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """A folder that is there and empty: on disk, and in a bucket."""
    if request.param == "disk":
        return tmp_path
    request.getfixturevalue("s3")
    return locate("s3://debates/jobs/first")


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    """An endpoint that answers as it is told."""
    with Refusing() as server:
        for name, value in (KEYS | {"AWS_ENDPOINT_URL": server.url}).items():
            monkeypatch.setenv(name, value)
        yield server


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Pauses between botocore's attempts are not waited for."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    return lambda: None
