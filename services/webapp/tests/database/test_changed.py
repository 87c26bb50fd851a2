"""The tables change on PostgreSQL while a process of before goes on serving."""

import pytest
from debate_contract.errors import TemporaryFault
from debate_webapp.database.engine import make_engine
from debate_webapp.database.faults import passing_fault
from debate_webapp.database.models import Person
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session


def read(engine: Engine, times: int = 1) -> None:
    for _ in range(times):
        with Session(engine) as session:
            session.scalars(select(Person)).all()


def change(engine: Engine) -> None:
    """As a migration that lets a column be longer does."""
    elsewhere = make_engine(engine.url.render_as_string(hide_password=False))
    with elsewhere.begin() as connection:
        connection.execute(text("ALTER TABLE person ALTER COLUMN name TYPE varchar(999)"))
    elsewhere.dispose()


def test_what_was_planned_before_fails_once_and_passes(postgres_engine: Engine) -> None:
    engine = postgres_engine
    with engine.connect(), engine.connect():  # of several threads
        read(engine, times=10)
    read(engine, times=10)
    change(engine)

    with pytest.raises(SQLAlchemyError) as failed:
        read(engine)
    assert isinstance(passing_fault(failed.value), TemporaryFault)
    with engine.connect(), engine.connect():
        read(engine, times=10)
    read(engine, times=10)
