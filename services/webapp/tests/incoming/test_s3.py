"""A store on S3, against a server on loopback."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import boto3
import pytest
from buckets import BUCKET
from clients import CheckedClient
from debate_contract.errors import InputNotFound, UsageFault
from debate_webapp import create_app
from debate_webapp.database.engine import make_engine
from debate_webapp.database.migrations import upgrade
from debate_webapp.editing.corrections import write_corrections
from debate_webapp.incoming.s3 import S3Store
from debate_webapp.settings import Settings
from sqlalchemy.orm import Session
from stores import PASSWORD, make_account

TRANSCRIPT = "jobs/j1/transcripts/Town_hall_transcription.json"


@pytest.fixture
def bucket(empty_bucket: str, make_job: Callable[..., Path]) -> str:
    """The store of the other tests, in a bucket."""
    client = boto3.client("s3")
    transcript = make_job("j1")
    for path in transcript.parent.parent.rglob("*.*"):
        key = path.relative_to(transcript.parent.parent.parent.parent).as_posix()
        client.upload_file(str(path), BUCKET, key)
    return empty_bucket


@pytest.fixture
def s3_editor(bucket: str, tmp_path: Path) -> Iterator[CheckedClient]:
    url = f"sqlite:///{tmp_path}/s3.sqlite3"
    env = {"STORAGE_ROOT": bucket, "DATABASE_URL": url, "SECRET_KEY": "k" * 32}
    engine = make_engine(url)
    upgrade(engine)
    with Session(engine) as session:
        make_account(session, "editor", PASSWORD)
    engine.dispose()
    app = create_app(Settings.from_env(env))
    app.test_client_class = CheckedClient
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    client.send("/sign-in", username="editor", password=PASSWORD)
    yield client
    app.extensions["debate_sessions"].kw["bind"].dispose()


@pytest.mark.parametrize("odd", ["\n", "\ud800", "\u202e"])
def test_an_address_that_cannot_be_read_is_refused(s3_editor: CheckedClient, odd: str) -> None:
    uri = f"{BUCKET}/jobs/{odd}/transcripts/x_transcription.json"
    reply = s3_editor.send_json("POST", "/api/v1/transcripts", {"uri": f"s3://{uri}"})
    assert reply.status_code == 422
    assert "cannot be seen" in reply.json["detail"]


def test_a_debate_in_a_bucket_is_found_registered_and_played(s3_editor, bucket, recording) -> None:
    uri = f"{bucket}/{TRANSCRIPT}"
    assert f'value="{uri}"' in s3_editor.get("/").text
    page = s3_editor.send("/debates", uri=uri)
    assert "Town hall: free buses" in page.text

    reply = s3_editor.get("/api/v1/media/1")

    assert reply.status_code == 302
    address = urlsplit(reply.headers["Location"])
    assert address.path.endswith("/videos/Town_hall.mp4")
    assert parse_qs(address.query)["X-Amz-Expires"] == ["3600"]
    # A role's credentials, with which it ends, are renewed when a quarter of an hour is left.
    kept = re.fullmatch(r"private, max-age=(\d+)", reply.headers["Cache-Control"])
    assert kept
    assert int(kept[1]) < 15 * 60
    with urlopen(Request(reply.headers["Location"], headers={"Range": "bytes=5-9"})) as part:
        assert (part.status, part.read()) == (206, recording.read_bytes()[5:10])
    policy = page.headers["Content-Security-Policy"]
    assert f"media-src 'self' {address.scheme}://{address.netloc};" in policy


def test_a_recording_is_named_by_its_address_in_the_bucket(s3_editor, bucket) -> None:
    s3_editor.send("/debates", uri=f"{bucket}/{TRANSCRIPT}")

    def give(key: str) -> int:
        uri = f"{bucket}/{key}"
        return s3_editor.send("/debates/1/recording", uri=uri, client_id="g").status_code

    assert give("jobs/j1/videos/none.mp4") == 404
    assert give("jobs/j1/videos/Town_hall.mp4") == 200


def test_what_is_missing_is_said_so(bucket: str) -> None:
    with pytest.raises(InputNotFound, match="does not exist"):
        S3Store(bucket).read("jobs/j9/transcripts/x_transcription.json", 1000)


def test_without_a_database_url_a_store_on_s3_is_refused() -> None:
    with pytest.raises(UsageFault, match="DATABASE_URL"):
        Settings.from_env({"STORAGE_ROOT": "s3://debates", "SECRET_KEY": "k" * 32})


def test_corrections_are_written_to_the_bucket_and_withdrawn(s3_editor, bucket, tmp_path) -> None:
    s3_editor.send("/debates", uri=f"{bucket}/{TRANSCRIPT}")
    command = {"command": "edit_text", "arguments": {"segment": 1, "text": "Free buses?"}}
    body = {**command, "versions": {1: 1}, "client_id": "one"}
    assert s3_editor.send_json("POST", "/api/v1/transcripts/1/commands", body).status_code == 200

    store = S3Store(bucket)
    with Session(make_engine(f"sqlite:///{tmp_path}/s3.sqlite3")) as session:
        write_corrections(session, store)
        assert b"Free buses?" in store.read(f"corrections/{TRANSCRIPT}", 1_000_000)
        boto3.client("s3").delete_object(Bucket=BUCKET, Key=TRANSCRIPT)
        assert write_corrections(session, store).removed == [f"corrections/{TRANSCRIPT}"]
    assert list(store.keys("corrections/")) == ["corrections/people.csv"]
