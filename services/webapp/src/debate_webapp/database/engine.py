"""The engine, snapshots, and one session per request."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, sessionmaker

from debate_webapp.accounts.audit import act_as, follow_edits
from debate_webapp.database.base import Base
from debate_webapp.database.connections.collector import collect_between_transactions
from debate_webapp.database.connections.password import KeptPassword
from debate_webapp.database.connections.prepared import keep_prepared
from debate_webapp.database.connections.rested import ask_rested
from debate_webapp.database.connections.turns import ELSEWHERE_SECONDS, Turns
from debate_webapp.database.passages import follow_segments

# After how long a writer looks whether the place is free.
LOOK_SECONDS = 0.001
_BUSY = f"PRAGMA busy_timeout={1000 * ELSEWHERE_SECONDS:.0f}"
_turns = Turns()


def make_engine(url: str) -> Engine:
    """An engine; SQLite gets foreign keys and a write-ahead log, so readers never wait."""
    collect_between_transactions()
    follow_segments()
    follow_edits()
    # A thread that keeps what it computed has two connections for a moment. Kept are those of a
    # process's threads and its queue: on PostgreSQL the first question of each costs a tenth of a
    # second, so none that is needed again at once is thrown away, and the one that was used last,
    # which has most prepared, is used next.
    engine = create_engine(url, pool_size=10, max_overflow=50, pool_use_lifo=True)
    if engine.dialect.name == "sqlite":
        _keep_private(engine.url.database)
        event.listen(engine, "connect", _prepare_sqlite)
        return engine
    keep_prepared(engine)
    ask_rested(engine)
    if secret := os.environ.get("DATABASE_SECRET_ARN"):
        KeptPassword(secret).serve(engine)
    return engine


def _keep_private(path: str | None) -> None:
    """Only its owner reads the file, which has passwords' hashes and what is not published.

    SQLite gives the files of its log the same mode.
    """
    if not path or path == ":memory:":
        return
    with suppress(OSError):  # What is wrong there, the first connection says.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    for file in (Path(f"{path}{end}") for end in ("", "-wal", "-shm")):
        with suppress(OSError):
            file.chmod(0o600)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("PRAGMA foreign_keys=ON", "PRAGMA journal_mode=WAL", _BUSY):
        connection.execute(pragma)


def begin_snapshot(session: Session) -> None:
    """Let all that a new session reads be of one moment, whatever others commit meanwhile."""
    if session.get_bind().dialect.name == "sqlite":
        # The driver begins one only before it writes.
        session.connection().exec_driver_sql("BEGIN")
    else:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def begin_writing(session: Session) -> None:
    """On SQLite, wait for the one place of a writer before anything is read that it depends on.

    Without it two who write different rows would read at once, and one of them would have to start
    again. Who waits in this process is woken when it is their turn. For another process SQLite
    itself would look again after ever longer pauses, in which others come first: of twenty editors
    somebody always waited a tenth of a second. PostgreSQL locks the transcript's row instead.
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    driver: Any = session.connection().connection.dbapi_connection
    if driver.in_transaction:
        return
    session.info["writing"] = _turns.take()
    until = time.monotonic() + (ELSEWHERE_SECONDS if session.info["writing"] else 0)
    with without_waiting(session):
        while not _has_begun(driver) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)
        if not driver.in_transaction:
            session.connection().exec_driver_sql("BEGIN IMMEDIATE")  # says what is in the way
    _turns.has_begun()


def _has_begun(driver: sqlite3.Connection) -> bool:
    with suppress(sqlite3.OperationalError):
        driver.execute("BEGIN IMMEDIATE")
    return driver.in_transaction


@contextmanager
def without_waiting(session: Session) -> Iterator[None]:
    """On SQLite, have the statement that begins to write fail at once while another writes."""
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    connection = session.connection()
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    session.info.setdefault("writing", False)  # without a turn
    try:
        yield
    finally:
        connection.exec_driver_sql(_BUSY)


@event.listens_for(Session, "before_flush")
def _flush(session: Session, *_: object) -> None:
    _begin_by_itself(session)


@event.listens_for(Session, "do_orm_execute")
def _execute(asked: ORMExecuteState) -> None:
    if asked.is_insert or asked.is_update or asked.is_delete:
        _begin_by_itself(asked.session)


def _begin_by_itself(session: Session) -> None:
    """Have whoever writes without `begin_writing` wait for their turn too."""
    if "writing" not in session.info:
        begin_writing(session)


@event.listens_for(Session, "after_transaction_end")
def _stop_writing(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None and session.info.pop("writing", False):
        _turns.end()


def insert_new(session: Session, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    """Insert what is not there; asking first would let two insert the same."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def init_database(app: Flask, url: str) -> None:
    """Give the application an engine, and each request a session that is closed after it."""
    engine = make_engine(url)
    app.extensions["debate_sessions"] = sessionmaker(engine, expire_on_commit=False)
    app.teardown_appcontext(_close)


def session() -> Session:
    """The session of this request; whoever changes something commits.

    A request that only reads has one snapshot, so that all it answers belongs together.
    """
    if "session" not in g:
        make: Callable[[], Session] = current_app.extensions["debate_sessions"]
        g.session = make()
        if "actor" in g:
            act_as(g.session, g.actor)
        if request.method in ("GET", "HEAD"):
            begin_snapshot(g.session)
    current: Session = g.session
    return current


def give_up() -> None:
    """Forget the session of this request and what it had begun; the next one is a fresh one."""
    _close(None)


def _close(_error: BaseException | None) -> None:
    opened: Session | None = g.pop("session", None)
    if opened is not None:
        with suppress(DBAPIError):  # with a connection that ended all has ended that it had begun
            opened.close()
