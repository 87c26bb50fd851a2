"""S3 on loopback: moto for what works, a server that refuses for what does not."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from debate_contract.storage import Location, locate
from refusing import Refusing

pytest_plugins = ["debate_contract.testing"]


@pytest.fixture(autouse=True)
def _without_the_users_own_settings(without_aws: None) -> None:
    pass


@pytest.fixture(params=["disk", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> Location:
    """A folder that is there and empty: on disk, and in a bucket."""
    if request.param == "disk":
        return tmp_path
    request.getfixturevalue("s3")
    return locate("s3://debates/jobs/first")


@pytest.fixture
def refusing(aws_keys: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Refusing]:
    """An endpoint that answers as it is told."""
    with Refusing() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield server


@pytest.fixture
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Pauses between botocore's attempts are not waited for."""
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    return lambda: None
