"""Downloads one file over HTTP: resumed where it broke off, bounded in time, tries and size."""

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from debate_contract.errors import TemporaryFault

from debate_transcriber.weights.network import reachable

TIMEOUT = 30.0  # s without an answer
TRIES = 5  # in a row that bring nothing new
PAUSE = 1.0  # s before the second try, then twice as long each time
BLOCK = 1 << 20

Report = Callable[[float, float], None]  # bytes there, bytes in all


class _Incomplete(OSError):
    """The connection ended before the file did."""


def download(address: str, part: Path, most: int, report: Report) -> None:
    """Go on with `part` until it is the whole file.

    Raises TemporaryFault where the host cannot be reached, refuses, or sends over `most` bytes.
    """
    _look_for(address)
    tries = 0
    while True:
        before = _size(part)
        try:
            _go_on(address, part, most, report)
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise TemporaryFault(f"{address} answers {error.code}") from error
            cause: Exception = error
        except (OSError, http.client.HTTPException) as error:
            cause = error
        else:
            return
        tries = 0 if _size(part) > before else tries + 1
        if tries >= TRIES:
            raise TemporaryFault(f"{address} cannot be read ({_reason(cause)})") from cause
        time.sleep(PAUSE * 2 ** min(tries, TRIES))


def _go_on(address: str, part: Path, most: int, report: Report) -> None:
    """Ask for what is missing; a server that knows no ranges sends all of it again."""
    have = _size(part)
    request = urllib.request.Request(address)  # noqa: S310 - addresses are the registry's
    if have:
        request.add_header("Range", f"bytes={have}-")
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
        have = have if answer.status == 206 else 0
        expected = have + int(answer.headers.get("Content-Length") or 0)
        with part.open("ab" if have else "wb") as file:
            _copy(answer, file, have, min(most, expected or most), report)
    if _size(part) < expected:
        raise _Incomplete("the connection broke off")


def _copy(answer: BinaryIO, file: BinaryIO, have: int, most: int, report: Report) -> None:
    while block := answer.read(BLOCK):
        have += len(block)
        if have > most:
            raise TemporaryFault("the server sends more than the file has")
        file.write(block)
        report(have, most)


def _size(part: Path) -> int:
    return part.stat().st_size if part.is_file() else 0


def _look_for(address: str) -> None:
    """Ask briefly whether the host is there at all; behind a proxy only the proxy knows."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    proxied = parts.scheme in urllib.request.getproxies()
    if not proxied and not reachable(str(parts.hostname), port):
        raise TemporaryFault(f"{parts.hostname} cannot be reached")


def _reason(cause: Exception) -> str:
    return str(getattr(cause, "reason", cause)) or type(cause).__name__
