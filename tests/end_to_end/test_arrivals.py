"""A debate that was made on AWS registers itself: Batch's events reach the site's own address.

The stack is an emulator on loopback (pipeline/tests/fakes/account.py): moto for S3 and CloudWatch,
our fake of Batch, infra's own patterns of events. Command and site are the real programs.
"""

import json
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from browsing import free_port, read_greeting
from checkout import CHECKOUT, command
from running import environment

KEY = "0123456789abcdef0123456789abcdef"
URL = "https://example.org/debate.mp4"


@dataclass
class Account:
    """The emulator, as a program that takes orders a line."""

    process: subprocess.Popen[str]
    environment: dict[str, str]

    def __call__(self, *order: str) -> Any:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        return read_line(self.process)


def read_line(process: subprocess.Popen[str]) -> Any:
    assert process.stdout
    line = process.stdout.readline()
    assert line, "the emulator ended; its trace is on standard error"
    return json.loads(line)


@contextmanager
def running(*words: str | Path, **variables: str) -> Iterator[subprocess.Popen[str]]:
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(
        [str(word) for word in words], env=environment(variables), text=True, **pipes
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def account(tmp_path: Path, port: int) -> Iterator[Account]:
    program = CHECKOUT / "pipeline" / "tests" / "fakes" / "account.py"
    folder = tmp_path / "account"
    folder.mkdir()
    python, site = command("pipeline", "python"), f"http://127.0.0.1:{port}"
    with running(python, program, folder, site, KEY) as process:
        yield Account(process, read_line(process))


@pytest.fixture
def database(account: Account, tmp_path: Path, port: int) -> Iterator[Path]:
    """The database of a site whose store is the stack's bucket."""
    file = tmp_path / "site.sqlite3"
    own = {"DATABASE_URL": f"sqlite:///{file}", "STORAGE_ROOT": "s3://debates", "EVENT_KEY": KEY}
    own |= {"SECRET_KEY": "a key of the tests, as long as it has to be"}
    logs = {"JOB_LOG_GROUP": "/aws/batch/d", "AWS_DEFAULT_REGION": "eu-central-1"}
    told = account.environment | own | logs | {"PORT": str(port)}
    with running(command("services/webapp", "debate-webapp"), "serve", **told) as process:
        read_greeting(process)
        yield file


def rows(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(database) as connection:
        return connection.execute(sql).fetchall()


def test_a_debate_registers_itself_when_its_last_job_has_ended(
    account: Account, database: Path
) -> None:
    assert account("debate", "submit", URL) == 0
    assert account("work") == {"answers": [200], "left": 2}  # two stages that end no debate

    assert rows(database, "SELECT count(*) FROM transcript") == [(1,)]
    assert rows(database, "SELECT count(*) FROM failed_job") == [(0,)]


def test_of_a_list_each_debate_registers_and_what_failed_is_told_once(
    account: Account, database: Path, tmp_path: Path
) -> None:
    listed = tmp_path / "list.txt"
    listed.write_text("".join(f"{URL}?{number}\n" for number in range(3)))
    account("order", "download", "fail 65 The recording is private.")
    assert account("debate", "submit-many", str(listed)) == 0

    # Two debates; the arrays of the three stages, each of which says that one of it failed.
    assert account("work")["answers"] == [200] * 5
    assert rows(database, "SELECT count(*) FROM transcript") == [(2,)]
    [(sentence,)] = rows(database, "SELECT sentence FROM failed_job")
    assert sentence == "1 of 3 recordings failed"


def test_a_debate_that_failed_says_why_in_the_words_of_its_stage_and_is_made_good(
    account: Account, database: Path
) -> None:
    account("order", "transcribe", "fail 65 Nobody speaks in it.")
    account("debate", "submit", URL)
    assert account("work")["answers"] == [200]
    assert rows(database, "SELECT sentence FROM failed_job") == [("Nobody speaks in it.",)]

    account("debate", "submit", URL)
    assert account("work")["answers"] == [200]
    assert rows(database, "SELECT count(*) FROM transcript") == [(1,)]
    assert rows(database, "SELECT count(*) FROM failed_job") == [(0,)]
