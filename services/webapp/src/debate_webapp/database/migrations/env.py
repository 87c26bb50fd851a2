"""Alembic's entry: runs the revisions on the engine that the caller hands over."""

from alembic import context
from sqlalchemy import Engine, text

from debate_webapp.database import models  # noqa: F401 - the tables of Base
from debate_webapp.database.base import Base

# Any number, the same in every process: whoever holds it migrates, the others wait.
LOCK = 7_316_001

# Of the database's own making; a model says nothing of it.
FULL_TEXT = ("passage_index", "ix_passage_words")

engine: Engine = context.config.attributes["engine"]
with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        # SQLite cannot alter a table in place; batch mode copies it.
        render_as_batch=connection.dialect.name == "sqlite",
        # SQLite too, once a transaction is begun by hand: what is killed has changed nothing.
        transactional_ddl=True,
        include_name=lambda name, *_: not str(name).startswith(FULL_TEXT),
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        else:  # The driver begins one before data is written only.
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        context.run_migrations()
    connection.commit()
