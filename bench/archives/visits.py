"""Readers and editors of a site, as processes elsewhere would be: HTTP, and a clock."""

import http.client
import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from archive import PASSWORD
from server import Server

ENCODINGS = "gzip, deflate, br"
TIMEOUT = 60


@dataclass
class Visitor:
    """One connection that is kept open, and its cookies."""

    port: int
    headers: dict[str, str] = field(default_factory=lambda: {"Accept-Encoding": ENCODINGS})
    connection: http.client.HTTPConnection | None = None

    def ask(
        self, path: str, method: str = "GET", body: bytes | None = None, **headers: str
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """The answer and its bytes as they were sent."""
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        self.connection.request(method, path, body, self.headers | headers)
        answer = self.connection.getresponse()
        return answer, answer.read()

    def sign_in(self) -> str:
        """Sign in as the editor; the token that writing needs."""
        answer, page = self.ask("/sign-in")
        self._keep_cookies(answer)
        form = {"username": "editor", "password": PASSWORD, "csrf_token": _token(page)}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer, _ = self.ask("/sign-in", "POST", urlencode(form).encode(), **kind)
        self._keep_cookies(answer)
        answer, page = self.ask("/people", **{"Accept-Encoding": "identity"})
        self._keep_cookies(answer)
        return _token(page)

    def _keep_cookies(self, answer: http.client.HTTPResponse) -> None:
        kept = SimpleCookie(self.headers.get("Cookie"))
        for cookie in answer.headers.get_all("Set-Cookie", []):
            kept.load(cookie)
        self.headers["Cookie"] = "; ".join(
            f"{name}={one.coded_value}" for name, one in kept.items()
        )


def _token(page: bytes) -> str:
    found = re.search(rb'name="csrf_token"[^>]* value="([^"]+)"', page)
    assert found, "the page has no form"
    return found[1].decode()


@dataclass(frozen=True)
class Seen:
    """Of one kind of page: milliseconds of each request, and the bytes of one answer."""

    cpu: list[float]
    wall: list[float]
    size: int


@dataclass
class _Reader:
    """Somebody who asks one server for one path, and what that costs the server."""

    server: Server
    ask: Callable[[Visitor], int]
    visitor: Visitor
    cpu: list[float] = field(default_factory=list)
    size: int = 0

    def read(self) -> None:
        before = self.server.cpu()
        self.size = self.ask(self.visitor)
        self.cpu.append(self.server.cpu() - before)


def measure(servers: Sequence[Server], path: str, requests: int, clients: int) -> list[Seen]:
    """CPU with one request after the other, of each server in turn; the clock with all clients.

    A path that ends in `#` is asked for by somebody who has the page: the answer is 304.
    """
    readers = [_Reader(one, _asking(one, path), Visitor(one.port)) for one in servers]
    for reader in readers:
        for _ in range(2 * clients):  # each worker has been asked
            reader.ask(Visitor(reader.server.port))
    for _ in range(requests):
        for reader in readers:
            reader.read()
    return [
        Seen(one.cpu, together(one.server, clients, requests, one.ask), one.size) for one in readers
    ]


def _asking(server: Server, path: str) -> Callable[[Visitor], int]:
    """Asks for the path, checks the answer, and has its size."""
    if not path.endswith("#"):
        return lambda visitor: _checked(visitor, path, {})
    tag = Visitor(server.port).ask(path[:-1])[0].getheader("ETag")
    return lambda visitor: _checked(visitor, path[:-1], {"If-None-Match": str(tag)})


def _checked(visitor: Visitor, path: str, headers: dict[str, str]) -> int:
    answer, body = visitor.ask(path, **headers)
    wanted = 304 if headers else 200
    assert answer.status == wanted, f"{path}: {answer.status}"
    return len(body)


def together(
    server: Server, clients: int, requests: int, ask: Callable[[Visitor], object]
) -> list[float]:
    """Milliseconds of each request of clients that ask again as soon as they have an answer."""

    def visit(_: int) -> list[float]:
        visitor, took = Visitor(server.port), []
        for _ in range(-(-requests // clients)):
            began = time.perf_counter()
            ask(visitor)
            took.append(1000 * (time.perf_counter() - began))
        return took

    with ThreadPoolExecutor(clients) as pool:
        return [each for took in pool.map(visit, range(clients)) for each in took]


def mixture(server: Server, paths: Sequence[str], requests: int, clients: int) -> tuple[int, int]:
    """How many of so many requests were answered with what was asked for, and how many not."""
    next_one, lock = iter(range(requests)), threading.Lock()
    good = bad = 0

    def visit(_: int) -> None:
        nonlocal good, bad
        visitor = Visitor(server.port)
        while True:
            with lock:
                number = next(next_one, None)
            if number is None:
                return
            fine = _answers(visitor, paths[number % len(paths)])
            with lock:
                good, bad = good + fine, bad + (not fine)

    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(visit, range(clients)))
    return good, bad


def _answers(visitor: Visitor, path: str) -> bool:
    try:
        return visitor.ask(path)[0].status == 200
    except OSError:
        visitor.connection = None
        return False


def write(
    server: Server, debates: Sequence[int], writers: int, seconds: float, pause: float
) -> tuple[list[float], list[float]]:
    """Milliseconds of each editor's first edit, and of the later ones of editors at work at once.

    Each has a segment of their own, gives a text, waits for the answer and pauses. All have opened
    their debate before the first gives one. In a site just started the first edits are also those
    in which its processes learn the statements of an edit.
    """
    places = [(debate, at) for at in range(writers) for debate in debates][:writers]
    signed_in = Visitor(server.port)
    token, opened = signed_in.sign_in(), threading.Barrier(writers)

    def edit(place: tuple[int, int]) -> list[float]:
        debate, at = place
        visitor = Visitor(server.port, dict(signed_in.headers))
        _, body = visitor.ask(
            f"/api/v1/transcripts/{debate}/segments", **{"Accept-Encoding": "identity"}
        )
        segment = json.loads(body)["segments"][at]
        opened.wait()
        took, until = [], time.monotonic() + seconds
        time.sleep(pause * at / writers)
        while time.monotonic() < until:
            began = time.perf_counter()
            segment = _edit(visitor, token, debate, segment)
            took.append(1000 * (time.perf_counter() - began))
            time.sleep(pause)
        return took

    with ThreadPoolExecutor(writers) as pool:
        edits = list(pool.map(edit, places))
    return [took[0] for took in edits], [each for took in edits for each in took[1:]]


def _edit(visitor: Visitor, token: str, debate: int, segment: dict) -> dict:
    """The segment as it is after the edit; a conflict that is none is tried again, and counts."""
    for _ in range(20):
        command = {
            "command": "edit_text",
            "arguments": {"segment": segment["id"], "text": f"said {secrets.token_hex(4)}"},
            "versions": {segment["id"]: segment["version"]},
            "client_id": secrets.token_hex(16),
        }
        headers = {"Content-Type": "application/json", "X-CSRFToken": token}
        path = f"/api/v1/transcripts/{debate}/commands"
        answer, body = visitor.ask(
            path, "POST", json.dumps(command).encode(), **headers | {"Accept-Encoding": "identity"}
        )
        if answer.status == 200:
            return json.loads(body)["segment"]
        assert answer.status in (409, 503), f"{answer.status}: {body[:200]!r}"
    raise AssertionError("an edit of a segment that nobody else edits was refused 20 times")
