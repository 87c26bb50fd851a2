"""Jobs on AWS that are cancelled, whatever else happens to them just then."""

from collections.abc import Callable
from typing import Any

import pytest
from debate_webapp.submitting import queue
from jobs_elsewhere import Elsewhere, report


def test_a_cancelled_job_is_taken_back_and_can_be_tried_again(elsewhere: Elsewhere) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: report()})
    elsewhere.act(queue.cancel, 1)
    assert elsewhere.states() == ["recalled"]

    elsewhere.until("cancelled")

    assert elsewhere.asked("cancel") == [["cancel", job_id]]
    assert elsewhere.row(1).message == ""
    elsewhere.act(queue.try_again, 1)
    elsewhere.until("away")
    assert elsewhere.row(1).report is None


def test_what_is_cancelled_while_it_is_handed_in_is_taken_back(elsewhere: Elsewhere) -> None:
    elsewhere.submit("council")
    elsewhere.keeper.turn()
    with elsewhere.sessions() as session:
        queue.move(session, queue.find(session, 1), queue.UNDER_WAY, queue.State.STOPPING)
        session.commit()
    for child in elsewhere.keeper._children.values():
        child.wait()

    elsewhere.keeper.turn()

    assert elsewhere.states() == ["recalled"]


def cancelling_before(elsewhere: Elsewhere, work: Callable[..., Any]) -> Callable[..., Any]:
    """Somebody cancels after the queue was listed, and before this work on it."""

    def late(*arguments: Any) -> Any:
        elsewhere.act(queue.cancel, 1)
        return work(*arguments)

    return late


def test_what_is_cancelled_while_an_answer_is_entered_stays_cancelled(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: report()})
    asking = elsewhere.keeper._follower
    with monkeypatch.context() as patch:
        patch.setattr(asking, "_enter", cancelling_before(elsewhere, asking._enter))
        elsewhere.look()

    assert elsewhere.states() == ["recalled"]
    assert elsewhere.row(1).report


def test_what_is_cancelled_while_it_is_sent_off_is_taken_back(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere.submit("council")
    elsewhere.keeper.turn()
    for child in elsewhere.keeper._children.values():
        child.wait()
    late = cancelling_before(elsewhere, elsewhere.keeper._look_after)
    monkeypatch.setattr(elsewhere.keeper, "_look_after", late)

    elsewhere.keeper.turn()

    assert elsewhere.states() == ["recalled"]


def test_why_a_job_cannot_be_cancelled_is_in_the_log(
    elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere.hand_in("council")
    elsewhere.act(queue.cancel, 1)

    elsewhere.look()

    assert elsewhere.states() == ["recalled"]
    assert "AWS could not serve it" in caplog.text
