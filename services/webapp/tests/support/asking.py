"""Asking again with the tag of an answer, and what the database is asked for it."""

from collections.abc import Iterator
from contextlib import contextmanager

from clients import CheckedClient
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse


def again(client: CheckedClient, path: str, reply: TestResponse) -> TestResponse:
    """The request of a browser that has the answer."""
    return client.get(path, headers={"If-None-Match": reply.headers["ETag"]})


@contextmanager
def questions(app: Flask) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    engine = app.extensions["debate_sessions"].kw["bind"]
    event.listen(engine, "before_cursor_execute", hear)
    yield asked
    event.remove(engine, "before_cursor_execute", hear)
