"""A webhook on loopback, and submissions that fail."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from debate_webapp.database.base import now
from debate_webapp.submitting import queue
from debate_webapp.submitting.queue import State
from debate_webapp.telling.teller import Teller
from newsrooms import Newsroom

SECRET = "a-secret-of-the-newsroom"


class Hook:
    """Answers each POST with the next status, the last one for ever; keeps what it got."""

    def __init__(self) -> None:
        self.statuses, self.got, self.gets = [204], [], []
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._http.server_port}/hook"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append((dict(self.headers), body))
                status = hook.statuses.pop(0) if len(hook.statuses) > 1 else hook.statuses[0]
                self.send_response(status)
                self.send_header("Location", f"{hook.url}/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self) -> None:
                hook.gets.append(self.path)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def fail(newsroom: Newsroom, *names: str, ago: int = 120) -> list[int]:
    ids = newsroom.submit(*names)
    with newsroom.sessions() as session:
        for row_id in ids:
            row = queue.find(session, row_id)
            at = now() - timedelta(seconds=ago)
            ended = {"finished_at": at, "message": f"{row.title} is private"}
            queue.move(session, row, [State.WAITING], State.FAILED, **ended)
        session.commit()
    return ids


def turn(newsroom: Newsroom, teller: Teller, times: int = 2) -> None:
    """So often that a message is sent, and what came of it is entered."""
    for _ in range(times):
        for line in teller.lines:
            line.next = 0.0
        with newsroom.sessions() as session:
            teller.turn(session)
        for line in teller.lines:
            if line.thread:
                line.thread.join(5)
