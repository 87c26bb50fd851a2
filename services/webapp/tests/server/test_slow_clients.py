"""What clients that send or read slowly, or not at all, do to everybody else (HOLE 5)."""

import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from debate_webapp.settings import DATABASE_FILE
from servers import free_port, start_site, stop_site
from stores import publish, put_job

LIMIT = 2  # seconds for a request to arrive, and for which a reader may read nothing
MEDIA = "/api/v1/media/1"
BYTES = os.urandom(9_000_000)

HALF_HEADER = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Half: "
HALF_BODY = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\nx="
WHOLE = f"GET {MEDIA} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
RANGE = f"GET {MEDIA} HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-\r\n\r\n".encode()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, database_file: Path) -> Path:
    """A published debate with a recording of nine megabytes."""
    root = tmp_path_factory.mktemp("store")
    (root / DATABASE_FILE).write_bytes(database_file.read_bytes())
    recording = root / "recording.mp4"
    recording.write_bytes(BYTES)
    publish(root, put_job(root, recording, "20261122T200000Z-4f1c09ab"))
    return root


@pytest.fixture(scope="module")
def port(store: Path) -> Iterator[int]:
    """The site as `make web` starts it."""
    process, port = start_site(store)
    yield port
    stop_site(process)


@pytest.fixture(scope="module")
def hasty(store: Path) -> Iterator[int]:
    """The same, soon out of patience."""
    names = ("WEB_REQUEST_SECONDS", "WEB_STALL_SECONDS", "WEB_IDLE_SECONDS")
    process, port = start_site(store, **dict.fromkeys(names, str(LIMIT)))
    yield port
    stop_site(process)


@pytest.fixture
def connect() -> Iterator[Callable[[int, bytes], socket.socket]]:
    """Opens a connection with next to no room for answers and sends something."""
    with ExitStack() as opened:

        def open_one(port: int, sent: bytes) -> socket.socket:
            client = opened.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
            client.settimeout(20)
            client.connect(("127.0.0.1", port))
            client.sendall(sent)
            return client

        yield open_one


def _ask(port: int, path: str, **headers: str) -> bytes:
    with urlopen(Request(f"http://127.0.0.1:{port}{path}", headers=headers), timeout=20) as reply:
        body: bytes = reply.read()
        return body


def _seconds(port: int, path: str) -> float:
    began = time.monotonic()
    _ask(port, path)
    return time.monotonic() - began


def test_half_requests_and_silent_readers_stop_nobody(port: int, connect) -> None:
    for sent, clients in ((HALF_HEADER, 60), (HALF_BODY, 60), (WHOLE, 32), (RANGE, 32)):
        for _ in range(clients):
            connect(port, sent)

    took = [_seconds(port, path) for _ in range(10) for path in ("/healthz", "/debates/1")]

    assert statistics.median(took) < 1
    assert max(took) < 5, "a machine that is busy with other suites has its moments"


@pytest.mark.parametrize("sent", [b"", HALF_HEADER, HALF_BODY], ids=["nothing", "header", "body"])
def test_a_request_that_never_ends_is_cut_off_however_busily_it_is_sent(
    hasty: int, connect, sent: bytes
) -> None:
    client, began = connect(hasty, sent), time.monotonic()
    client.settimeout(0.1)

    while time.monotonic() - began < 5 * LIMIT:
        try:
            if sent:
                client.send(b"x")
            if client.recv(100) == b"":
                break
        except TimeoutError:
            continue
        except ConnectionError:
            break

    assert LIMIT - 1 < time.monotonic() - began < 4 * LIMIT


@pytest.mark.parametrize("asked", [WHOLE, RANGE], ids=["whole", "range"])
def test_a_reader_that_reads_nothing_is_cut_off(hasty: int, connect, asked: bytes) -> None:
    client = connect(hasty, asked)
    time.sleep(2.5 * LIMIT)

    assert len(_rest(client)) < len(BYTES)


def _rest(client: socket.socket) -> bytes:
    received = bytearray()
    try:
        while chunk := client.recv(65536):
            received += chunk
    except ConnectionError:
        pass
    return bytes(received)


