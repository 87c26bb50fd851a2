"""The engine and one session per request."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker


def make_engine(url: str) -> Engine:
    """An engine; SQLite gets foreign keys and a write-ahead log, so readers never wait."""
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in ("foreign_keys=ON", "journal_mode=WAL", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def init_database(app: Flask, url: str) -> None:
    """Give the application an engine, and each request a session that is closed after it."""
    engine = make_engine(url)
    app.extensions["debate_sessions"] = sessionmaker(engine, expire_on_commit=False)
    app.teardown_appcontext(_close)


def session() -> Session:
    """The session of this request; whoever changes something commits."""
    if "session" not in g:
        make: Callable[[], Session] = current_app.extensions["debate_sessions"]
        g.session = make()
    current: Session = g.session
    return current


def give_up() -> None:
    """Forget the session of this request and what it had begun; the next one is a fresh one."""
    _close(None)


def _close(_error: BaseException | None) -> None:
    opened: Session | None = g.pop("session", None)
    if opened is not None:
        opened.close()
