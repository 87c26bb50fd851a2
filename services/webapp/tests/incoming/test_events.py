"""A job on AWS says that it ended, and the site does what an editor would do by hand."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from clients import CheckedClient
from debate_contract.errors import BadInput, UsageFault
from debate_webapp import create_app
from debate_webapp.database.models import FailedJob, Transcript
from debate_webapp.incoming.jobs.event import parse_event
from debate_webapp.incoming.jobs.sentences import Sentences
from debate_webapp.settings import Settings
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

KEY = "an-event-key-that-nobody-can-guess"
ROOT = "s3://debates"
ID = "5f0c9a1e-0000-4000-8000-000000000000"


def event(status: str = "SUCCEEDED", **detail: Any) -> dict[str, Any]:
    """The event in the form of "AWS Batch events" in the Batch user guide."""
    return {
        "version": "0",
        "id": "c8f9c4b5-76e5-d76a-f980-7011e206042b",
        "detail-type": "Batch Job State Change",
        "source": "aws.batch",
        "account": "123456789012",
        "time": "2026-11-28T14:00:00Z",
        "region": "eu-central-1",
        "resources": [f"arn:aws:batch:eu-central-1:123456789012:job/{ID}"],
        "detail": {
            "jobId": ID,
            "jobName": "stats-town-hall",
            "jobQueue": "arn:aws:batch:eu-central-1:123456789012:job-queue/debate-analyzer-small",
            "status": status,
            "attempts": [],
            "container": {"environment": []},
        }
        | detail,
    }


def told(**environment: str) -> dict[str, Any]:
    pairs = [{"name": name, "value": value} for name, value in environment.items()]
    return {"container": {"environment": pairs}}


# --- what an event says ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("detail", "place"),
    [
        (told(TRANSCRIPTS_S3_PREFIX=f"{ROOT}/jobs/7/transcripts"), "7/transcripts"),
        (told(TRANSCRIPTS_S3_PREFIX=f"{ROOT}/jobs/7/transcripts/"), "7/transcripts"),
        (
            told(TRANSCRIPTS_S3_PREFIX=f"{ROOT}/jobs/7-{{index}}/transcripts")
            | {"jobId": "8:42", "arrayProperties": {"index": 42, "size": 100}},
            "7-42/transcripts",
        ),
        (told(VIDEO_S3_PREFIX=f"{ROOT}/jobs/7/videos"), "7/transcripts"),
        # A job with all stages, and a child of a list of such.
        ({"ecsProperties": {"taskProperties": []}}, f"{ID}/transcripts"),
        ({"jobId": f"{ID}:3", "arrayProperties": {"index": 3}}, f"{ID}-3/transcripts"),
    ],
)
def test_an_event_names_the_folder_that_its_job_wrote_to(detail: dict, place: str) -> None:
    assert parse_event(event(**detail), ROOT).transcripts == f"{ROOT}/jobs/{place}"


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        (
            {"statusReason": "Host EC2 (instance i-1) terminated."},
            "Host EC2 (instance i-1) terminated.",
        ),
        ({"container": {"reason": "OutOfMemoryError"}}, "OutOfMemoryError"),
        ({}, "AWS gives no reason"),
        (
            {"arrayProperties": {"size": 10, "statusSummary": {"SUCCEEDED": 7, "FAILED": 3}}},
            "3 of 10 recordings failed",
        ),
    ],
)
def test_why_a_job_failed_is_said_and_of_a_list_how_many_did(detail: dict, reason: str) -> None:
    assert parse_event(event("FAILED", **detail), ROOT).reason == reason


@pytest.mark.parametrize(
    "broken",
    [
        *(None, [], {}, "text", {"detail": {}}),
        *(event("RUNNING"), event(container=5), event(jobId=None)),
        *(event() | {"source": "aws.ec2"}, event() | {"time": "yesterday"}),
        *(
            event() | {"time": "0001-01-01T00:00:00+14:00"},
            event(**told(VIDEO_S3_PREFIX="s3://\0")),
        ),
    ],
)
def test_what_is_no_such_event_is_refused(broken: object) -> None:
    with pytest.raises(BadInput, match="no event of a job that ended"):
        parse_event(broken, ROOT)


# --- the site --------------------------------------------------------------------------------


@pytest.fixture
def aws(settings: Settings, tmp_path: Path) -> Any:
    """A client as EventBridge is one: a key, no cookies."""
    app = create_app(replace(settings, event_key=KEY))
    app.extensions["debate_found"].seconds = 0.0
    yield app.test_client()
    app.extensions["debate_sessions"].kw["bind"].dispose()


def send(client: FlaskClient, body: object, key: str = KEY) -> Any:
    return client.post(
        "/events/batch", json=body, headers={"X-Event-Key": key}, base_url="https://debates.example"
    )


def made_by(transcript: Path) -> dict[str, Any]:
    return told(TRANSCRIPTS_S3_PREFIX=str(transcript.parent))


def count(db: Session) -> int:
    return db.scalar(select(func.count()).select_from(Transcript)) or 0


def test_a_finished_debate_registers_itself_once(
    aws: FlaskClient, db: Session, make_job: Callable[..., Path]
) -> None:
    transcript = make_job()

    answers = [send(aws, event(**made_by(transcript))) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.json["registered"] for answer in answers] == [1, 0, 0]
    assert [one.title for one in db.scalars(select(Transcript))] == ["Town hall: free buses"]


@pytest.mark.parametrize("key", ["", KEY[:-1], f"{KEY}x", "clé"])
def test_without_the_key_nothing_happens(
    aws: FlaskClient, db: Session, make_job: Callable[..., Path], key: str
) -> None:
    body = event(**made_by(make_job()))
    answer = aws.post(
        "/events/batch",
        json=body,
        headers={"X-Event-Key": key.encode().decode("latin-1")},
        base_url="https://debates.example",
    )

    assert answer.status_code == 403
    assert count(db) == 0


def test_a_site_that_has_no_key_takes_none(client: CheckedClient) -> None:
    assert send(client, event(), "").status_code == 403


def test_an_event_leads_to_no_place_outside_the_store(aws: FlaskClient, tmp_path: Path) -> None:
    outside = event(**told(TRANSCRIPTS_S3_PREFIX=str(tmp_path / "elsewhere" / "transcripts")))

    assert send(aws, outside).status_code == 403


def test_a_transcript_that_is_none_is_refused_for_good(
    aws: FlaskClient, make_job: Callable[..., Path]
) -> None:
    transcript = make_job()
    transcript.write_text("not JSON")

    assert send(aws, event(**made_by(transcript))).status_code == 422


def test_why_a_job_failed_stands_on_the_editors_page_until_it_is_made_good(
    aws: FlaskClient, editor: CheckedClient, db: Session, make_job: Callable[..., Path]
) -> None:
    transcript = make_job()
    failed = event("FAILED", statusReason="Timeout <b>reached</b>", **made_by(transcript))
    for _ in range(2):
        assert send(aws, failed).status_code == 200

    assert len(list(db.scalars(select(FailedJob)))) == 1
    page = editor.get("/").text
    assert "stats-town-hall" in page
    assert "Timeout &lt;b&gt;reached&lt;/b&gt;" in page
    send(aws, event(jobId="another", **made_by(transcript)))
    assert "Jobs that failed lately" not in editor.get("/").text


def test_a_job_that_the_queue_gave_up_is_a_failure(
    aws: FlaskClient, editor: CheckedClient, make_job: Callable[..., Path]
) -> None:
    """No machine for six hours: nobody has asked for its end."""
    reason = "Canceled by JobStateTimeLimit action due to reason: CAPACITY:INSUFFICIENT_INSTANCE"
    failed = made_by(make_job()) | {"isCancelled": True, "statusReason": reason}
    send(aws, event("FAILED", **failed))
    assert "Jobs that failed lately" in editor.get("/").text


@pytest.mark.parametrize("flag", ["isTerminated", "isCancelled"])
def test_a_job_that_somebody_ended_on_purpose_is_no_failure(
    aws: FlaskClient, editor: CheckedClient, make_job: Callable[..., Path], flag: str
) -> None:
    ended = event("FAILED", **made_by(make_job()) | {flag: True})

    assert send(aws, ended).status_code == 200
    assert "Jobs that failed lately" not in editor.get("/").text


def test_a_job_that_was_done_before_it_could_be_ended_is_a_debate(
    aws: FlaskClient, db: Session, make_job: Callable[..., Path]
) -> None:
    send(aws, event(**made_by(make_job()) | {"isTerminated": True}))
    assert count(db) == 1


def test_a_failure_that_arrives_after_it_was_made_good_is_no_news(
    aws: FlaskClient, editor: CheckedClient, make_job: Callable[..., Path]
) -> None:
    """EventBridge delivers at least once, and in any order."""
    place = made_by(make_job())
    late = event("FAILED", jobId="first", statusReason="Timeout", **place)
    send(aws, late)
    send(aws, event(jobId="second", **place))

    assert send(aws, late).status_code == 200

    assert "Jobs that failed lately" not in editor.get("/").text
    again = event("FAILED", jobId="third", statusReason="Timeout", **place)
    send(aws, again | {"time": "2999-01-01T00:00:00Z"})
    assert "Jobs that failed lately" in editor.get("/").text


def test_a_failure_that_arrives_twice_at_once_is_kept_once(aws: FlaskClient, db: Session) -> None:
    """While the first one's sentence is looked for, nobody waits for the database either."""
    failed = event("FAILED", container={"environment": [], "logStreamName": "batch/a"})
    answers = []

    class Slow:
        def last(self, _stream: str) -> str:
            if not answers:
                answers.append(None)
                answers[0] = send(aws.application.test_client(), failed)
            return "That is no video."

    aws.application.extensions["debate_sentences"] = Slow()
    answers.append(send(aws, failed))

    assert [answer.status_code for answer in answers] == [200, 200]
    assert [row.sentence for row in db.scalars(select(FailedJob))] == ["That is no video."]


