"""From a submission to a debate: one after the other, and how each ends."""

import errno
import time
from unittest.mock import Mock

import pytest
from debate_webapp.submitting import keeper as module
from debate_webapp.submitting.front_door import FrontDoor
from debate_webapp.submitting.runs import Run
from newsrooms import Newsroom


def test_one_after_the_other_becomes_a_debate(newsroom: Newsroom) -> None:
    first, _ = newsroom.submit("wait", "second")
    newsroom.keeper.turn()
    newsroom.keeper.turn()
    assert newsroom.states() == ["running", "waiting"]

    newsroom.go()
    newsroom.until("done", "done")

    assert newsroom.row(first).page == "/debates/1"
    assert newsroom.row(first).job_id.startswith("20261128T120000Z-")


def test_as_many_side_by_side_as_the_setting_says(newsroom: Newsroom) -> None:
    newsroom.submit("wait/1", "wait/2", "wait/3")
    keeper = newsroom.new_keeper(at_once=2)
    keeper.turn()

    assert newsroom.states() == ["running", "running", "waiting"]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("bad", "the address leads to a page without a recording"),
        ("full", "download: the disk is full; make room there, then try again"),
    ],
)
def test_what_fails_says_so_in_the_front_doors_own_sentence(
    newsroom: Newsroom, source: str, sentence: str
) -> None:
    (row,) = newsroom.submit(source)
    newsroom.until("failed")

    assert newsroom.row(row).message == sentence


def test_what_it_says_is_kept_as_text_of_one_line(newsroom: Newsroom) -> None:
    """No database keeps NUL, and colours of a terminal are none on a page."""
    (row,) = newsroom.submit("noise")
    newsroom.until("failed")

    assert newsroom.row(row).message == "the page says red and more"
    assert newsroom.row(row).job_id == ""


def test_a_fault_of_ours_ends_no_keeper(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(module, "AFTER_A_FAULT", 0.01)
    faults = iter([KeyError("a fault"), UnicodeError("another")])
    turn = newsroom.keeper.turn

    def faulty() -> None:
        if fault := next(faults, None):
            raise fault
        turn()

    monkeypatch.setattr(newsroom.keeper, "turn", faulty)
    newsroom.submit("talk")
    newsroom.keeper.start()
    deadline = time.monotonic() + 20
    while newsroom.states() != ["done"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    newsroom.keeper.stop()

    assert "a fault" in caplog.text


def test_one_that_fails_takes_no_other_with_it(newsroom: Newsroom) -> None:
    newsroom.submit("bad", "talk")

    newsroom.until("failed", "done")


def test_on_a_full_disk_nothing_is_begun_until_there_is_room(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.submit("talk", "2")
    with monkeypatch.context() as full:
        full.setattr(FrontDoor, "is_full", True)
        newsroom.keeper.turn()
        assert newsroom.states() == ["waiting", "waiting"]

    newsroom.until("done", "done")


def test_what_finds_no_room_to_begin_begins_when_there_is_some(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.submit("talk", "2")
    with monkeypatch.context() as full:
        full.setattr(Run, "start", Mock(side_effect=OSError(errno.ENOSPC, "no space left")))
        newsroom.keeper.turn()
        newsroom.keeper.turn()
        assert newsroom.states() == ["running", "waiting"]

    newsroom.until("done", "done")