def test_a_slow_reader_gets_every_byte(hasty: int, connect) -> None:
    client = connect(hasty, RANGE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    began, received = time.monotonic(), bytearray()
    while time.monotonic() - began < 2 * LIMIT:
        received += client.recv(65536)
        time.sleep(0.1)
    received += _rest(client)

    head, _, body = bytes(received).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 206")
    assert body == BYTES


def test_a_request_that_arrives_in_pieces_is_answered(port: int, connect) -> None:
    client = connect(port, b"")
    body = b"username=nobody&password=wrong"
    request = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    request += b"Content-Type: application/x-www-form-urlencoded\r\n"
    request += b"Content-Length: %d\r\n\r\n" % len(body) + body
    for at in range(0, len(request), 20):
        client.send(request[at : at + 20])
        time.sleep(0.1)

    assert _rest(client).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("asked", "status", "expected"),
    [
        ("bytes=0-", 206, BYTES),
        ("bytes=100-4999999", 206, BYTES[100:5_000_000]),
        ("bytes=-70000", 206, BYTES[-70_000:]),
        ("bytes=8999999-", 206, BYTES[-1:]),
        ("bytes=0-9,20-29", 416, None),
        (f"bytes={len(BYTES)}-", 416, None),
    ],
)
def test_ranges_are_exact_on_one_connection_kept_open(
    port: int, connect, asked: str, status: int, expected: bytes | None
) -> None:
    client = connect(port, WHOLE.replace(b"\r\n\r\n", f"\r\nRange: {asked}\r\n\r\n".encode()))
    stream = client.makefile("rb")
    answered, length = _head(stream)
    body = stream.read(length)
    client.sendall(b"HEAD /api/v1/media/1 HTTP/1.1\r\nHost: localhost\r\n\r\n")
    head = _head(stream)
    client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")

    assert answered == status
    assert expected is None or body == expected
    assert head == (200, len(BYTES))
    assert _head(stream) == (200, 3)
    assert stream.read(3) == b"ok\n"
    stream.close()


def _head(stream) -> tuple[int, int]:
    """Status and Content-Length of the next answer."""
    status = int(stream.readline().split()[1])
    lines = [line.lower() for line in iter(stream.readline, b"\r\n")]
    (length,) = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
    return status, length


def test_a_crowd_beyond_the_limit_makes_room_for_who_comes_next(store: Path, connect) -> None:
    process, port = start_site(store, WEB_WORKERS="1", WEB_CONNECTIONS="40")
    crowd = [connect(port, HALF_HEADER) for _ in range(120)]

    assert [_ask(port, "/healthz") for _ in range(5)] == [b"ok\n"] * 5
    assert _rest(crowd[0]) == b""
    for client in crowd:
        client.close()
    stop_site(process)


def test_a_body_beyond_the_limit_is_refused_before_it_is_sent(port: int, connect) -> None:
    client = connect(port, HALF_BODY.replace(b"900000", b"90000000000"))

    assert _rest(client).startswith(b"HTTP/1.1 413")


def test_stopping_lets_a_transfer_finish(store: Path, connect) -> None:
    process, port = start_site(store)
    client = connect(port, WHOLE)
    received = client.recv(1000)
    process.send_signal(signal.SIGTERM)
    time.sleep(1)

    assert (received + _rest(client)).endswith(BYTES[-1000:])
    assert process.wait(20) == 0
    stop_site(process)


def test_gunicorn_by_itself_runs_it_the_same_way(store: Path, connect) -> None:
    command = [sys.executable, "-m", "gunicorn", "debate_webapp.wsgi:app"]
    environment = {"STORAGE_ROOT": str(store), "PORT": str(port := free_port())}
    environment["GUNICORN_CMD_ARGS"] = "--config python:debate_webapp.server.gunicorn_conf"
    with subprocess.Popen(command, env=environment) as process:
        _wait_for(port)
        for _ in range(20):
            connect(port, HALF_HEADER)
        assert _ask(port, "/healthz") == b"ok\n"
        process.terminate()
    assert process.returncode == 0


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)):
            assert time.monotonic() < deadline
            time.sleep(0.1)
