"""Keepers come and go: what one left behind the next goes on with, and of two one works."""

import os
import signal

import pytest
from debate_webapp.submitting import queue
from debate_webapp.submitting.front_door import FrontDoor
from newsrooms import Newsroom, alive


def test_another_keeper_goes_on_with_what_the_first_left_behind(newsroom: Newsroom) -> None:
    """As after `kill -9` of the site: the job works on, and the queue of five loses nothing."""
    first, *_ = newsroom.submit("wait", "1", "2", "3", "4")
    newsroom.keeper.turn()
    pid = newsroom.until_it_says(first)
    newsroom.keeper.stop()  # no child of the next one's

    other = newsroom.new_keeper()
    other.turn()
    assert alive(pid)
    assert newsroom.states() == ["running", *["waiting"] * 4]
    newsroom.go()
    newsroom.until(*["done"] * 5, keeper=other)

    sources = [call["arguments"][-1].rpartition("/")[2] for call in newsroom.calls()]
    assert sources == ["wait", "1", "2", "3", "4"]


def test_how_it_ended_is_known_though_nobody_saw_it(newsroom: Newsroom) -> None:
    """As while the site is down, or where another process than its parent works the queue."""
    (row,) = newsroom.submit("bad")
    newsroom.keeper.turn()
    newsroom.until_it_ended(row)
    newsroom.keeper.stop()

    newsroom.until("failed", keeper=newsroom.new_keeper())

    assert newsroom.row(row).message == "the address leads to a page without a recording"
    assert len(newsroom.calls()) == 1


def test_the_end_of_an_earlier_try_is_not_taken_for_the_next_ones(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("bad")
    newsroom.until("failed")
    newsroom.act(queue.try_again, row)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FrontDoor, "start", killed)
        with pytest.raises(KeyboardInterrupt):
            newsroom.keeper.turn()
    newsroom.keeper.stop()
    newsroom.until("failed", keeper=newsroom.new_keeper())

    assert len(newsroom.calls()) == 2


def test_what_was_killed_with_the_site_is_started_again(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    pid = newsroom.until_it_says(row)
    os.kill(pid, signal.SIGKILL)
    newsroom.until_it_ended(row)
    newsroom.keeper.stop()

    newsroom.go()
    newsroom.until("done", keeper=newsroom.new_keeper())


def test_of_two_keepers_one_works(newsroom: Newsroom) -> None:
    newsroom.submit("wait", "wait/2")
    other = newsroom.new_keeper()
    for keeper in (newsroom.keeper, other, newsroom.keeper, other):
        keeper.turn()

    assert newsroom.states() == ["running", "waiting"]


def test_whoever_finds_the_front_door_at_work_starts_no_second_one(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    newsroom.until_it_says(row)

    assert newsroom.front_door.start(newsroom.row(row), {}) is None
