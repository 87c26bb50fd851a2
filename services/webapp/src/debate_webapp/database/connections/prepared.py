"""Statements that PostgreSQL has parsed and planned once, for as long as a connection lives.

psycopg prepares what it sends again and again, and forgets all of it after a ROLLBACK, by which
SQLAlchemy ends whatever is not committed, each page that was only read among it. So a transaction
that only read is ended by a COMMIT, which says the same.

Of a search the best plan depends on how common its words are, which a plan made for all does not
know: in one it read a million passages for what another finds in an index. `PLANNED_ANEW` keeps a
statement from being prepared.
"""

from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import ExceptionContext, ExecutionContext

PLANNED_ANEW = {"planned_anew": True}  # an execution option
_WROTE = "wrote"
_STALE = "0A000", "cached plan"  # PostgreSQL's code, which it has for other things too


def keep_prepared(engine: Engine) -> None:
    """Have transactions of this engine that only read end by a COMMIT, and searches planned.

    What was planned for tables that a migration changed since is thrown away, in all connections.
    """
    event.listen(engine, "do_execute", _execute)
    event.listen(engine, "before_cursor_execute", _note)
    event.listen(engine, "commit", _forget)
    event.listen(engine, "rollback", _end)
    event.listen(engine, "handle_error", _begin_anew)


def _note(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
    if not statement.startswith("SELECT"):
        connection.info[_WROTE] = True


def _execute(cursor: Any, statement: str, parameters: Any, context: ExecutionContext) -> bool:
    """Whether it was one to be planned anew, which then is done."""
    if not PLANNED_ANEW.items() <= context.execution_options.items():
        return False
    cursor.execute(statement, parameters, prepare=False)
    return True


def _forget(connection: Connection) -> None:
    connection.info.pop(_WROTE, None)


def _end(connection: Connection) -> None:
    """Before a ROLLBACK, which then finds nothing to end."""
    if connection.invalidated or connection.info.pop(_WROTE, False):
        return
    with suppress(connection.dialect.loaded_dbapi.Error):  # the ROLLBACK says what is wrong
        connection.connection.commit()


def _begin_anew(context: ExceptionContext) -> None:
    """One request fails as if the server had been restarted; every other has a new connection."""
    error = context.original_exception
    code, words = _STALE
    if getattr(error, "sqlstate", None) == code and words in str(error):
        context.is_disconnect = True
