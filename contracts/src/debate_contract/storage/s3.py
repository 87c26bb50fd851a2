"""Connections to AWS: one set of timeouts, one policy of retries."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from cloudpathlib import S3Client

from debate_contract.errors import UsageFault

if TYPE_CHECKING:
    from cloudpathlib import S3Path

CONFIG = Config(
    connect_timeout=5,
    read_timeout=30,
    # Three attempts with growing pauses, or AWS_MAX_ATTEMPTS; throttling and 5xx are tried again.
    retries={"mode": "standard"},
    max_pool_connections=16,
)
# Presigned addresses of the older kind are refused by newer regions.
OF_SERVICE = {"s3": Config(signature_version="s3v4")}

UNUSED_CACHE = Path(gettempdir()) / "debate-contract-unused"

_clients: dict[object, S3Client] = {}
_one_at_a_time = threading.Lock()


def client(service: str, region: str | None = None) -> Any:
    """A client of boto3 (which has no types); nothing is sent yet."""
    with _endpoint_checked():
        return _session().client(service, region_name=region, config=OF_SERVICE.get(service))


def cloud_path(uri: str) -> "S3Path":
    """A path on S3. All of a process share one client, whose requests threads may send at once."""
    # A fork may not share its parent's connections; tests and users change the environment.
    key = os.getpid(), *((name, os.environ[name]) for name in os.environ if name[:4] == "AWS_")
    with _one_at_a_time:
        if key not in _clients:
            _clients.clear()
            # The cache is named only so that no temporary folder is made for it: files are read
            # and written without it.
            with _endpoint_checked():
                _clients[key] = S3Client(boto3_session=_session(), local_cache_dir=UNUSED_CACHE)
        place: S3Path = _clients[key].CloudPath(uri)
        return place


@contextmanager
def _endpoint_checked() -> Iterator[None]:
    """Of all that is set, only a wrong address has no error of its own in botocore."""
    try:
        yield
    except ValueError as error:
        if isinstance(error, BotoCoreError):
            raise
        sentence = f"AWS_ENDPOINT_URL is no address ({error}): write http://… or https://…"
        raise UsageFault(sentence) from error


def _session() -> Any:
    session = botocore.session.Session(profile=os.environ.get("AWS_PROFILE"))
    session.set_default_client_config(CONFIG)
    return boto3.Session(botocore_session=session)
