"""A connection as waitress keeps it, with limits to how long its client may keep it waiting."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

# What one connection may be sent before the others have their turn.
_TURN_BYTES = 1 << 20
# Read from a file for each write; more would be read again after a write that took less.
_WRITE_BYTES = 1 << 16
# Left to the kernel beyond what is on its way. It would take megabytes and show no progress for as
# long as a slow client takes to read them.
_KERNEL_BYTES = 1 << 17


@dataclass(frozen=True)
class Limits:
    """Seconds: for a request to arrive whole, without a byte read, and between two requests."""

    request: float
    stall: float
    idle: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Limits":
        """Idle longer than the 60 s after which a load balancer of AWS lets go first."""
        return cls(
            request=float(env.get("WEB_REQUEST_SECONDS", "30")),
            stall=float(env.get("WEB_STALL_SECONDS", "60")),
            idle=float(env.get("WEB_IDLE_SECONDS", "75")),
        )


class Arriving(HTTPRequestParser):
    """A request that is being received, and since when."""

    def __init__(self, adj: Any) -> None:
        super().__init__(adj)
        self.began = time.time()


class Channel(HTTPChannel):
    """Waitress's own limit counts from the last byte, and waits for a full socket to close one."""

    parser_class = Arriving

    def __init__(self, server: Any, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(server, sock, *args, **kwargs)
        if sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _KERNEL_BYTES)
        self.sendbuf_len = _WRITE_BYTES
        self._turn = _TURN_BYTES

    def handle_write(self) -> None:
        """Send what the client takes, and no more than its turn."""
        self._turn = _TURN_BYTES
        super().handle_write()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Bytes taken; none when the turn is over, as when the socket is full."""
        if self._turn <= 0:
            return 0
        sent: int = super().send(data, do_close)
        self._turn -= sent
        return sent

    def write_soon(self, data: Any) -> int:
        """An answer begins: from here on the client may stall, however long it took to make."""
        self.last_activity = time.time()
        written: int = super().write_soon(data)
        return written

    def computing(self) -> bool:
        """Whether it waits for us, not for its client."""
        return bool(self.requests) and not self.total_outbufs_len

    def quiet(self) -> bool:
        """Whether nothing is under way in either direction."""
        return not (self.requests or self.request or self.total_outbufs_len)

    def ends(self, limits: Limits) -> float:
        """When the client has kept the connection waiting for long enough."""
        if self.total_outbufs_len:
            return self.last_activity + limits.stall
        if self.request is not None:
            return float(self.request.began) + limits.request
        return self.last_activity + limits.idle
