"""Files that a browser puts into the bucket itself; S3 is a server on loopback."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
import requests
from buckets import BUCKET, keys, unfinished
from clients import CheckedClient
from debate_contract.errors import BadInput, InputNotFound
from debate_webapp.settings import Settings
from debate_webapp.submitting.uploads import bucket as module
from debate_webapp.submitting.uploads.bucket import PART_BYTES, BucketUploads, Part
from debate_webapp.submitting.uploads.upload import Upload, WrongOffset
from newsrooms import FAKE
from sqlalchemy.orm import Session
from stores import make_account

RECORDING = b"\0\0\0\x20ftypisom" + bytes(PART_BYTES) + b"the end"
SIZE = len(RECORDING)


@pytest.fixture
def uploads(empty_bucket: str) -> BucketUploads:
    return BucketUploads(empty_bucket)


def put(part: Part, file: bytes = RECORDING) -> None:
    body = file[part.offset : part.offset + part.size]
    assert requests.put(part.address, body, timeout=20).status_code == 200


def sent(uploads: BucketUploads, file: bytes = RECORDING, parts: int = 99) -> Upload:
    """An upload of which so many parts are in the bucket."""
    upload = uploads.begin("Council 3.mp4", len(file), "ana")
    for part in uploads.addresses(upload, 0)[:parts]:
        put(part, file)
    return upload


def test_parts_become_the_file_and_nothing_shows_before(uploads: BucketUploads) -> None:
    upload = sent(uploads)
    source = uploads.source_of(upload)
    assert source not in keys()
    found = uploads.find(upload.upload_id)
    assert (found.offset, found.is_complete) == (SIZE, False)

    done = uploads.complete(upload.upload_id)

    assert done.is_complete
    assert uploads.find(upload.upload_id) == done
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=source)["Body"].read()
    assert body == RECORDING
    assert unfinished() == []


def test_an_address_is_for_one_part_of_its_own_length_and_soon_over(uploads: BucketUploads) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")

    first, last = uploads.addresses(upload, 0)

    assert (first.offset, first.size, last.offset, last.size) == (0, PART_BYTES, PART_BYTES, 19)
    query = parse_qs(urlsplit(last.address).query)
    assert (query["partNumber"], query["X-Amz-Expires"]) == (["2"], ["900"])
    assert query["X-Amz-SignedHeaders"] == ["content-length;host"]


def test_of_a_large_file_a_few_addresses_are_given_at_once(uploads: BucketUploads) -> None:
    upload = uploads.begin("a.mp4", 50 * 1000**3, "ana")

    given = uploads.addresses(upload, 3 * PART_BYTES)

    assert [part.offset // PART_BYTES for part in given] == [*range(3, 11)]
    for offset in (1, -PART_BYTES, upload.size, upload.size + PART_BYTES):
        with pytest.raises(WrongOffset):
            uploads.addresses(upload, offset)


def test_it_goes_on_behind_the_last_part_without_a_gap(uploads: BucketUploads) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")
    first, last = uploads.addresses(upload, 0)
    put(last)
    assert uploads.find(upload.upload_id).offset == 0
    with pytest.raises(WrongOffset) as refused:
        uploads.complete(upload.upload_id)
    assert refused.value.offset == 0

    put(first)
    assert uploads.complete(upload.upload_id).is_complete


def test_what_begins_like_no_recording_is_deleted(uploads: BucketUploads) -> None:
    upload = sent(uploads, b"%PDF-1.7 " + bytes(100))

    with pytest.raises(BadInput, match="begins like no recording"):
        uploads.complete(upload.upload_id)

    assert keys() == []
    assert unfinished() == []


def test_a_site_that_was_killed_between_the_file_and_its_check_checks_it(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sent(uploads, b"%PDF-1.7 " + bytes(100))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_check", killed)
        with pytest.raises(KeyboardInterrupt):
            uploads.complete(upload.upload_id)
    assert uploads.source_of(upload) in keys()
    assert not uploads.find(upload.upload_id).is_complete

    with pytest.raises(BadInput):
        uploads.complete(upload.upload_id)
    assert keys() == []


def test_two_who_complete_it_at_once_both_see_it_done(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sent(uploads)
    join = uploads._join

    def join_late(*arguments) -> None:
        BucketUploads(f"s3://{BUCKET}").complete(upload.upload_id)
        join(*arguments)

    monkeypatch.setattr(uploads, "_join", join_late)

    assert uploads.complete(upload.upload_id).is_complete


@pytest.mark.parametrize("parts", [0, 1])
def test_what_is_given_up_leaves_nothing_behind(uploads: BucketUploads, parts: int) -> None:
    upload = sent(uploads, parts=parts)

    uploads.forget(upload.upload_id)

    assert (keys(), unfinished()) == ([], [])
    with pytest.raises(InputNotFound):
        uploads.find(upload.upload_id)
    uploads.forget(upload.upload_id)


def test_what_nobody_finishes_is_removed_after_a_day(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, wanted = sent(uploads, parts=1), sent(uploads)
    uploads.complete(wanted.upload_id)
    uploads.forget_old(set())
    assert len(keys()) == 3

    class Tomorrow(datetime):
        @classmethod
        def now(cls, zone=UTC):
            return datetime.now(zone) + timedelta(days=1, minutes=1)

    monkeypatch.setattr(module, "datetime", Tomorrow)
    uploads.forget_old({wanted.upload_id})

    assert uploads.source_of(wanted) in keys()
    assert len(keys()) == 2
    assert unfinished() == []
    with pytest.raises(InputNotFound):
        uploads.find(old.upload_id)


def test_fifty_uploads_of_one_person_are_under_way_at_most(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("debate_webapp.submitting.uploads.upload.MOST", 2)
    uploads.begin("a.mp4", SIZE, "ana")
    uploads.begin("b.mp4", SIZE, "ana")

    with pytest.raises(BadInput, match="are under way"):
        uploads.begin("c.mp4", SIZE, "ana")
    uploads.begin("c.mp4", SIZE, "petr")


@pytest.mark.parametrize("upload_id", ["..", "", "0" * 31, "0" * 32, "../jobs"])
def test_an_id_is_no_path(uploads: BucketUploads, upload_id: str) -> None:
    with pytest.raises(InputNotFound):
        uploads.find(upload_id)


@pytest.fixture
def settings(root: Path, empty_bucket: str) -> Settings:
    url = f"sqlite:///{root / 'webapp.sqlite3'}"
    env = {"STORAGE_ROOT": empty_bucket, "SECRET_KEY": "k" * 32, "DATABASE_URL": url}
    return Settings.from_env(env | {"DEBATE_COMMAND": str(FAKE)})


def begin(client: CheckedClient) -> dict:
    body = {"name": "Council.mp4", "size": SIZE}
    return client.send_json("POST", "/api/v1/uploads", body).json


def test_a_file_is_put_into_the_bucket_and_submitted(editor: CheckedClient) -> None:
    made = begin(editor)
    assert editor.send_json("POST", made["completion"], {}).json["offset"] == 0
    given = editor.send_json("POST", made["parts"], {"offset": 0})
    assert given.headers["Cache-Control"] == "no-store"
    for part in given.json["parts"]:
        put(Part(**part))
    assert "has not arrived yet" in editor.send("/submissions", uploads=made["id"]).text

    done = editor.send_json("POST", made["completion"], {})

    assert done.json["complete"]
    editor.send("/submissions", uploads=made["id"])
    (row,) = editor.get("/api/v1/submissions").json["submissions"]
    assert row["source"] == f"jobs/.uploads/{made['id']}/Council.mp4"
    editor.send("/submissions/1/cancel")
    editor.send("/submissions/1/remove")
    assert keys() == []


def test_addresses_are_for_the_owner_alone(editor: CheckedClient, db: Session) -> None:
    made = begin(editor)
    make_account(db, "petr")
    editor.come_in("petr")

    for address in (made["parts"], made["completion"]):
        assert editor.send_json("POST", address, {"offset": 0}).status_code == 404
    assert editor.get(made["self"]).status_code == 404


def test_what_is_no_offset_is_refused_and_bytes_are_not_taken_here(editor: CheckedClient) -> None:
    made = begin(editor)
    for body in ({}, [], {"offset": "0"}, {"offset": True}):
        assert editor.send_json("POST", made["parts"], body).status_code == 400
    assert editor.send_json("POST", made["parts"], {"offset": 1}).json["offset"] == 0
    headers = {"X-CSRFToken": editor.token(), "Content-Range": f"bytes 0-3/{SIZE}"}
    assert editor.put(made["self"], data=b"ftyp", headers=headers).status_code == 409


def test_only_the_page_that_sends_parts_may_speak_to_the_bucket(
    editor: CheckedClient, aws_server: str
) -> None:
    policies = [
        editor.get(path).headers["Content-Security-Policy"] for path in ("/submissions", "/")
    ]

    assert f"connect-src 'self' {aws_server};" in policies[0]
    assert "connect-src 'self';" in policies[1]