def test_an_event_nested_too_deep_is_refused(aws: FlaskClient) -> None:
    answer = aws.post(
        "/events/batch",
        data="[" * 100_000,
        content_type="application/json",
        headers={"X-Event-Key": KEY},
        base_url="https://debates.example",
    )

    assert answer.status_code == 422


def test_what_failed_in_a_list_is_kept_once_for_all_stages_unless_more_fail_later(
    aws: FlaskClient, db: Session, root: Path
) -> None:
    jobs = f"{root}/jobs/{ID}-{{index}}"
    later = {
        "transcribe": (told(VIDEO_S3_PREFIX=f"{jobs}/videos"), 2),
        "stats": (told(TRANSCRIPTS_S3_PREFIX=f"{jobs}/transcripts"), 3),
    }
    for name, (more, count) in ({"download": ({}, 2)} | later).items():
        counts = {"size": 9, "statusSummary": {"FAILED": count, "SUCCEEDED": 9 - count}}
        own = {"jobId": ID if name == "download" else name, "jobName": name}
        send(aws, event("FAILED", arrayProperties=counts, **(more | own)))

    kept = db.scalars(select(FailedJob.sentence).order_by(FailedJob.name)).all()
    assert kept == ["2 of 9 recordings failed", "3 of 9 recordings failed"]


