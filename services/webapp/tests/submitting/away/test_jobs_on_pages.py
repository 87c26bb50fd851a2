"""Jobs on AWS on the pages of the queue, and what AWS's own events say of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from clients import CheckedClient
from debate_webapp import create_app
from debate_webapp.database.base import now
from debate_webapp.settings import Settings
from debate_webapp.submitting import queue
from jobs_elsewhere import report
from newsrooms import FAKE

KEY = "an-event-key-that-nobody-can-guess"


@pytest.fixture
def told(root: Path) -> Iterator[CheckedClient]:
    """An editor on a site that AWS tells of jobs, with one job elsewhere."""
    env = {"STORAGE_ROOT": str(root), "SECRET_KEY": "k" * 32, "EVENT_KEY": KEY}
    app = create_app(Settings.from_env(env | {"DEBATE_COMMAND": str(FAKE)}))
    app.test_client_class = CheckedClient
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    client.come_in("editor")
    client.send("/submissions", addresses="https://x.example/council")
    with app.extensions["debate_sessions"]() as session:
        row = queue.find(session, 1)
        queue.move(session, row, [queue.State.WAITING], queue.State.AWAY, job_id="7")
        queue.move(
            session,
            row,
            queue.ELSEWHERE,
            queue.State.AWAY,
            report=report() | {"cost_basis": "an estimate: list prices"},
        )
        session.commit()
    yield client
    app.extensions["debate_sessions"].kw["bind"].dispose()


def test_what_a_failed_job_said_last_stays_on_the_page(told: CheckedClient, root: Path) -> None:
    with told.application.extensions["debate_sessions"]() as session:
        job = report() | {"cost_basis": ""}
        job["stages"][1]["lines"] = ["<b>careful</b>", "the model does not fit"]
        queue.move(session, queue.find(session, 1), queue.ELSEWHERE, queue.State.AWAY, report=job)
        session.commit()
    box = "<pre>&lt;b&gt;careful&lt;/b&gt;\nthe model does not fit</pre>"
    assert box in told.get("/submissions").text

    tell(told, root, "FAILED")

    assert "Out of memory" in told.get("/submissions").text
    assert box in told.get("/submissions").text


def tell(
    client: CheckedClient, root: Path, status: str, at: str = "2026-11-28T14:00:00Z", **more: Any
) -> None:
    pairs = [{"name": "TRANSCRIPTS_S3_PREFIX", "value": f"{root}/jobs/7/transcripts"}]
    detail = {"jobId": "8", "jobName": "stats", "status": status, "statusReason": "Out of memory"}
    detail |= more
    event = {"source": "aws.batch", "time": at}
    body = event | {"detail": detail | {"container": {"environment": pairs}}}
    reply = client.post("/events/batch", json=body, headers={"X-Event-Key": KEY})
    assert reply.status_code == 200


def test_the_page_shows_stage_progress_and_cost_as_an_estimate(told: CheckedClient) -> None:
    page = told.get("/submissions").text

    assert "Transcription, 2 of 3" in page
    assert "speech recognition" in page
    assert "25 %" in page
    assert "about $0.12" in page
    assert "What a job costs is an estimate: list prices." in page
    assert "Cancel x.example/council" in page
    (row,) = told.get("/api/v1/submissions").json["submissions"]
    assert (row["state"], row["cost"]) == ("away", "about $0.12")
    assert row["progress"]["share"] == 0.25


def test_an_event_ends_it_at_once(
    told: CheckedClient, make_job: Callable[..., Path], root: Path
) -> None:
    make_job("7")
    tell(told, root, "SUCCEEDED")

    assert 'href="/debates/1"' in told.get("/submissions").text


def test_an_event_says_why_it_failed(told: CheckedClient, root: Path) -> None:
    for _ in range(2):
        tell(told, root, "FAILED")

    (row,) = told.get("/api/v1/submissions").json["submissions"]
    assert (row["state"], row["message"]) == ("failed", "Out of memory")


def test_a_failure_from_before_it_was_tried_again_does_not_end_it(
    told: CheckedClient, root: Path
) -> None:
    with told.application.extensions["debate_sessions"]() as session:
        row = queue.find(session, 1)
        queue.note(session, row, queue.ELSEWHERE, started_at=now())
        session.commit()
    tell(told, root, "FAILED", (now() - timedelta(minutes=5)).isoformat())
    assert told.get("/api/v1/submissions/1").json["state"] == "away"

    tell(told, root, "FAILED", (now() + timedelta(minutes=5)).isoformat())
    assert told.get("/api/v1/submissions/1").json["state"] == "failed"


@pytest.mark.parametrize("action", ["retry", "remove"])
def test_a_failure_that_is_tried_again_or_removed_is_no_news_any_more(
    told: CheckedClient, root: Path, action: str
) -> None:
    """The next job of the same recording may have another folder, whose success says nothing."""
    tell(told, root, "FAILED")
    assert "Jobs that failed lately" in told.get("/").text
    told.send(f"/submissions/1/{action}")

    assert "Jobs that failed lately" not in told.get("/").text


def test_what_was_cancelled_is_cancelled_when_aws_says_that_it_failed(
    told: CheckedClient, root: Path
) -> None:
    told.send("/submissions/1/cancel")
    assert "being cancelled on AWS" in told.get("/submissions").text
    tell(told, root, "FAILED")

    (row,) = told.get("/api/v1/submissions").json["submissions"]
    assert (row["state"], row["message"]) == ("cancelled", "")


def test_what_was_cancelled_on_a_terminal_is_cancelled_here_and_it_says_how(
    told: CheckedClient, root: Path
) -> None:
    how = {"isTerminated": True, "statusReason": "cancelled by `debate cancel`"}
    tell(told, root, "FAILED", **how)

    (row,) = told.get("/api/v1/submissions").json["submissions"]
    assert (row["state"], row["message"]) == ("cancelled", "cancelled by `debate cancel`")
