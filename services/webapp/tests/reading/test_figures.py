"""Figures are kept with the revision they belong to, and are those of one moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from debate_webapp.database.engine import begin_snapshot
from debate_webapp.database.models import (
    DebateFigures,
    Person,
    PersonFigures,
    Segment,
    Speaker,
    Transcript,
    User,
)
from debate_webapp.editing.edits import assign_label, change_segment, publish, undo
from debate_webapp.editing.log import Author
from debate_webapp.editing.reshaping import merge_segments, split_segment
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.reading import kept, queries
from debate_webapp.reading.figures import bring_up_to_date, read_figures
from debate_webapp.reading.people import add_person
from debate_webapp.reading.rebuild import outdated, rebuild
from debate_webapp.site.profiles.query import AT_ONCE, read_record
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session
from stores import make_account


@pytest.fixture
def editing(engine: Engine, make_job: Callable[..., Path], root: Path) -> Iterator[Session]:
    """A session of an editor on either database, with debate 1 registered."""
    with Session(engine, expire_on_commit=False) as session:
        make_account(session, "ana", "a long password")
        register(session, LocalStore(str(root)), str(make_job()))
        yield session


def author(session: Session, client_id: str) -> Author:
    return Author(session.scalars(select(User)).one(), client_id)


def edit(session: Session, number: int, **now: Any) -> None:
    segment = session.get_one(Segment, number)
    session.refresh(segment)
    by = author(session, f"e{session.get_one(Transcript, 1).revision}")
    change_segment(session, segment, "edit_text", lambda: now, segment.version, by)


def split(session: Session, number: int) -> None:
    segment = session.get_one(Segment, number)
    session.refresh(segment)
    cut = segment.text.find(" ")
    texts = segment.text[:cut], segment.text[cut:].strip()
    split_segment(session, segment, texts, segment.version, author(session, f"s{number}"))


def words(engine: Engine) -> int:
    """As a request reads them."""
    with Session(engine) as session:
        begin_snapshot(session)
        transcript = session.get_one(Transcript, 1)
        figures = read_figures(session, transcript, queries.cast_of(session, transcript))
        return figures.statistics.totals.total_words


def kept_revision(session: Session) -> int | None:
    return session.scalar(select(DebateFigures.revision))


def test_a_split_committed_while_figures_are_read_is_in_none_of_them_or_in_all(  # HOLE 6
    engine: Engine,
    editing: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edit(editing, 2, text="Yes, because a full bus costs no more than an empty one.")
    said = words(engine)
    edit(editing, 1, text="Should the city make all its buses free?")
    read = queries.list_segments

    def read_after_a_split(*arguments: Any) -> Any:
        monkeypatch.setattr(queries, "list_segments", read)
        split(editing, 2)
        return read(*arguments)

    monkeypatch.setattr(queries, "list_segments", read_after_a_split)

    assert words(engine) == said + 1
    # What was computed belongs to the revision before the split, and is not taken for today's.
    assert kept_revision(editing) == editing.get_one(Transcript, 1).content_revision - 1
    assert words(engine) == said + 1
    assert kept_revision(editing) == editing.get_one(Transcript, 1).content_revision


def test_registration_keeps_figures_and_reading_them_computes_nothing(
    engine: Engine,
    editing: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("debate_webapp.reading.figures.compute_statistics", _refuse)

    assert words(engine) == 27

    edit(editing, 1, reviewed=True)
    publish(editing, editing.get_one(Transcript, 1), True, author(editing, "p"))
    assert editing.get_one(Transcript, 1).revision == 2
    assert words(engine) == 27  # neither changes a figure


def test_names_and_texts_make_figures_new_and_so_does_other_code(
    engine: Engine,
    editing: Session,
) -> None:
    edit(editing, 1, text="Free?")
    assert words(engine) == 21
    assert kept_revision(editing) == 1

    speaker = editing.get_one(Speaker, (1, "SPEAKER_00"))
    assign_label(editing, speaker, lambda: add_person(editing, "Ana"), 1, author(editing, "a"))
    assert outdated(editing) == [1]
    assert words(engine) == 21
    assert kept_revision(editing) == 2
    assert editing.scalars(select(PersonFigures.word_count)).one() == 7

    editing.execute(update(DebateFigures).values(producer="debate-stats 0.0.1", body=b"?"))
    editing.commit()
    assert outdated(editing) == [1]
    assert words(engine) == 21


def test_older_figures_never_take_the_place_of_newer_ones(
    engine: Engine,
    editing: Session,
) -> None:
    with Session(engine, expire_on_commit=False) as slow:
        begin_snapshot(slow)
        transcript = slow.get_one(Transcript, 1)
        cast = queries.cast_of(slow, transcript)
        old = kept.make_rows(transcript, cast, kept.load(slow, transcript))
        edit(editing, 1, text="Free?")
        assert words(engine) == 21

        kept.keep(slow, old)

    assert kept_revision(editing) == 1
    assert words(engine) == 21


def test_two_who_compute_the_same_at_once_leave_one_result(engine: Engine, editing) -> None:
    edit(editing, 1, text="Free?")
    with Session(engine) as one, Session(engine) as other:
        for session in (one, other):
            begin_snapshot(session)
            transcript = session.get_one(Transcript, 1)
            read_figures(session, transcript, queries.cast_of(session, transcript))
    bring_up_to_date(engine, 1)

    assert editing.scalar(select(func.count()).select_from(DebateFigures)) == 1
    assert outdated(editing) == []


def counts(session: Session) -> tuple[int, int]:
    transcript = session.get_one(Transcript, 1, populate_existing=True)
    return transcript.segment_count, transcript.reviewed_count


def test_how_much_is_reviewed_is_counted_by_every_edit(editing: Session) -> None:
    assert counts(editing) == (3, 0)
    edit(editing, 2, reviewed=True)
    assert counts(editing) == (3, 1)
    split(editing, 2)
    assert counts(editing) == (4, 2)

    transcript = editing.get_one(Transcript, 1)
    first, second = (editing.get_one(Segment, 1), editing.get_one(Segment, 2))
    versions = {row.id: row.version for row in (first, second)}
    merge_segments(editing, first, second, versions, author(editing, "m"))
    assert counts(editing) == (3, 1)

    versions = {row.id: row.version for row in (first, second)}
    undo(editing, transcript, versions, author(editing, "u"))
    assert counts(editing) == (4, 2)
    queries.recount(editing, transcript)
    assert counts(editing) == (4, 2)


def test_marks_of_several_editors_at_the_same_moment_are_all_counted(
    engine: Engine, editing: Session
) -> None:
    gate = Barrier(3)

    def mark(number: int) -> None:
        with Session(engine) as session:
            segment = session.get_one(Segment, number)
            gate.wait(timeout=20)
            by = author(session, f"r{number}")
            change_segment(session, segment, "mark_reviewed", lambda: {"reviewed": True}, 1, by)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(mark, (1, 2, 3)))

    assert counts(editing) == (3, 3)


def test_one_command_makes_all_that_is_kept_anew(engine: Engine, editing: Session) -> None:
    edit(editing, 2, reviewed=True)
    editing.execute(update(Transcript).values(segment_count=7, reviewed_count=7))
    editing.execute(update(DebateFigures).values(producer="debate-stats 0.0.1", body=b"?"))
    editing.commit()

    assert rebuild(editing) == 1
    assert counts(editing) == (3, 1)
    assert words(engine) == 27
    assert (rebuild(editing), rebuild(editing, everything=True)) == (0, 1)


def test_a_person_in_many_debates_is_computed_a_few_debates_at_a_time(
    engine: Engine,
    editing: Session,
    make_job: Callable[..., Path],
    root: Path,
) -> None:
    for number in range(4):
        path = make_job(f"job-{number}", duration=13.0 + number)
        register(editing, LocalStore(str(root)), str(path))
    ana = add_person(editing, "Ana")
    for speaker in editing.scalars(select(Speaker).where(Speaker.label == "SPEAKER_00")):
        by = author(editing, "n")
        assign_label(editing, speaker, lambda: ana, 1, by)

    found = []
    for _ in range(3):
        with Session(engine) as session:
            begin_snapshot(session)
            record = read_record(session, session.get_one(Person, ana.id), editor=True)
            found.append((len(record.appearances), record.pending))

    assert found == [(AT_ONCE, 3), (2 * AT_ONCE, 1), (5, 0)]
    assert record.word_count == 5 * 13
    assert record.total_seconds == pytest.approx(5 * 5.2)


def test_what_a_person_page_asks_does_not_grow_with_the_debates(
    engine: Engine,
    editing: Session,
) -> None:
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    ana = add_person(editing, "Ana")
    assign_label(
        editing, editing.get_one(Speaker, (1, "SPEAKER_00")), lambda: ana, 1, author(editing, "n")
    )
    words(engine)
    asked.clear()
    read_record(editing, ana, editor=True)
    assert len(asked) == 1


def _refuse(*_: object) -> None:
    raise AssertionError("figures were computed")
