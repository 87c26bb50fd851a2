"""Jobs on AWS, followed by the queue: how far they are, what they cost, how they end."""

import io
import json
import math
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from clients import CheckedClient
from debate_contract.errors import StageError, TemporaryFault, UsageFault
from debate_webapp import create_app
from debate_webapp.database.base import now
from debate_webapp.database.models import Transcript
from debate_webapp.incoming.local import LocalStore
from debate_webapp.settings import Settings
from debate_webapp.submitting import queue
from debate_webapp.submitting.away import follower
from debate_webapp.submitting.away.report import cost_of, parse_reports, progress_of
from debate_webapp.submitting.front_door import FrontDoor
from debate_webapp.submitting.keeper import Keeper
from debate_webapp.submitting.queue import State
from newsrooms import FAKE, Newsroom
from sqlalchemy import select


def report(state: str = "running", stage: str = "transcribe", **more: Any) -> dict[str, Any]:
    """A job as `debate status --json` says it (contracts/status), what the site reads of it."""
    step = {"step": "speech_recognition", "message": "", "fraction": 0.25, "done": 1, "total": 4}
    names = ("download", "transcribe", "stats")
    stages = [
        {"name": name, "state": "pending", "progress": step if name == stage else None}
        for name in names
    ]
    job = {"state": state, "stage": stage, "message": "", "cost_estimate_usd": 0.123}
    return job | {"stages": stages} | more


class Elsewhere(Newsroom):
    """A queue whose front door hands jobs in elsewhere, and what is said of them there."""

    def hand_in(self, *names: str) -> list[str]:
        """Submit so many; the ids of their jobs."""
        ids = self.submit(*names)
        self.until(*["away"] * len(self.states()))
        return [self.row(row_id).job_id for row_id in ids]

    def say(self, **jobs: dict[str, Any]) -> None:
        file = self.control / "elsewhere.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        file.write_text(json.dumps(known | jobs))

    def look(self) -> None:
        """Have all asked and answered that is due."""
        self.keeper._follower._next_look = 0.0
        before = len(self.calls())
        self._turn_until(lambda: len(self.calls()) > before)
        self._turn_until(lambda: self.keeper._follower._question is None)

    def _turn_until(self, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not done():
            assert time.monotonic() < deadline
            self.keeper.turn()
            time.sleep(0.02)

    def asked(self, command: str) -> list[list[str]]:
        return [call["arguments"] for call in self.calls() if call["arguments"][0] == command]

    def new_keeper(self, at_once: int = 1) -> Keeper:
        self.front_door = FrontDoor("s3://debates", str(FAKE))
        keeper = super().new_keeper(at_once)
        keeper._follower._store = LocalStore(str(self.root / "store"))
        return keeper


@pytest.fixture
def elsewhere(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    (newsroom.root / "runs").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(newsroom.root / "runs"))
    newsroom.control.rmdir()
    room = Elsewhere(newsroom.root, newsroom.sessions)
    yield room
    room.end()
    for keeper in room.keepers:
        keeper._follower.stop()


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


def test_why_a_job_cannot_be_cancelled_is_in_the_log(
    elsewhere: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    elsewhere.hand_in("council")
    elsewhere.act(queue.cancel, 1)

    elsewhere.look()

    assert elsewhere.states() == ["recalled"]
    assert "AWS could not serve it" in caplog.text


def test_a_question_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen(["sleep", "60"])
    question = follower.Question(child, io.BytesIO(), io.BytesIO(), is_look=True)
    assert not question.is_over()

    monkeypatch.setattr(follower, "LONGEST", -1.0)

    assert question.is_over()
    assert child.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    "document",
    [
        b"", b"[]", b"{}", b'{"cost_basis": "", "jobs": [{}]}', b"[" * 100_000, b"7",
        b'{"schema_version": "2.0", "cost_basis": "", "jobs": [], "missing": []}',
        b'{"cost_basis": "", "jobs": "all", "missing": []}',
    ],
)  # fmt: skip
def test_what_is_no_status_is_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"no status of jobs|Expecting value|reads 1\.x only"):
        parse_reports(document)


@pytest.mark.parametrize(
    "wrong",
    [
        {"stages": []}, {"stages": "download"}, {"stages": [{"name": "download"}]},
        {"stages": [{"name": "download", "state": "running", "progress": "half"}]},
    ],
)  # fmt: skip
def test_what_no_page_could_show_is_refused(wrong: dict[str, Any]) -> None:
    jobs = [report() | {"job_id": "7"} | wrong]
    with pytest.raises(ValueError, match="no status of jobs"):
        parse_reports(json.dumps({"cost_basis": "", "jobs": jobs, "missing": []}).encode())


@pytest.mark.parametrize(
    "number", [math.nan, math.inf, -1.0, pytest.param(10**400, id="1e400"), True, "1", [1]]
)
def test_a_number_that_is_none_is_not_known(number: object) -> None:
    job = report() | {"job_id": "7", "cost_estimate_usd": number}
    job["stages"][1]["progress"]["fraction"] = number
    document = json.dumps({"cost_basis": None, "jobs": [job], "missing": []}).encode()

    found = parse_reports(document)[0]["7"]

    assert cost_of(found) == ""
    share = progress_of(found).share
    assert share is None or share == number


def test_what_strangers_wrote_is_kept_as_one_line_that_every_database_bears(
    elsewhere: Elsewhere,
) -> None:
    (job_id,) = elsewhere.hand_in("council")
    said = "half \ud800, none \0, \x1b[31mred\x1b[0m,\u202e turned\n" + "on and on " * 10_000
    elsewhere.say(**{job_id: report("failed", "download", message=said)})

    elsewhere.look()

    row = elsewhere.row(1)
    assert row.message.startswith("half , none , red, turned on and on")
    assert len(row.message) <= 3000
    assert row.report
    assert row.report["message"] == row.message


def test_an_answer_without_end_is_not_read_to_it(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (job_id,) = elsewhere.hand_in("council")
    elsewhere.say(**{job_id: report("failed", "download", message="on and on " * 100)})
    monkeypatch.setattr(follower, "MOST_BYTES", 500)

    elsewhere.look()

    assert elsewhere.states() == ["away"]
    assert "cannot be asked for" in caplog.text


@pytest.mark.parametrize(
    ("dollars", "words"), [(None, ""), (0.0, "less than a cent"), (0.01, "about $0.01")]
)
def test_what_it_cost_is_said_in_words(dollars: float | None, words: str) -> None:
    assert cost_of({"cost_estimate_usd": dollars}) == words


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
