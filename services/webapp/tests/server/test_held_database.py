"""A SQLite database that a program beside the site keeps to itself, as the sqlite3 shell does."""

import re
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from debate_webapp.settings import DATABASE_FILE
from servers import Site, serving
from stores import PASSWORD

WRITERS = THREADS = 8


@pytest.fixture
def house(root: Path, recording: Path) -> Iterator[Site]:
    """One process with as many threads as there will be writers."""
    with serving(root, recording, WEB_WORKERS="1", WEB_THREADS=str(THREADS)) as site:
        yield site


@contextmanager
def held(root: Path) -> Iterator[None]:
    connection = sqlite3.connect(root / DATABASE_FILE, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


def csrf(page: str) -> str:
    return re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page)[1]


@pytest.mark.parametrize("what", ["commands", "people"])
def test_writers_are_told_soon_and_readers_read_on(house: Site, root: Path, what: str) -> None:
    path = house.new_debate()
    editor = requests.Session()
    token = csrf(editor.get(f"{house.address}/sign-in", timeout=10).text)
    form = {"csrf_token": token, "username": "editor", "password": PASSWORD}
    page = editor.post(f"{house.address}/sign-in", data=form, timeout=10).text
    headers = {"X-CSRFToken": csrf(page), "Content-Type": "application/json"}

    def write(number: int) -> tuple[int, str | None, float]:
        began = time.monotonic()
        row = number + 1
        edit = {
            "command": "edit_text",
            "arguments": {"segment": row, "text": "Said otherwise."},
            "versions": {str(row): 1},
            "client_id": f"c{row}",
        }
        address, body = {
            "commands": (f"transcripts/{path.rsplit('/', 1)[1]}/commands", edit),
            "people": ("people", {"name": f"Person {row}"}),
        }[what]
        address = f"{house.address}/api/v1/{address}"
        reply = editor.post(address, json=body, headers=headers, timeout=60)
        return reply.status_code, reply.headers.get("Retry-After"), time.monotonic() - began

    with ThreadPoolExecutor(WRITERS) as pool, held(root):
        writers = [pool.submit(write, number) for number in range(WRITERS)]
        time.sleep(1.5)
        began = time.monotonic()
        assert editor.get(house.address + path, timeout=60).status_code == 200
        read = time.monotonic() - began
        told = [writer.result(timeout=60) for writer in writers]

    assert {reply[:2] for reply in told} == {(503, "5")}
    assert max(seconds for *_, seconds in told) < 8
    assert read < 2
    assert write(0)[0] in (200, 201)
