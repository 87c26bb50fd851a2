"""The database for a command: brought to this version, its faults in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from debate_webapp.database.engine import make_engine
from debate_webapp.database.faults import database_explained
from debate_webapp.database.migrations import upgrade


@contextmanager
def open_database(url: str) -> Iterator[Session]:
    """A session on an up-to-date database; raises StageError for what passes or can be mended."""
    with database_explained():
        engine = make_engine(url)
        upgrade(engine)
        with Session(engine, expire_on_commit=False) as session:
            yield session
