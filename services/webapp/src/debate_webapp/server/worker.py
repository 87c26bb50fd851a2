"""The gunicorn worker of the site: waitress's event loop, and threads that only compute.

gunicorn keeps the processes; in each, one thread reads requests whole and writes answers out of
buffers, recordings straight from their files, for as many connections as there are. A client that
sends half a request or reads nothing costs a place in that loop. gunicorn's own threads read and
write themselves, so that a few such clients have them all. gevent would wait without threads, but
a page that computes, or SQLite that waits for a lock, stops everybody else in its process.
"""

import gc
import logging
import os
import select
import sys
import time
from collections.abc import Iterable
from types import FrameType
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

from debate_webapp.server.channel import Channel, Limits

HEADER_BYTES = 32_768
BODY_BYTES = 4_000_000  # the application's own limit is lower and says so in a page
# Of a thread that computes before another has its turn. An edit asks the database ten times, and
# after each answer waits for its turn: with Python's 5 ms, a page that is made stops it for long.
TURN_SECONDS = 0.0005
# For the first request of who connected just before the end.
FIRST_SECONDS = 1.0


class BufferingWorker(Worker):
    """A process that serves its connections until it is told to stop."""

    def init_process(self) -> None:
        """Runs until the worker ends."""
        self._map: dict[int, Any] = {}
        self._servers: list[Any] = []
        self._limits = Limits.from_env(os.environ)
        sys.setswitchinterval(TURN_SECONDS)
        super().init_process()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Asked to stop: wake the loop, which finishes what is under way."""
        super().handle_exit(sig, frame)
        for server in self._servers:
            server.pull_trigger()

    def run(self) -> None:
        """Serve; then stop accepting and finish."""
        gc.freeze()  # The program is there for good, and need not be looked through for garbage.
        self._listen()
        room, looked = self.cfg.worker_connections, 0.0
        while self.alive and os.getppid() == self.ppid:
            self._turn(1.0)
            if len(channels := self._channels()) > room or time.time() > looked + 1:
                close_overdue(channels, self._limits, room)
                looked = time.time()
        self._finish(time.time() + self.cfg.graceful_timeout)

    def _listen(self) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        for listener in self.sockets:
            server = create_server(
                self.wsgi,
                map=self._map,
                _dispatcher=dispatcher,
                sockets=[listener.sock],
                ident=None,
                # Whom to believe is the application's to say: TRUSTED_PROXIES.
                clear_untrusted_proxy_headers=False,
                max_request_header_size=HEADER_BYTES,
                max_request_body_size=BODY_BYTES,
                # Room is made in time; this only keeps it within the limit of open files.
                connection_limit=2 * self.cfg.worker_connections,
            )
            server.channel_class = Channel
            server.maintenance = lambda _now: None  # close_overdue does it
            self._servers.append(server)

    def _turn(self, seconds: float) -> None:
        self.notify()
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _channels(self) -> list[Channel]:
        return [channel for server in self._servers for channel in server.active_channels.values()]

    def _finish(self, deadline: float) -> None:
        """Answer what has been asked, while `graceful_timeout` lasts."""
        for server in self._servers:
            stop_listening(server)
        while time.time() < deadline and (channels := self._channels()):
            for channel in channels:
                if channel.quiet() and time.time() > channel.creation_time + FIRST_SECONDS:
                    channel.handle_close()
            self._turn(0.1)


def stop_listening(server: Any) -> None:
    """Take in whoever has connected, and have others refused at once.

    A listener that stays open answers nobody, and cuts them all off when the process ends.
    """
    server.socket.listen(0)
    waiting = select.poll()
    waiting.register(server.socket, select.POLLIN)
    while waiting.poll(0):
        server.handle_accept()
    server.accepting = False
    server.del_channel()
    server.socket.close()


def close_overdue(channels: Iterable[Channel], limits: Limits, room: int) -> None:
    """Close whose time is over and, when there is no room for more, whose time is over next."""
    waiting = sorted((c for c in channels if not c.computing()), key=lambda c: c.ends(limits))
    now, crowd = time.time(), len(waiting) - room
    for place, channel in enumerate(waiting):
        if place < crowd or channel.ends(limits) < now:
            channel.handle_close()
