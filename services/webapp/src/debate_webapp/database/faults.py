"""What the database could not do just now, in a sentence for whoever waits."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from debate_contract.errors import DiskFull, TemporaryFault
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

BUSY = "the database is busy; try again in a few seconds"
AWAY = "the database cannot be reached; try again in a few seconds"
FULL = "the database's disk is full; nothing was saved. Make room there, then try again"

_DISK_FULL, _DEADLOCK = "53100", "40P01"  # PostgreSQL's codes
_SQLITE = {"SQLITE_BUSY": BUSY, "SQLITE_LOCKED": BUSY, "SQLITE_IOERR": AWAY}
_SQLITE |= {"SQLITE_CANTOPEN": AWAY, "SQLITE_READONLY": AWAY}


@contextmanager
def database_explained() -> Iterator[None]:
    """Turn what passes by itself or when someone makes room into a StageError with the reason."""
    try:
        yield
    except SQLAlchemyError as error:
        fault = passing_fault(error)
        if fault is None:
            raise
        raise type(fault)(f"{fault} ({str(error).splitlines()[0]})") from error


def passing_fault(error: SQLAlchemyError) -> TemporaryFault | None:
    """The fault that passes by itself or when someone makes room; None for one that is ours."""
    if isinstance(error, PoolTimeout):
        return TemporaryFault(BUSY)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return TemporaryFault(AWAY)
    if not isinstance(error, OperationalError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        return _of_sqlite(cause)
    code = getattr(cause, "sqlstate", None)
    if code == _DISK_FULL:
        return DiskFull(FULL)
    return TemporaryFault(BUSY if code else AWAY)  # without a code it is not there


def is_deadlock(error: SQLAlchemyError) -> bool:
    """Whether two waited for each other, and the database ended this one."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == _DEADLOCK


def _of_sqlite(cause: sqlite3.Error) -> TemporaryFault | None:
    """Extended codes begin with the plain one: SQLITE_BUSY_SNAPSHOT, SQLITE_IOERR_WRITE."""
    code = "_".join(getattr(cause, "sqlite_errorname", "").split("_")[:2])
    if code == "SQLITE_FULL":
        return DiskFull(FULL)
    return TemporaryFault(_SQLITE[code]) if code in _SQLITE else None
