"""What is cancelled: at once while it waits, by the machine of its process while it is at work."""

import os
import subprocess
import time

import pytest
from debate_contract.errors import BadInput
from debate_webapp.submitting import keeper as module
from debate_webapp.submitting import lease, queue, runs
from newsrooms import Newsroom, alive


def test_what_waits_is_cancelled_at_once(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("talk")
    newsroom.act(queue.cancel, row)
    newsroom.keeper.turn()

    assert newsroom.states() == ["cancelled"]
    assert not (newsroom.control / "calls.jsonl").exists()


def test_what_is_under_way_is_asked_to_stop_and_goes_on_when_tried_again(
    newsroom: Newsroom,
) -> None:
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    pid = newsroom.until_it_says(row)
    newsroom.act(queue.cancel, row)
    newsroom.until("cancelled")
    assert not alive(pid)
    job = newsroom.row(row).job_id

    newsroom.go()
    newsroom.act(queue.try_again, row)
    newsroom.until("done")

    assert newsroom.row(row).job_id == job


def test_a_site_that_is_restarted_while_a_job_stops_leaves_it_its_time(newsroom: Newsroom) -> None:
    """The front door kills its stage when it is asked twice."""
    (row,) = newsroom.submit("wait/slow")
    newsroom.keeper.turn()
    newsroom.until_it_says(row)
    newsroom.act(queue.cancel, row)
    newsroom.keeper.turn()
    newsroom.keeper.stop()

    other = newsroom.new_keeper()
    for _ in range(3):
        other.turn()
        time.sleep(0.1)
    assert (newsroom.control / "stops").read_text() == "asked\n"
    assert newsroom.states() == ["stopping"]
    newsroom.go()
    newsroom.until("done", keeper=other)


def test_what_does_not_stop_is_asked_once_more(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ASKED_AGAIN_AFTER", 0.2)
    (row,) = newsroom.submit("wait/slow")
    newsroom.keeper.turn()
    newsroom.until_it_says(row)
    newsroom.act(queue.cancel, row)

    newsroom.until("cancelled")


def test_only_the_machine_of_a_process_stops_it(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two machines, or two containers, on one store: each has another process of that number."""
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    pid = newsroom.until_it_says(row)
    with newsroom.sessions() as session:
        lease.give_up(session, newsroom.keeper._holder)
    for one in (runs, module):
        monkeypatch.setattr(one, "HOST", "another")
    elsewhere = newsroom.new_keeper()
    newsroom.act(queue.cancel, row)
    elsewhere.turn()
    time.sleep(0.2)
    assert alive(pid)
    assert newsroom.states() == ["stopping"]

    monkeypatch.undo()
    newsroom.keeper.turn()
    newsroom.until_it_ended(row)
    newsroom.until("cancelled", keeper=elsewhere)


def test_what_is_cancelled_while_its_job_is_noted_is_stopped(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.submit("wait")
    newsroom.keeper.turn()
    newsroom.until_it_says(1)
    look_after = newsroom.keeper._look_after

    def late(*arguments) -> bool:
        newsroom.act(queue.cancel, 1)
        return look_after(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(newsroom.keeper, "_look_after", late)
        newsroom.keeper.turn()

    assert newsroom.states() == ["stopping"]
    newsroom.until("cancelled")


def test_what_another_left_behind_is_cancelled_too(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("wait")
    newsroom.keeper.turn()
    newsroom.until_it_says(row)
    newsroom.keeper.stop()
    newsroom.act(queue.cancel, row)

    other = newsroom.new_keeper()
    other.turn()
    newsroom.until_it_ended(row)
    newsroom.until("cancelled", keeper=other)
    assert len(newsroom.calls()) == 1


def test_who_is_asked_to_stop_is_never_a_process_of_an_earlier_run(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "_SHELL", "exec sleep 60")  # has not come to say who it is
    (row,) = newsroom.submit("wait")
    run = newsroom.front_door.run_of(newsroom.row(row))
    run.folder.mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        (run.folder / "pid").write_text(f"{stranger.pid} {runs.HOST}")
        child = run.start("debate", [], {"PATH": os.environ["PATH"]})
        assert child
        run.ask_to_stop()
        time.sleep(0.1)
        assert stranger.poll() is None
        stranger.kill()
    child.kill()
    child.wait()


def test_what_is_over_cannot_be_cancelled_nor_what_waits_be_removed(newsroom: Newsroom) -> None:
    (row,) = newsroom.submit("talk")
    with pytest.raises(BadInput, match="cancel it first"):
        newsroom.act(queue.remove, row)
    with pytest.raises(BadInput, match="only what failed or was cancelled"):
        newsroom.act(queue.try_again, row)
    newsroom.until("done")
    with pytest.raises(BadInput, match="nothing to cancel"):
        newsroom.act(queue.cancel, row)

    newsroom.act(queue.remove, row)
    assert newsroom.states() == []
