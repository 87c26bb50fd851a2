"""The queue: what gets into it, what is removed, and who may work it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from debate_contract.errors import BadInput, InputNotFound
from debate_webapp.database.models import Submission
from debate_webapp.submitting import lease, queue
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.wishes import Wishes
from newsrooms import Newsroom
from sqlalchemy import Engine
from sqlalchemy.orm import Session


def test_a_source_in_the_queue_is_not_queued_twice(newsroom: Newsroom) -> None:
    assert newsroom.submit("talk", "talk2") == newsroom.submit("talk", "talk2")


def test_a_source_given_twice_at_once_is_queued_once(newsroom: Newsroom) -> None:
    first, again = newsroom.submit("talk", "talk")

    assert first == again
    assert newsroom.states() == ["waiting"]


def test_what_is_in_the_queue_again_is_not_tried_again_beside_itself(newsroom: Newsroom) -> None:
    (failed,) = newsroom.submit("bad")
    newsroom.until("failed")
    newsroom.submit("bad")

    with pytest.raises(BadInput, match="in the queue again"):
        newsroom.act(queue.try_again, failed)
    assert newsroom.states() == ["failed", "waiting"]


def test_the_queue_has_an_end(newsroom: Newsroom) -> None:
    newsroom.submit(*map(str, range(queue.MOST_WAITING)))

    with pytest.raises(BadInput, match="200 recordings wait already"):
        newsroom.submit("one-more")


@pytest.mark.parametrize("act", [queue.cancel, queue.try_again, queue.remove])
def test_what_another_removed_meanwhile_is_not_there(newsroom: Newsroom, act: Any) -> None:
    (row_id,) = newsroom.submit("talk")
    newsroom.act(queue.cancel, row_id)
    with newsroom.sessions() as session:
        row = queue.find(session, row_id)
        newsroom.act(queue.remove, row_id)

        with pytest.raises(InputNotFound, match="no such submission"):
            act(session, row)


def test_one_removed_before_its_turn_comes_holds_up_no_other(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = newsroom.submit("1", "2")
    seen = queue.list_live

    def removed_after_the_look(session: Session) -> list[Submission]:
        rows = seen(session)
        if len(newsroom.states()) == 2:
            newsroom.act(queue.cancel, first)
            newsroom.act(queue.remove, first)
        return rows

    monkeypatch.setattr(queue, "list_live", removed_after_the_look)
    newsroom.keeper.turn()

    assert newsroom.states() == ["running"]


def test_what_is_forgotten_leaves_no_folder_behind(newsroom: Newsroom) -> None:
    gone, kept = newsroom.submit("talk", "talk2")
    newsroom.until("done", "done")
    folders = [newsroom.front_door.run_of(newsroom.row(row)).folder for row in (gone, kept)]
    newsroom.act(queue.remove, gone)
    for folder in folders:
        os.utime(folder, (0, 0))

    newsroom.keeper.tidy()

    assert [folder.exists() for folder in folders] == [False, True]


def test_an_upload_waits_a_week_for_being_tried_again(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.submit("bad", "talk")
    newsroom.until("failed", "done")
    with newsroom.sessions() as session:
        assert [row.state for row in queue.list_wanted(session)] == ["failed"]
        monkeypatch.setattr(queue, "WANTED_FOR", timedelta(0))
        assert queue.list_wanted(session) == []


def test_a_file_that_another_submission_waits_for_outlives_the_first(newsroom: Newsroom) -> None:
    file = newsroom.root / "uploads" / ("0" * 32) / "wait.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"ftyp")
    with newsroom.sessions() as session:
        for _ in range(2):
            (row,) = queue.submit(session, [str(file.relative_to(newsroom.root))], Wishes())
            row.state = State.FAILED
            session.commit()
        for row in session.query(Submission):
            row.state = State.WAITING
        session.commit()
    newsroom.go()
    while newsroom.states()[0] != "done":
        newsroom.keeper.turn()
        time.sleep(0.02)
    assert file.exists()

    newsroom.until("done", "done")
    assert not file.exists()


def test_the_list_is_bounded(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MOST_KEPT", 2)
    newsroom.submit("1", "2", "3")

    newsroom.until("done", "done")


def test_the_lease_is_one_processs_until_it_runs_out_on_both_databases(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Session(engine) as one, Session(engine) as two:
        assert lease.take(one, "one")
        assert not lease.take(two, "two")
        assert lease.take(one, "one")

        at = lease.now()
        monkeypatch.setattr(lease, "now", lambda: at + lease.LASTS)
        assert lease.take(two, "two")
        assert not lease.take(one, "one")

        lease.give_up(two, "two")
        assert lease.take(one, "one")


def test_of_two_who_submit_the_same_at_once_one_waits_for_the_other(engine: Engine) -> None:
    source = ["https://x.example/1"]

    def submit_too() -> int:
        with Session(engine) as session:
            (row,) = queue.submit(session, source, Wishes())
            session.commit()
            return row.id

    with ThreadPoolExecutor(1) as pool, Session(engine) as session:
        (row,) = queue.submit(session, source, Wishes())
        late = pool.submit(submit_too)
        with pytest.raises(TimeoutError):
            late.result(0.3)
        session.commit()
        assert late.result(10) == row.id


def test_the_queue_works_on_postgresql_too(engine: Engine) -> None:
    with Session(engine) as session:
        (row,) = queue.submit(session, ["https://x.example/1"], Wishes())
        session.commit()
        assert queue.move(session, row, [State.WAITING], State.RUNNING)
        assert not queue.move(session, row, [State.WAITING], State.RUNNING)
        queue.cancel(session, row)
        assert [one.state for one in queue.list_live(session)] == ["stopping"]
        queue.move(session, row, queue.UNDER_WAY, State.CANCELLED)
        queue.forget_oldest(session)
        queue.remove(session, row)
        session.commit()
