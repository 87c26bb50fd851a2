"""A publisher of weights on the loopback."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shelf(BaseHTTPRequestHandler):
    """Serves `server.files`, ranges too, and breaks off as often as `server.breaks` says."""

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Range"]))
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        first = int((self.headers["Range"] or "bytes=0-")[6:-1]) if self.server.ranges else 0
        self.send_response(206 if first else 200)
        if self.path.endswith(".html"):
            self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(content) - first))
        self.end_headers()
        rest = content[first:]
        if self.server.breaks:
            self.server.breaks -= 1
            rest = rest[: len(rest) // 2]
        self.wfile.write(rest)

    def log_message(self, *_: object) -> None: ...


class Host(ThreadingHTTPServer):
    """A publisher on the loopback."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Shelf)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.breaks, self.ranges = 0, True

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"
