"""A debate that was made on AWS registers itself: Batch's events reach the site's own address."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving.browsing import free_port
from serving.stack import Account, open_account, serve_site

URL = "https://example.org/debate.mp4"


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def account(tmp_path: Path, port: int) -> Iterator[Account]:
    with open_account(tmp_path / "account", port) as account:
        yield account


@pytest.fixture
def database(account: Account, tmp_path: Path, port: int) -> Iterator[Path]:
    """The database of a site whose store is the stack's bucket."""
    file = tmp_path / "site.sqlite3"
    with serve_site(account, file, port):
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
