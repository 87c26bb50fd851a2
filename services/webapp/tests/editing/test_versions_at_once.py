"""Deciding on a new version while others edit, decide or register: nothing lost, nothing double."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from debate_contract.errors import TemporaryFault
from debate_webapp.database.models import Edit, Segment, Transcript, User
from debate_webapp.editing.carrying import accepting
from debate_webapp.editing.carrying.accepting import accept
from debate_webapp.editing.edits import change_segment
from debate_webapp.editing.log import Author
from debate_webapp.errors import StaleVersion
from debate_webapp.incoming.imports import register
from debate_webapp.incoming.local import LocalStore
from debate_webapp.reading.queries import find_to_change
from debate_webapp.reading.versions import DoesNotCount
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from stores import TEXTS, make_account


class Versions:
    """Version 1 with a corrected first segment, and what two people do at the same moment."""

    def __init__(self, engine: Engine, root: Path, make_job: Callable[..., Path]) -> None:
        self.engine, self.store, self.make_job = engine, LocalStore(str(root)), make_job
        with Session(engine) as session:
            for name in ("ana", "petr"):
                make_account(session, name, "a long password")
        self.register()

    def register(self, **changes: Any) -> None:
        with Session(self.engine) as session:
            register(session, self.store, str(self.make_job(**changes)))

    def correct(self, number: int, text: str, editor: str = "ana") -> None:
        with Session(self.engine) as session:
            segment, user = session.get_one(Segment, number), self.user(session, editor)
            author = Author(user, f"{editor} {text}")
            change_segment(session, segment, "edit_text", lambda: {"text": text}, 1, author)

    def accept(self, editor: str = "ana") -> None:
        with Session(self.engine) as session:
            newer = session.scalars(select(Transcript).filter_by(version=2)).one()
            accept(session, newer, frozenset(), Author(self.user(session, editor), editor))

    @staticmethod
    def user(session: Session, name: str) -> User:
        return session.scalars(select(User).filter_by(username=name)).one()

    def at_once(self, *actions: Callable[[], None]) -> list[Exception | None]:
        gate = Barrier(len(actions))

        def act(action: Callable[[], None]) -> Exception | None:
            gate.wait()
            try:
                action()
            except (DoesNotCount, StaleVersion, TemporaryFault) as error:
                return error
            return None

        with ThreadPoolExecutor(len(actions)) as pool:
            return list(pool.map(act, actions))

    def texts(self, version: int) -> list[str]:
        with Session(self.engine) as session:
            found = select(Segment.text).join(Transcript, Transcript.id == Segment.transcript_id)
            rows = found.where(Transcript.version == version, ~Segment.removed)
            return list(session.scalars(rows.order_by(Segment.start, Segment.id)))

    def counting(self) -> list[int]:
        with Session(self.engine) as session:
            query = select(Transcript.version).where(Transcript.counts.is_(True))
            return list(session.scalars(query))


@pytest.fixture
def versions(engine: Engine, root: Path, make_job: Callable[..., Path]) -> Versions:
    return Versions(engine, root, make_job)


def test_two_editors_who_accept_at_once_accept_once(versions: Versions) -> None:
    versions.correct(1, "Free trams?")
    versions.register(language="cs")

    said = versions.at_once(lambda: versions.accept("ana"), lambda: versions.accept("petr"))

    assert said == [None, None]
    assert versions.texts(2) == ["Free trams?", *TEXTS[1:]]
    with Session(versions.engine) as session:
        made = session.scalars(select(Edit.command).filter_by(transcript_id=2)).all()
    assert sorted(made) == ["count", "edit_text"]


def test_a_correction_made_while_another_editor_accepts_is_carried_or_refused(
    versions: Versions,
) -> None:
    versions.correct(1, "Free trams?")
    versions.register(language="cs")

    accepted, corrected = versions.at_once(
        lambda: versions.accept("ana"), lambda: versions.correct(2, "No.", "petr")
    )

    assert accepted is None
    assert versions.counting() == [2]
    second = TEXTS[1] if corrected else "No."
    assert versions.texts(2) == ["Free trams?", second, TEXTS[2]]


def test_a_first_correction_made_while_a_new_version_is_registered_counts_or_is_refused(
    versions: Versions,
) -> None:
    _, corrected = versions.at_once(
        lambda: versions.register(language="cs"), lambda: versions.correct(1, "Free trams?")
    )

    if corrected is None:
        assert versions.counting() == [1]
        assert versions.texts(1)[0] == "Free trams?"
    else:
        assert versions.counting() == [2]


def test_a_stop_in_the_middle_leaves_all_as_it_was(
    versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    versions.correct(1, "Free trams?")
    versions.register(language="cs")

    class Stopped(Exception):
        pass

    def stop(*_arguments: object, **_more: object) -> None:
        raise Stopped

    with monkeypatch.context() as stopping:
        stopping.setattr(accepting, "log_count", stop)
        with pytest.raises(Stopped):
            versions.accept()
    assert versions.counting() == [1]
    assert versions.texts(2) == TEXTS

    versions.accept()
    assert versions.counting() == [2]
    assert versions.texts(2)[0] == "Free trams?"


def test_two_who_wait_for_each_others_versions_both_get_there(
    postgres_engine: Engine, root: Path, make_job: Callable[..., Path]
) -> None:
    versions = Versions(postgres_engine, root, make_job)
    versions.correct(1, "A correction.")
    versions.register(duration=13.0)
    with Session(postgres_engine) as other, ThreadPoolExecutor() as elsewhere:
        find_to_change(other, 1, editor=True)
        accepted = elsewhere.submit(versions.accept)  # holds version 2, waits for version 1
        with pytest.raises(TimeoutError):
            accepted.result(timeout=0.5)
        find_to_change(other, 2, editor=True)
        other.rollback()
        accepted.result(timeout=20)
        assert other.get_one(Transcript, 2).counts
