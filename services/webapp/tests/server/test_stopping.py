"""SIGTERM, as a deployment sends it: whatever was asked for before it is answered whole."""

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from debate_webapp.accounts.roles import Permission
from debate_webapp.accounts.sign_in import tokens
from debate_webapp.accounts.users import get_user
from debate_webapp.database.engine import make_engine
from debate_webapp.database.models import Segment
from debate_webapp.settings import DATABASE_FILE
from servers import start_site
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import publish, put_job

RECORDING = os.urandom(9_000_000)
JSON = {"Content_Type": "application/json"}
PART = b"ID3" + bytes(500_000)


@dataclass
class Store:
    """A store with a published debate, and a token of an editor's."""

    root: Path
    token: str = ""

    def session(self) -> Session:
        return Session(make_engine(f"sqlite:///{self.root / DATABASE_FILE}"))


@pytest.fixture
def store(tmp_path: Path, database_file: Path) -> Store:
    (tmp_path / DATABASE_FILE).write_bytes(database_file.read_bytes())
    (tmp_path / "recording.mp4").write_bytes(RECORDING)
    store = Store(tmp_path)
    publish(tmp_path, put_job(tmp_path, tmp_path / "recording.mp4", "20261122T200000Z-4f1c09ab"))
    with store.session() as session:
        scopes = [Permission.EDIT, Permission.SUBMIT]
        store.token = tokens.make(session, get_user(session, "editor"), "test", scopes, 7)
        session.commit()
    return store


class Client:
    """A connection on which a request is sent in two pieces."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)

    def send(self, *pieces: bytes) -> "Client":
        for piece in pieces:
            self.socket.sendall(piece)
        return self

    def answer(self) -> tuple[int, bytes]:
        with self.socket, self.socket.makefile("rb") as stream:
            status = int(stream.readline().split()[1])
            lines = [line.lower() for line in iter(stream.readline, b"\r\n")]
            (length,) = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
            return status, stream.read(length)


def request(method: str, path: str, store: Store, body: bytes = b"", **headers: str) -> bytes:
    """The head of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {store.token}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode()


@pytest.fixture
def started(store: Store) -> Iterator[tuple]:
    process, port = start_site(store.root)
    yield process, port
    process.kill()
    process.wait()
    assert process.stdout
    process.stdout.close()


def begin_upload(port: int, store: Store) -> str:
    body = json.dumps({"name": "a.mp3", "size": len(PART)}).encode()
    head = request("POST", "/api/v1/uploads", store, body, **JSON)
    status, answer = Client(port).send(head, body).answer()
    assert status == 201, answer
    return str(json.loads(answer)["self"])


def test_a_download_a_part_and_an_edit_under_way_are_finished(started, store: Store) -> None:
    process, port = started
    edit = {"command": "edit_text", "arguments": {"segment": 1, "text": "Free buses?"}}
    body = json.dumps(edit | {"versions": {"1": 1}, "client_id": "one"}).encode()
    address = begin_upload(port, store)
    span = f"bytes 0-{len(PART) - 1}/{len(PART)}"
    heads = [
        request("GET", "/api/v1/media/1", store),
        request("PUT", address, store, PART, Content_Range=span),
        request("POST", "/api/v1/transcripts/1/commands", store, body, **JSON),
    ]
    download, part, editing = (Client(port).send(head) for head in heads)
    part.send(PART[:1000])
    editing.send(body[:20])
    time.sleep(0.5)

    process.send_signal(signal.SIGTERM)
    time.sleep(1)

    assert editing.send(body[20:]).answer()[0] == 200
    assert part.send(PART[1000:]).answer()[0] == 200
    assert download.answer() == (200, RECORDING)
    assert process.wait(20) == 0
    with store.session() as session:
        assert session.scalars(select(Segment.text).order_by(Segment.id)).first() == "Free buses?"
    (arrived,) = store.root.glob("uploads/*/a.mp3")
    assert arrived.read_bytes() == PART


def test_who_has_connected_is_answered_and_who_comes_later_is_refused_at_once(
    started, store: Store
) -> None:
    process, port = started
    transfer = Client(port).send(request("GET", "/api/v1/media/1", store))
    answered: list[int] = []
    lost: list[Exception] = []
    refused = threading.Event()

    def ask() -> None:
        while not refused.is_set():
            try:
                client = Client(port).send(request("GET", "/livez", store))
            except ConnectionRefusedError:
                refused.set()
                return
            try:
                answered.append(client.answer()[0])
            except (OSError, ValueError, IndexError) as error:
                lost.append(error)

    crowd = [threading.Thread(target=ask) for _ in range(8)]
    for one in crowd:
        one.start()
    time.sleep(1)
    process.send_signal(signal.SIGTERM)
    for one in crowd:
        one.join(10)

    assert refused.is_set()
    assert lost == []
    assert set(answered) == {200}
    assert process.poll() is None  # a transfer is still under way
    assert transfer.answer() == (200, RECORDING)
    assert process.wait(20) == 0
