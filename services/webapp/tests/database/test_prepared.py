"""What PostgreSQL has prepared outlives the pages that are read, and nothing unwanted is kept."""

import pytest
from debate_webapp.database.connections.prepared import PLANNED_ANEW
from debate_webapp.database.engine import begin_snapshot
from debate_webapp.database.models import Person
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%person.slug%'")

CELA = "INSERT INTO person (slug, name, known_again, created_at) VALUES ('c', 'C', true, now())"


@pytest.fixture
def engine(postgres_engine: Engine) -> Engine:
    return postgres_engine


def read(engine: Engine, times: int) -> None:
    for _ in range(times):
        with Session(engine) as session:
            begin_snapshot(session)
            session.scalars(select(Person)).all()


def prepared(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(PREPARED) or 0


def test_a_question_that_is_asked_again_and_again_is_planned_once(engine: Engine) -> None:
    read(engine, times=10)
    assert prepared(engine) == 1


def test_what_was_written_and_not_committed_is_not_there(engine: Engine) -> None:
    with Session(engine) as session:
        session.add(Person(slug="ana", name="Ana"))
        session.flush()
        session.scalars(select(Person)).all()
    with Session(engine) as session:
        session.scalars(select(Person)).all()
        session.add(Person(slug="ben", name="Ben"))  # and never sent
    with Session(engine) as session:
        session.execute(text(CELA))
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_a_statement_that_failed_spoils_nothing(engine: Engine) -> None:
    with Session(engine) as session, pytest.raises(ProgrammingError):
        session.execute(text("SELECT nothing FROM nowhere"))
    read(engine, times=10)
    assert prepared(engine) == 1


def test_a_search_is_planned_by_its_own_words_each_time(engine: Engine) -> None:
    question = select(Person).execution_options(**PLANNED_ANEW)
    for _ in range(10):
        with Session(engine) as session:
            begin_snapshot(session)
            session.scalars(question).all()
    assert prepared(engine) == 0
