"""A web server for the loopback interface that a video site could be."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGE = b"<!doctype html><title>Town hall</title><p>The recording will be here tomorrow.</p>"
CHUNK = 4096


@dataclass
class Site:
    """Files by the path they are served at, and how fast."""

    url: str = ""
    files: dict[str, Path] = field(default_factory=dict)
    bytes_per_second: float = float("inf")

    def serve(self, name: str, file: Path) -> str:
        """Put a file on the site and return its address."""
        self.files[f"/{name}"] = file
        return f"{self.url}/{name}"


class Handler(BaseHTTPRequestHandler):
    """Files with Range, /page.html, and 404 for the rest."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, site: Site) -> None:
        self.site = site
        super().__init__(*arguments)

    def handle(self) -> None:
        # A client that is killed or refuses what it gets is what the tests are about.
        with suppress(BrokenPipeError, ConnectionResetError):
            super().handle()

    def do_HEAD(self) -> None:
        self.answer(with_body=False)

    def do_GET(self) -> None:
        self.answer(with_body=True)

    def answer(self, *, with_body: bool) -> None:
        if self.path == "/page.html":
            return self.reply(200, "text/html", PAGE, with_body=with_body)
        if self.path not in self.site.files:
            return self.reply(404, "text/plain", b"not found", with_body=with_body)
        return self.part(self.site.files[self.path].read_bytes(), with_body=with_body)

    def part(self, content: bytes, *, with_body: bool) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked:
            return self.reply(200, "video/mp4", content, with_body=with_body)
        first, last = int(asked[1]), int(asked[2] or len(content) - 1)
        span = f"bytes {first}-{last}/{len(content)}"
        return self.reply(206, "video/mp4", content[first : last + 1], span, with_body=with_body)

    def reply(
        self, status: int, kind: str, body: bytes, span: str = "", *, with_body: bool
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if span:
            self.send_header("Content-Range", span)
        self.end_headers()
        if with_body:
            self.send(body)

    def send(self, body: bytes) -> None:
        for start in range(0, len(body), CHUNK):
            self.wfile.write(body[start : start + CHUNK])
            time.sleep(CHUNK / self.site.bytes_per_second)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_site() -> Iterator[Site]:
    """A site on a free port, for as long as the context lasts."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, site=site))
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
