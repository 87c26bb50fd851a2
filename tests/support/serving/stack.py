"""A stack of AWS on loopback, and a site whose store is its bucket.

The stack is an emulator (pipeline/tests/fakes/account.py): moto for S3 and CloudWatch, our fake of
Batch, infra's own patterns of events. Command and site are the real programs.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from checkout import CHECKOUT, command
from running import environment
from serving.browsing import Server, read_greeting

EVENT_KEY = "0123456789abcdef0123456789abcdef"
BUCKET, LOG_GROUP, REGION = "debates", "/aws/batch/d", "eu-central-1"


@dataclass
class Account:
    """The emulator, as a program that takes orders a line."""

    process: subprocess.Popen[str]
    environment: dict[str, str]

    def __call__(self, *order: str) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return _read_line(self.process)


def _read_line(process: subprocess.Popen[str]) -> Any:
    assert process.stdout
    line = process.stdout.readline()
    assert line, "the emulator ended; its trace is on standard error"
    return json.loads(line)


@contextmanager
def open_account(folder: Path, site_port: int) -> Iterator[Account]:
    """The emulator; its events go to the site at this port."""
    folder.mkdir()
    program = CHECKOUT / "pipeline" / "tests" / "fakes" / "account.py"
    site = f"http://127.0.0.1:{site_port}"
    with _running(command("pipeline", "python"), program, folder, site, EVENT_KEY) as process:
        yield Account(process, _read_line(process))


@contextmanager
def serve_site(account: Account, database: Path, port: int) -> Iterator[Server]:
    """A site on the account's bucket, as its container there is told by infra."""
    own = {"DATABASE_URL": f"sqlite:///{database}", "STORAGE_ROOT": f"s3://{BUCKET}"}
    own |= {"SECRET_KEY": "a key of the tests, as long as it has to be", "EVENT_KEY": EVENT_KEY}
    logs = {"JOB_LOG_GROUP": LOG_GROUP, "AWS_DEFAULT_REGION": REGION}
    told = account.environment | own | logs | {"PORT": str(port)}
    with _running(command("services/webapp", "debate-webapp"), "serve", **told) as process:
        yield read_greeting(process)


@contextmanager
def _running(*words: str | Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(
        [str(word) for word in words], env=environment(variables), text=True, **pipes
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)
