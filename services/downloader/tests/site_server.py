"""A web server on the loopback interface that misbehaves on request.

The first part of a path says how it behaves, the rest which file it serves:

    /clip.mp4                 the file, with Range
    /norange/clip.mp4         the file, Range ignored
    /status/404/clip.mp4      that status
    /flaky/2/clip.mp4         503 twice, then the file
    /hang-once/clip.mp4       no answer to the first request, then the file
    /cut/clip.mp4             closes the connection half-way, honours Range
    /short/clip.mp4           sends half without saying how much it is
    /drip/clip.mp4            a byte now and then
    /redirect?URL             302
    /members/clip.mp4         403 without the cookie `session`, and sets another one
"""

import threading
import time
from base64 import b64encode
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".wav": "audio/x-wav",
    ".html": "text/html; charset=utf-8",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".ts": "video/mp2t",
    ".vtt": "text/vtt",
    # What programs answer with, whatever their own names end in.
    ".php": "video/mp4",
    ".ashx": "video/mp4",
    ".cgi": "video/mp4",
}


@dataclass
class Site:
    """Where the server is, what it serves, and what it was asked for."""

    folder: Path
    url: str = ""
    asked: Counter[str] = field(default_factory=Counter)
    closing: threading.Event = field(default_factory=threading.Event)

    def write(self, name: str, content: str | bytes) -> str:
        """Serve a file of this content; returns its URL."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return f"{self.url}/{name}"


# As a browser sends `me:p%40ss@`.
SIGNED_IN = f"Basic {b64encode(b'me:p@ss').decode()}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        site, (mode, _, rest) = self.site, self.path.lstrip("/").partition("/")
        site.asked[self.path] += 1
        if mode.startswith("redirect?"):
            self.reply(302, b"", {"Location": unquote(self.path.partition("?")[2])})
        elif mode == "status":
            self.reply(int(rest.partition("/")[0]), b"no")
        elif mode == "flaky" and site.asked[self.path] <= int(rest.partition("/")[0]):
            self.reply(503, b"later")
        elif mode == "hang-once" and site.asked[self.path] == 1:
            site.closing.wait(30)
        elif mode == "members" and "session=" not in self.headers.get("Cookie", ""):
            self.reply(403, b"members only")
        elif mode == "password" and self.headers.get("Authorization") != SIGNED_IN:
            self.reply(401, b"sign in", {"WWW-Authenticate": "Basic"})
        else:
            self.send_file(mode, self.path.partition("?")[0].rpartition("/")[2])

    def send_file(self, mode: str, name: str) -> None:
        path = self.site.folder / name
        if not path.is_file():
            return self.reply(404, b"not here")
        data, headers = path.read_bytes(), {"Content-Type": TYPES.get(path.suffix, "text/plain")}
        if mode == "members":
            headers["Set-Cookie"] = "tracking=of-the-server; Path=/"
        if mode == "short":
            return self.send_short(data[: len(data) // 2], headers)
        if mode == "drip":
            return self.drip(data, headers)
        start = self.range_start() if mode != "norange" else None
        if start is not None:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        self.reply(206 if start else 200, data[start or 0 :], headers, cut=mode == "cut")
        return None

    def range_start(self) -> int | None:
        wanted = self.headers.get("Range", "")
        return int(wanted[6:].split("-")[0] or 0) if wanted.startswith("bytes=") else None

    def reply(
        self, status: int, data: bytes, headers: dict[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        for key, value in ({"Content-Length": str(len(data))} | (headers or {})).items():
            self.send_header(key, value)
        self.end_headers()
        if cut and len(data) > 20_000:
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
            self.connection.close()
        elif self.command != "HEAD":
            self.wfile.write(data)

    def send_short(self, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def drip(self, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(200)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        for byte in data:
            if self.site.closing.is_set():
                return
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            time.sleep(0.01)

    def handle(self) -> None:
        with suppress(OSError, ValueError):  # the client went away, or we hung up on purpose
            super().handle()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *_: object) -> None:
        pass


def serve(folder: Path) -> tuple[Site, ThreadingHTTPServer]:
    """Start the server in a thread."""
    site = Site(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"site": site}))
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return site, server
