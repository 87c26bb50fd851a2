"""Files that a browser puts into the bucket itself; S3 is a server on loopback."""

import time
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


MORE_THAN_A_DAY = timedelta(days=1, minutes=1)


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    class Then(datetime):
        @classmethod
        def now(cls, zone=UTC):
            return moment.astimezone(zone)

    monkeypatch.setattr(module, "datetime", Then)


def killed(*_: object) -> None:
    raise KeyboardInterrupt


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

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_check", killed)
        with pytest.raises(KeyboardInterrupt):
            uploads.complete(upload.upload_id)
    assert uploads.source_of(upload) in keys()
    assert not uploads.find(upload.upload_id).is_complete

    with pytest.raises(BadInput):
        uploads.complete(upload.upload_id)
    assert keys() == []


def test_a_site_that_was_killed_before_its_record_does_not_ask_s3_to_join_no_parts(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sent(uploads)
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_check", killed)
        with pytest.raises(KeyboardInterrupt):
            uploads.complete(upload.upload_id)

    # "MalformedXML" is S3's answer, which the server on loopback does not give.
    def refuse(params: dict, **_: object) -> None:
        assert b"<Part>" in params["body"], "MalformedXML"

    uploads._s3.meta.events.register("before-call.s3.CompleteMultipartUpload", refuse)

    assert uploads.complete(upload.upload_id).is_complete


def test_a_part_that_another_window_sends_once_more_meanwhile_is_asked_for_again(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = sent(uploads)
    (_, last), join = uploads.addresses(upload, 0), uploads._join

    def join_late(*arguments) -> None:
        assert requests.put(last.address, b"another end of file", timeout=20).ok
        join(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_join", join_late)
        with pytest.raises(WrongOffset) as refused:
            uploads.complete(upload.upload_id)
    assert refused.value.offset == SIZE

    assert uploads.complete(upload.upload_id).is_complete


def test_what_is_given_up_while_it_is_completed_is_gone(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload, check = sent(uploads), uploads._check

    def checked_and_given_up(*arguments) -> None:
        check(*arguments)
        uploads.forget(upload.upload_id)

    monkeypatch.setattr(uploads, "_check", checked_and_given_up)

    with pytest.raises(InputNotFound):
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

    set_clock(monkeypatch, datetime.now(UTC) + MORE_THAN_A_DAY)
    uploads.forget_old({wanted.upload_id})

    assert uploads.source_of(wanted) in keys()
    assert len(keys()) == 2
    assert unfinished() == []
    with pytest.raises(InputNotFound):
        uploads.find(old.upload_id)


def test_what_takes_longer_than_a_day_is_not_removed_while_parts_arrive(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")
    time.sleep(1.1)  # S3's times are whole seconds
    put(uploads.addresses(upload, 0)[0])
    noted, parts = uploads._noted(), uploads._with_parts(upload.upload_id)[1]
    (_, begun), arrived = *noted, parts[0]["LastModified"]
    assert begun < arrived

    set_clock(monkeypatch, arrived + timedelta(days=1, seconds=-0.5))
    uploads.forget_old(set())

    assert uploads.find(upload.upload_id).offset == PART_BYTES


def test_what_was_begun_when_the_site_was_killed_is_given_up_after_a_day(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(uploads, "_note", killed)
        with pytest.raises(KeyboardInterrupt):
            uploads.begin("a.mp4", SIZE, "ana")
    begun = datetime.now(UTC)

    # The server on loopback says of all that they were begun in 2010.
    def say_when(parsed: dict, **_: object) -> None:
        for one in parsed.get("Uploads", []):
            one["Initiated"] = begun

    uploads._s3.meta.events.register("after-call.s3.ListMultipartUploads", say_when)
    uploads.forget_old(set())
    assert len(unfinished()) == 1

    set_clock(monkeypatch, datetime.now(UTC) + MORE_THAN_A_DAY)
    uploads.forget_old(set())

    assert unfinished() == []


def test_one_whose_record_cannot_be_read_keeps_no_other_from_being_removed(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = sent(uploads, parts=1), sent(uploads, parts=1)
    about = f"jobs/.uploads/{broken.upload_id}/.about.json"
    boto3.client("s3").put_object(Bucket=BUCKET, Key=about, Body=b'{"name": "a.m')
    with pytest.raises(InputNotFound):
        uploads.find(broken.upload_id)

    set_clock(monkeypatch, datetime.now(UTC) + MORE_THAN_A_DAY)
    uploads.forget_old(set())

    assert keys() == []
    assert other.upload_id not in str(unfinished())
    uploads.forget_old(set())
    assert unfinished() == []


def test_of_very_many_a_bounded_number_is_removed_at_once(
    uploads: BucketUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        uploads.begin("a.mp4", SIZE, "ana")
    set_clock(monkeypatch, datetime.now(UTC) + MORE_THAN_A_DAY)
    monkeypatch.setattr(module, "MOST_FORGOTTEN", 2)

    left = []
    for _ in range(3):
        uploads.forget_old(set())
        left.append(len(keys()))

    assert left == [3, 1, 0]


def test_below_a_prefix_uploads_are_counted_and_removed_too(
    empty_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("debate_webapp.submitting.uploads.upload.MOST", 1)
    uploads = BucketUploads(f"{empty_bucket}/newsroom")
    sent(uploads, parts=1)
    with pytest.raises(BadInput, match="are under way"):
        uploads.begin("b.mp4", SIZE, "ana")

    set_clock(monkeypatch, datetime.now(UTC) + MORE_THAN_A_DAY)
    uploads.forget_old(set())

    assert (keys(), unfinished()) == ([], [])


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
    token = {"X-CSRFToken": editor.token(), "Content-Type": "application/json"}
    assert editor.post(made["parts"], data="[" * 100_000, headers=token).status_code == 400
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
