"""Connections that rested are asked whether they are still one; those just used are not.

Asking is two more questions for each request. A server that ends or is ended says so on the
connection, and that is seen without a question; after a network's or a machine's loss nothing is
said, so whatever rested for long is asked.
"""

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

LONG_SECONDS = 5.0
_USED = "used"


def ask_rested(engine: Engine) -> None:
    """Have connections of this engine that rested asked before they are used again."""

    def ask(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
        if not _has_rested(connection, entry):
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError(str(error)) from error  # a new one is made

    event.listen(engine, "connect", _note)
    event.listen(engine, "checkin", _note)
    event.listen(engine, "checkout", ask)


def _note(_connection: object, entry: ConnectionPoolEntry) -> None:
    entry.info[_USED] = time.monotonic()


def _has_rested(connection: Any, entry: ConnectionPoolEntry) -> bool:
    """For long, or until the server said something unasked."""
    if time.monotonic() - entry.info[_USED] > LONG_SECONDS:
        return True
    line = select.poll()  # of any number of open files, as select() is not
    line.register(connection, select.POLLIN)
    return bool(line.poll(0))
