"""Failures told: a webhook and a mail server on loopback, once for all that fail together."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from debate_webapp.database.base import now
from debate_webapp.database.models import FailedJob, Submission
from debate_webapp.submitting import queue
from debate_webapp.submitting.queue import State
from debate_webapp.telling import failures
from debate_webapp.telling.channels import Webhook, sign
from debate_webapp.telling.teller import Teller
from hooks import SECRET, Hook, fail, turn
from newsrooms import Newsroom


def test_what_failed_together_is_told_once_and_signed(newsroom: Newsroom, hook: Hook) -> None:
    fail(newsroom, "a", "b", "c")
    teller = Teller([Webhook(hook.url, SECRET)], "https://debates.example")

    turn(newsroom, teller, 5)

    ((headers, body),) = hook.got
    told = json.loads(body)
    assert [one["title"] for one in told["failures"]] == [f"x.example/{n}" for n in "abc"]
    assert told["failures"][0]["sentence"] == "x.example/a is private"
    assert told["page"] == "https://debates.example/submissions"
    at = headers["X-Debate-Time"]
    assert abs(time.time() - int(at)) < 30
    assert headers["X-Debate-Signature"] == sign(SECRET, at, body)
    assert sign(SECRET, at, body + b" ") != sign(SECRET, at, body)


def test_a_minute_is_waited_for_the_rest_of_the_list(newsroom: Newsroom, hook: Hook) -> None:
    fail(newsroom, "a", ago=120)
    fail(newsroom, "b", ago=5)
    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None))

    assert hook.got == []


def test_what_goes_on_failing_is_told_after_ten_minutes_all_the_same(
    newsroom: Newsroom, hook: Hook
) -> None:
    fail(newsroom, "a", ago=11 * 60)
    fail(newsroom, "b", ago=5)
    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None))

    assert len(hook.got) == 1


def test_what_does_not_arrive_is_told_again_and_no_more_than_that(
    newsroom: Newsroom, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    fail(newsroom, "a")
    hook.statuses = [500, 204]
    teller = Teller([Webhook(hook.url, SECRET)], None)
    turn(newsroom, teller)
    for _ in range(2):
        with newsroom.sessions() as session:
            teller.turn(session)  # not before a minute is over
    assert len(hook.got) == 1
    assert "answers with 500" in caplog.text

    turn(newsroom, teller, 5)

    assert len(hook.got) == 2


def test_what_is_old_or_was_told_before_a_restart_is_not_told(
    newsroom: Newsroom, hook: Hook
) -> None:
    fail(newsroom, "a")
    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None))
    fail(newsroom, "old", ago=2 * 24 * 3600)

    turn(newsroom, Teller([Webhook(hook.url, SECRET)], None), 4)

    assert len(hook.got) == 1


def test_what_fails_again_is_told_again(newsroom: Newsroom) -> None:
    (row_id,) = fail(newsroom, "a")
    with newsroom.sessions() as session:
        failures.note_told(session, failures.list_untold(session))
        assert failures.list_untold(session) == []

    fail_again(newsroom, row_id)

    with newsroom.sessions() as session:
        assert len(failures.list_untold(session)) == 1


def fail_again(newsroom: Newsroom, row_id: int) -> None:
    newsroom.act(queue.try_again, row_id)
    with newsroom.sessions() as session:
        ended = {"finished_at": now() - timedelta(seconds=90), "message": "it is private"}
        queue.move(session, queue.find(session, row_id), [State.WAITING], State.FAILED, **ended)
        session.commit()


def test_what_failed_again_before_the_first_time_was_entered_is_told_again(
    newsroom: Newsroom, hook: Hook
) -> None:
    (row_id,) = fail(newsroom, "a")
    teller = Teller([Webhook(hook.url, SECRET)], None)
    turn(newsroom, teller, 1)  # it was told; nobody entered it yet

    fail_again(newsroom, row_id)
    turn(newsroom, teller, 3)

    assert [json.loads(body)["failures"][0]["sentence"] for _, body in hook.got] == [
        "x.example/a is private",
        "it is private",
    ]


def test_a_job_of_a_terminal_is_told_and_one_that_was_submitted_here_once(
    newsroom: Newsroom,
) -> None:
    (row_id,) = fail(newsroom, "a")
    with newsroom.sessions() as session:
        session.get_one(Submission, row_id).job_id = "7"
        at = datetime.now(UTC) - timedelta(minutes=5)
        for job, folder in (("own", "7"), ("list", "8")):
            place = f"s3://debates/jobs/{folder}/transcripts"
            words = "3 of 10 recordings failed"
            session.add(FailedJob(job_id=job, name=job, transcripts=place, sentence=words, at=at))
        session.commit()

        told = failures.list_untold(session)

        assert [one.key for one in told] == [("submission", row_id), ("job", "list")]


def test_a_hundred_jobs_of_the_queue_do_not_hide_one_of_a_terminal(newsroom: Newsroom) -> None:
    ids = fail(newsroom, *(f"talk-{n}" for n in range(100)))
    with newsroom.sessions() as session:
        at = datetime.now(UTC) - timedelta(minutes=5)
        for row_id in (*ids, 9999):
            if row_id in ids:
                session.get_one(Submission, row_id).job_id = str(row_id)
            place = f"s3://debates/jobs/{row_id}/transcripts"
            session.add(
                FailedJob(job_id=f"j{row_id}", name="", transcripts=place, sentence="", at=at)
            )
            at += timedelta(seconds=1)
        session.commit()

        told = failures.list_untold(session)

    assert [one.key for one in told if one.key[0] == "job"] == [("job", "j9999")]


def test_the_keeper_tells_though_nothing_is_in_the_queue(newsroom: Newsroom, hook: Hook) -> None:
    fail(newsroom, "a")
    newsroom.keeper._teller = Teller([Webhook(hook.url, SECRET)], None)

    newsroom.keeper.turn()

    (line,) = newsroom.keeper._teller.lines
    assert line.thread
    line.thread.join(20)
    assert len(hook.got) == 1
