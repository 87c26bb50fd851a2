"""Whoever changes a debate reads it as it is when the change is written, and once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from archives import Archive
from asking import questions
from clients import CheckedClient
from commands import command
from debate_webapp.accounts import audit
from debate_webapp.database.holding import hold
from debate_webapp.database.models import Segment, Transcript
from debate_webapp.reading.queries import find_to_change
from flask import Flask
from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session


@pytest.fixture
def other(db: Session) -> Iterator[Session]:
    """Another editor's transaction."""
    with Session(db.get_bind()) as session:
        yield session


def correct(session: Session, text: str) -> None:
    session.execute(update(Segment).where(Segment.id == 1).values(text=text))
    session.commit()


@pytest.mark.usefixtures("debate")
def test_what_was_read_before_is_read_anew_when_it_is_held(db: Session, other: Session) -> None:
    read_before = db.get_one(Segment, 1)
    correct(other, "Corrected meanwhile.")
    find_to_change(db, 1, editor=True)
    assert read_before.text == "Corrected meanwhile."


@pytest.mark.usefixtures("debate")
def test_what_is_held_is_held_until_the_transaction_ends(db: Session, other: Session) -> None:
    transcript = db.get_one(Transcript, 1)
    hold(db, transcript)
    segment = db.get_one(Segment, 1)
    segment.text = "Mine, not written yet."
    hold(db, transcript)
    assert segment.text == "Mine, not written yet."
    db.rollback()

    correct(other, "Theirs.")
    hold(db, transcript)
    assert segment.text == "Theirs."


@pytest.mark.usefixtures("debate")
def test_readers_are_not_let_to_a_debate_that_is_not_published(db: Session) -> None:
    assert find_to_change(db, 1, editor=False) is None
    assert find_to_change(db, 77, editor=True) is None


def test_an_edit_reads_each_row_once(debate: CheckedClient, app: Flask) -> None:
    command(debate, "edit_text", 1, 1, text="One.")
    with questions(app) as asked:
        assert command(debate, "edit_text", 1, 2, text="Two.").status_code == 200
    read = [each for each in asked if each.startswith("SELECT")]
    assert sum("FROM transcript" in each for each in read) == 1
    assert sum("FROM segment" in each and "person.slug" not in each for each in read) == 1
    assert len([each for each in asked if not each.startswith("PRAGMA")]) <= 12


def test_who_reads_a_debate_that_is_held_waits_for_nobody(
    postgres_engine: Engine, root: Path, make_job: Callable[..., Path]
) -> None:
    """A row of another table that names a debate holds it as well, a little."""
    transcript = Archive(postgres_engine, root, make_job).add()
    with Session(postgres_engine) as editing, Session(postgres_engine) as reading:
        find_to_change(editing, transcript.id, editor=True)
        reading.execute(text("SET LOCAL lock_timeout = '2s'"))
        audit.record(reading, "exported", transcript_id=transcript.id)
        reading.commit()