def test_where_debates_register_themselves_the_list_reads_every_key_only_when_asked(
    settings: Settings, make_job: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    app = create_app(replace(settings, event_key=KEY))
    app.test_client_class = CheckedClient
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    client.come_in("editor")

    assert "not registered yet" not in client.get("/").text
    assert "Look in the store" in client.get("/").text
    assert "not registered yet" in client.get("/?look=1").text
    app.extensions["debate_sessions"].kw["bind"].dispose()


def test_readers_are_not_told_of_failures(aws: FlaskClient, client: CheckedClient) -> None:
    send(aws, event("FAILED", statusReason="Timeout"))

    assert "stats-town-hall" not in client.get("/").text


def test_an_event_key_that_can_be_guessed_is_refused(root: Path) -> None:
    with pytest.raises(UsageFault, match="EVENT_KEY can be guessed"):
        Settings.from_env({"STORAGE_ROOT": str(root), "EVENT_KEY": "secret"})


# --- the stage's own sentence ----------------------------------------------------------------


@pytest.fixture
def logs(aws_server: str, aws_keys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", aws_server)
    client = boto3.client("logs")
    client.create_log_group(logGroupName="/aws/batch/d")
    client.create_log_stream(logGroupName="/aws/batch/d", logStreamName="batch/a")
    lines = [
        '{"event": "failed", "message": "That\\u0000 is \\u001b[31mno\\u001b[0m video."}',
        "a line of something else",
        '{"event": "failed"}',
        "[" * 100_000,
    ]
    now = round(time.time() * 1000)
    events = [{"timestamp": now + n, "message": line} for n, line in enumerate(lines)]
    client.put_log_events(logGroupName="/aws/batch/d", logStreamName="batch/a", logEvents=events)


@pytest.mark.usefixtures("logs")
def test_the_stages_own_sentence_is_read_from_its_log() -> None:
    assert Sentences("/aws/batch/d").last("batch/a") == "That is no video."
    assert Sentences("/aws/batch/d").last("batch/none") == ""
    assert Sentences("/aws/batch/none").last("batch/a") == ""
    assert Sentences().last("batch/a") == ""
