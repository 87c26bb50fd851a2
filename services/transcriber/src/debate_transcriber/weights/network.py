"""Asks once, and briefly, whether a host can be reached."""

import queue
import socket
import threading


def reachable(host: str, port: int = 443, timeout: float = 3.0) -> bool:
    """Whether a connection to `host` opens within `timeout` seconds, name resolution included.

    The attempt runs in a thread of its own: resolving a name takes no timeout and can hang for
    half a minute on a machine without network.
    """
    answer: queue.Queue[bool] = queue.Queue(1)

    def attempt() -> None:
        try:
            socket.create_connection((host, port), timeout).close()
        except OSError:
            answer.put(False)
        else:
            answer.put(True)

    threading.Thread(target=attempt, daemon=True).start()
    try:
        return answer.get(timeout=timeout)
    except queue.Empty:
        return False
