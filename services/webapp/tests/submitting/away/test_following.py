"""Jobs on AWS, followed by the queue: how far they are, what they cost, how they end."""

import io
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from debate_contract.errors import StageError, TemporaryFault, UsageFault
from debate_webapp.database.base import now
from debate_webapp.database.models import Transcript
from debate_webapp.submitting import queue
from debate_webapp.submitting.away import follower
from debate_webapp.submitting.away.report import cost_of, progress_of
from debate_webapp.submitting.queue import State
from jobs_elsewhere import Elsewhere, report
from sqlalchemy import select


def test_how_far_a_job_is_and_what_it_cost_is_asked_for(elsewhere: Elsewhere) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: report()})

    elsewhere.look()

    row = elsewhere.row(1)
    assert (row.state, row.finished_at) == ("away", None)
    assert row.report
    assert row.report["stages"][1]["progress"]["fraction"] == 0.25
    assert cost_of(row.report) == "about $0.12"


def test_a_finished_job_is_a_debate_by_itself(
    elsewhere: Elsewhere, make_job: Callable[..., Path], root: Path
) -> None:
    (job_id,) = elsewhere.hand_in("council")
    make_job(job_id)
    (elsewhere.root / "store").exists() or (elsewhere.root / "store").symlink_to(root)
    elsewhere.say(**{job_id: report("done", "stats")})

    elsewhere.look()

    row = elsewhere.row(1)
    assert (row.state, row.page) == ("done", "/debates/1")
    with elsewhere.sessions() as session:
        assert session.scalars(select(Transcript.title)).all() == ["Town hall: free buses"]


@pytest.mark.parametrize("fault", [UsageFault, TemporaryFault])
def test_what_is_wrong_with_the_store_ends_no_job_and_keeps_no_other_waiting(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, fault: type[StageError]
) -> None:
    first, second = elsewhere.hand_in("council", "town-hall")
    elsewhere.say(**{one: report("done", "stats") for one in (first, second)})

    def register(_session: object, _store: object, folder: str) -> str:
        if first in folder:
            raise fault("the AWS credentials for s3://debates have expired")
        return "/debates/7"

    monkeypatch.setattr(follower, "register_job", register)
    for _ in range(2):  # the first may be of one that was asked for before both were handed in
        with pytest.raises(fault):
            elsewhere.look()

    assert elsewhere.states() == ["away", "done"]


def test_failures_are_told_though_aws_cannot_be_asked(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.hand_in("council")
    told: list[object] = []
    monkeypatch.setattr(elsewhere.keeper, "_teller", SimpleNamespace(turn=told.append))
    monkeypatch.setattr(elsewhere.keeper._follower, "turn", refuse)

    with pytest.raises(OSError, match="no such program"):
        elsewhere.keeper.turn()

    assert len(told) == 1


def refuse(*_: object) -> None:
    raise OSError("no such program")


def test_a_failed_job_says_why(elsewhere: Elsewhere) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: report("failed", "download", message="The recording is private.")})

    elsewhere.look()

    assert (elsewhere.row(1).state, elsewhere.row(1).message) == (
        "failed",
        "The recording is private.",
    )


def test_a_job_that_nobody_knows_any_more_is_over(elsewhere: Elsewhere) -> None:
    elsewhere.hand_in("council")
    elsewhere.say()

    elsewhere.look()

    assert (elsewhere.row(1).state, elsewhere.row(1).message) == ("failed", "no such job")


def test_an_answer_about_an_attempt_before_this_one_is_not_heard(elsewhere: Elsewhere) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: report("failed", "download")})
    asking = elsewhere.keeper._follower
    asking._next_look = 0.0
    elsewhere._turn_until(lambda: asking._question is not None)
    asking._question.child.wait()

    with elsewhere.sessions() as session:  # AWS said so first, and somebody tried again
        row = queue.find(session, 1)
        queue.move(session, row, queue.ELSEWHERE, State.FAILED)
        queue.try_again(session, row)
        queue.move(session, row, [State.WAITING], State.AWAY, started_at=now())
        session.commit()
    elsewhere.keeper.turn()

    assert elsewhere.states() == ["away"]


def test_what_was_handed_in_as_nobody_knows_which_job_can_be_tried_again(
    elsewhere: Elsewhere,
) -> None:
    elsewhere.submit("silent")

    elsewhere.until("failed")

    assert "did not say as which job" in elsewhere.row(1).message


def test_a_restart_goes_on_following(elsewhere: Elsewhere) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.keeper.stop()
    elsewhere.keeper = elsewhere.new_keeper()
    elsewhere.say(**{job_id: report()})

    elsewhere.look()

    assert elsewhere.row(1).report


def test_however_many_jobs_a_few_are_asked_for_at_a_time_each_in_its_turn(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follower, "AT_ONCE", 2)
    ids = elsewhere.hand_in(*(f"talk-{n}" for n in range(5)))
    elsewhere.say(**{job_id: report() for job_id in ids})
    for keeper in elsewhere.keepers:  # what was asked while they were handed in
        keeper._follower._looked.clear()
    before = len(elsewhere.asked("status"))

    for _ in range(3):
        elsewhere.look()
    for _ in range(100):  # as many looks of the queue: none is due
        elsewhere.keeper.turn()

    asked = [call[2:] for call in elsewhere.asked("status")[before:]]
    assert [len(one) for one in asked] == [2, 2, 2]
    assert {job_id for one in asked for job_id in one} == {*ids}


def test_a_report_that_says_the_same_changes_nothing_on_the_page(elsewhere: Elsewhere) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: report()})
    elsewhere.look()
    with elsewhere.sessions() as session:
        before = queue.read_revision(session)

    elsewhere.look()

    with elsewhere.sessions() as session:
        assert queue.read_revision(session) == before


def test_where_it_cannot_be_asked_for_the_job_stays(
    elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere.hand_in("council")

    elsewhere.look()

    assert elsewhere.states() == ["away"]
    assert "ended with 75 about jobs elsewhere: debate: AWS could not serve it" in caplog.text


def test_a_question_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["sleep", "60"])
    question = follower.Question(child, io.BytesIO(), io.BytesIO(), is_look=True)
    assert not question.is_over()

    monkeypatch.setattr(follower, "LONGEST", -1.0)

    assert question.is_over()
    assert child.returncode == -signal.SIGKILL


def test_an_answer_without_end_is_not_read_to_it(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: report("failed", "download", message="on and on " * 100)})
    monkeypatch.setattr(follower, "MOST_BYTES", 500)

    elsewhere.look()

    assert elsewhere.states() == ["away"]
    assert "cannot be asked for" in caplog.text


def test_the_last_lines_of_a_job_are_shown_as_text(elsewhere: Elsewhere) -> None:
    said = ["fetching the model", "\x1b[31m<b>careful</b>\x1b[0m\nand more"]
    job = report()
    job["stages"][1]["lines"] = said
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: job})

    elsewhere.look()

    kept = elsewhere.row(1).report
    assert kept
    assert progress_of(kept).lines == ("fetching the model", "<b>careful</b> and more")
