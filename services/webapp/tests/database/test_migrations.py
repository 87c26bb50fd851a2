"""The database's history on SQLite and on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic import command
from debate_webapp.accounts.sign_in.by_password import authenticate
from debate_webapp.database.base import Base
from debate_webapp.database.migrations import config, upgrade
from debate_webapp.database.models import Edit, Passage, Segment, Speaker, Transcript, User
from debate_webapp.editing.edits import assign_label, change_segment, redo, undo
from debate_webapp.editing.log import Author, last_edit, next_redo, next_undo
from debate_webapp.editing.reshaping import merge_segments, split_segment
from debate_webapp.errors import StaleVersion
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.reading.people import add_person
from debate_webapp.search.find import Filters, find_passages
from debate_webapp.search.question import parse_question
from sqlalchemy import Engine, delete, event, func, inspect, select, text
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account, transcript_document


def test_up_and_down_leave_nothing_behind(empty_engine: Engine) -> None:
    upgrade(empty_engine)
    assert set(Base.metadata.tables) < set(inspect(empty_engine).get_table_names())
    upgrade(empty_engine)

    command.downgrade(config(empty_engine), "base")

    assert inspect(empty_engine).get_table_names() == ["alembic_version"]


def test_the_migrated_database_is_the_models_database(empty_engine: Engine) -> None:
    upgrade(empty_engine)

    command.check(config(empty_engine))


def test_registering_signing_in_and_naming_work_on_it(engine: Engine, make_job, root: Path) -> None:
    store = LocalStore(str(root))
    with Session(engine) as session:
        make_account(session, "ana")
        author = Author(authenticate(session, "ana", PASSWORD, "192.0.2.1"), "c1")
        assert authenticate(session, "ana", "wrong", "192.0.2.1") is None

        assert register(session, store, str(make_job())).created
        assert not register(session, store, str(make_job())).created
        changed = register(session, store, str(make_job(duration=13.0)))
        assert changed.transcript.version == 2

        speaker = session.get_one(Speaker, (changed.transcript.id, "SPEAKER_00"))
        assign_label(session, speaker, lambda: add_person(session, "Ana Nováková"), 1, author)
        assert session.scalars(select(Edit.inverse)).one() == {
            "command": "assign_label",
            "label": "SPEAKER_00",
            "person": None,
        }
        titles = {t.title for t in session.scalars(select(Transcript))}
        assert titles == {transcript_document()["media"]["source"]["title"]}


def test_two_editors_at_the_same_moment_cannot_both_win(engine: Engine, make_job, root) -> None:
    with Session(engine) as one, Session(engine) as other:
        make_account(one, "ana", "a long password")
        user = authenticate(one, "ana", "a long password", "192.0.2.1")
        transcript = register(one, LocalStore(str(root)), str(make_job())).transcript
        key = (transcript.id, "SPEAKER_00")
        seen_by_one, seen_by_other = one.get_one(Speaker, key), other.get_one(Speaker, key)
        other.get_one(Transcript, transcript.id)
        ana = add_person(one, "Ana")
        one.commit()
        assert seen_by_one.version == seen_by_other.version == 1
        assign_label(one, seen_by_one, lambda: ana, 1, Author(user, "c1"))

        with pytest.raises(StaleVersion):
            assign_label(other, seen_by_other, lambda: None, 1, Author(user, "c2"))
        other.rollback()

        assert one.scalars(select(Edit.client_id)).all() == ["c1"]


def test_edits_of_different_segments_at_the_same_moment_all_win(engine, make_job, root) -> None:
    with Session(engine) as session:
        make_account(session, "ana", "a long password")
        register(session, LocalStore(str(root)), str(make_job()))
        segments = session.scalars(select(Segment.id).order_by(Segment.start)).all()
    gate = Barrier(len(segments))

    def edit(number: int) -> None:
        with Session(engine) as session:
            author = Author(session.scalars(select(User)).one(), f"c{number}")
            segment = session.get_one(Segment, number)
            session.get_one(Transcript, segment.transcript_id)
            gate.wait()
            text = {"text": f"Text {number}."}
            change_segment(session, segment, "edit_text", lambda: text, 1, author)

    with ThreadPoolExecutor(len(segments)) as pool:
        list(pool.map(edit, segments))

    with Session(engine) as session:
        assert session.scalars(select(Transcript.revision)).one() == len(segments)
        written = session.scalars(select(Segment.text).order_by(Segment.id)).all()
        assert written == [f"Text {number}." for number in segments]


def test_the_log_is_asked_on_either_database(engine: Engine, make_job, root: Path) -> None:
    with Session(engine) as session:
        make_account(session, "ana", "a long password")
        user = session.scalars(select(User)).one()
        transcript = register(session, LocalStore(str(root)), str(make_job())).transcript
        segment = session.scalars(select(Segment).order_by(Segment.start)).first()
        change_segment(
            session, segment, "edit_text", lambda: {"text": "One."}, 1, Author(user, "c1")
        )
        change_segment(
            session, segment, "mark_reviewed", lambda: {"reviewed": True}, 2, Author(user, "c2")
        )
        assert next_undo(session, transcript, user).command == "mark_reviewed"

        undo(session, transcript, {segment.id: 3}, Author(user, "c3"))

        assert (segment.reviewed, segment.text) == (False, "One.")
        assert next_undo(session, transcript, user).command == "edit_text"
        assert last_edit(session, segment).command == "undo"
        assert next_redo(session, transcript, user).command == "undo"

        redo(session, transcript, {segment.id: 4}, Author(user, "c4"))

        assert (segment.reviewed, next_redo(session, transcript, user)) == (True, None)


def test_splits_and_merges_are_logged_on_either_database(engine: Engine, make_job, root) -> None:
    with Session(engine) as session:
        make_account(session, "ana", "a long password")
        user = session.scalars(select(User)).one()
        transcript = register(session, LocalStore(str(root)), str(make_job())).transcript
        first, second, third = session.scalars(select(Segment).order_by(Segment.start)).all()
        _, half = split_segment(session, second, 6.0, 1, Author(user, "c1"))
        merge_segments(session, half, third, {half.id: 2, third.id: 1}, Author(user, "c2"))
        assert last_edit(session, third).command == "merge"
        assert last_edit(session, first) is None

        undo(session, transcript, {half.id: 3}, Author(user, "c3"))
        undo(session, transcript, {second.id: 2, half.id: 4}, Author(user, "c4"))

        session.expire_all()
        assert [s.removed for s in (first, second, third, half)] == [False, False, False, True]
        assert [s.parts for s in (first, second, third)] == [[[n, None, None]] for n in range(3)]


def test_segments_of_a_database_before_splits_know_their_place_in_the_file(
    empty_engine: Engine, make_job, root: Path
) -> None:
    upgrade(empty_engine)
    with Session(empty_engine) as session:
        for duration in (12.0, 13.0):
            register(session, LocalStore(str(root)), str(make_job(duration=duration)))
    command.downgrade(config(empty_engine), "0001")
    assert "parts" not in {
        column["name"] for column in inspect(empty_engine).get_columns("segment")
    }

    upgrade(empty_engine)

    with Session(empty_engine) as session:
        rows = session.scalars(select(Segment).order_by(Segment.id)).all()
        assert [row.parts for row in rows] == [[[n, None, None]] for n in (0, 1, 2)] * 2
        assert not any(row.removed for row in rows)


def test_going_back_before_splits_keeps_a_row_for_each_segment_of_the_file(
    empty_engine: Engine, make_job, root: Path
) -> None:
    upgrade(empty_engine)
    with Session(empty_engine) as session:
        make_account(session, "ana", "a long password")
        user = session.scalars(select(User)).one()
        register(session, LocalStore(str(root)), str(make_job()))
        first, second, third = session.scalars(select(Segment).order_by(Segment.start)).all()
        split_segment(session, first, 1.5, 1, Author(user, "c1"))
        merge_segments(session, second, third, {2: 1, 3: 1}, Author(user, "c2"))

    command.downgrade(config(empty_engine), "0001")

    with empty_engine.connect() as connection:
        assert connection.scalars(text("SELECT id FROM segment ORDER BY id")).all() == [1, 2, 3]


def test_going_back_before_client_ids_of_users_keeps_every_edit(
    empty_engine: Engine, make_job, root: Path
) -> None:
    upgrade(empty_engine)
    with Session(empty_engine) as session:
        for name in ("ana", "petr"):
            make_account(session, name, "a long password")
        register(session, LocalStore(str(root)), str(make_job()))
        segments = session.scalars(select(Segment).order_by(Segment.start)).all()
        for segment, user in zip(segments, session.scalars(select(User)), strict=False):
            author = Author(user, "1")
            change_segment(session, segment, "edit_text", lambda: {"text": "New."}, 1, author)
    command.downgrade(config(empty_engine), "0002")

    upgrade(empty_engine)

    with Session(empty_engine) as session:
        ids = session.scalars(select(Edit.client_id).order_by(Edit.id)).all()
        assert ids == ["1", "edit 2"]


def test_accounts_of_before_keep_their_rights_and_the_oldest_administers(
    empty_engine: Engine,
) -> None:
    command.upgrade(config(empty_engine), "0009")
    add = text(
        """
        INSERT INTO "user" (username, password_hash, role, created_at)
        VALUES (:name, 'x', :role, CURRENT_TIMESTAMP)
        """
    )
    before = [("stranger", "reader"), ("ana", "editor"), ("petr", "editor")]
    with empty_engine.begin() as connection:
        connection.execute(add, [{"name": name, "role": role} for name, role in before])

    upgrade(empty_engine)

    with Session(empty_engine) as session:
        users = session.scalars(select(User).order_by(User.id)).all()
        after = [(user.username, user.role, user.suspended_at is not None) for user in users]
    assert after == [
        ("stranger", "reader", True),
        ("ana", "administrator", False),
        ("petr", "publisher", False),
    ]
    command.downgrade(config(empty_engine), "0009")
    with empty_engine.connect() as connection:
        found = connection.execute(text('SELECT username, role FROM "user" ORDER BY id')).all()
        assert [tuple(row) for row in found] == before


@pytest.mark.parametrize(
    "beginning", ["CREATE TABLE passage", "CREATE INDEX ix_passage", "INSERT INTO passage"]
)
def test_a_migration_that_was_killed_is_done_by_the_next_start(
    empty_engine: Engine, make_job, root: Path, beginning: str
) -> None:
    upgrade(empty_engine)
    with Session(empty_engine) as session:
        register(session, LocalStore(str(root)), str(make_job()))
    command.downgrade(config(empty_engine), "0008")

    class Killed(BaseException):
        pass

    def watch(_connection, _cursor, sql: str, *_: object) -> None:
        if sql.strip().startswith(beginning):
            raise Killed

    event.listen(empty_engine, "before_cursor_execute", watch)
    with pytest.raises(Killed):
        upgrade(empty_engine)
    event.remove(empty_engine, "before_cursor_execute", watch)

    upgrade(empty_engine)

    command.check(config(empty_engine))
    with Session(empty_engine) as session:
        segments, passages = (
            session.scalar(select(func.count()).select_from(table)) for table in (Segment, Passage)
        )
        assert passages == segments > 0


def test_an_index_with_longer_beginnings_has_all_that_the_one_before_had(
    empty_engine: Engine, make_job, root: Path
) -> None:
    upgrade(empty_engine)
    command.downgrade(config(empty_engine), "0014")
    with Session(empty_engine) as session:
        register(session, LocalStore(str(root)), str(make_job()))
        session.commit()
        before = found(session, "drivers*")

    upgrade(empty_engine)

    with Session(empty_engine) as session:
        assert before
        assert found(session, "drivers*") == found(session, "driv*") == before
        session.execute(delete(Passage))
        assert not found(session, "driv*")


def found(session: Session, asked: str) -> list[int]:
    passages = find_passages(session, parse_question(asked), Filters(), True, 99)
    return [one.segment for one in passages]
