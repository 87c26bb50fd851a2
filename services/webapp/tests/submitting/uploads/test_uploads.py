"""Files in parts: what has arrived stays, what does not follow is told where to go on."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from clients import CheckedClient
from debate_contract.errors import BadInput, DiskFull, InputNotFound
from debate_webapp.submitting.uploads import folder as in_folder
from debate_webapp.submitting.uploads import upload as module
from debate_webapp.submitting.uploads.folder import FolderUploads
from debate_webapp.submitting.uploads.upload import WrongOffset, safe_name
from newsrooms import RECORDING
from sqlalchemy.orm import Session
from stores import make_account
from werkzeug.test import TestResponse

SIZE = len(RECORDING)


@pytest.fixture
def uploads(tmp_path: Path) -> FolderUploads:
    return FolderUploads(tmp_path)


def test_parts_become_the_file_and_nothing_shows_before(
    uploads: FolderUploads, tmp_path: Path
) -> None:
    upload = uploads.begin("Council.mp4", SIZE, "ana")
    uploads.add(upload, 0, RECORDING[:1000])
    assert not list(tmp_path.glob("uploads/*/Council.mp4"))

    assert not uploads.find(upload.upload_id).is_complete
    done = uploads.add(upload, 1000, RECORDING[1000:])

    assert done.is_complete
    assert (tmp_path / uploads.source_of(done)).read_bytes() == RECORDING


def test_a_part_that_does_not_follow_is_told_where_to_go_on(uploads: FolderUploads) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")
    uploads.add(upload, 0, RECORDING[:1000])

    for offset in (0, 999, 1001):
        with pytest.raises(WrongOffset) as refused:
            uploads.add(upload, offset, RECORDING[:1000])
        assert refused.value.offset == 1000


def test_a_part_of_what_another_window_completed_is_there(uploads: FolderUploads) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")
    done = uploads.add(upload, 0, RECORDING)

    assert uploads.add(upload, 1000, RECORDING[1000:]) == done
    assert (uploads.root / uploads.source_of(done)).read_bytes() == RECORDING


def test_of_two_who_send_the_same_part_one_is_late(uploads: FolderUploads) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")

    def add(_: int) -> bool:
        try:
            uploads.add(upload, 0, RECORDING[:1000])
        except WrongOffset:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(8))) == 1
    assert uploads.find(upload.upload_id).offset == 1000


def test_what_is_beyond_the_size_or_no_recording_is_refused(uploads: FolderUploads) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")
    with pytest.raises(BadInput, match="begins like no recording"):
        uploads.add(upload, 0, b"#!/bin/sh\nrm -rf /\n")
    with pytest.raises(BadInput, match="goes beyond"):
        uploads.add(upload, 0, RECORDING + b"x")
    assert uploads.find(upload.upload_id).offset == 0


@pytest.mark.parametrize("size", [0, -1, module.LARGEST + 1])
def test_a_size_that_no_recording_has_is_refused(uploads: FolderUploads, size: int) -> None:
    with pytest.raises(BadInput, match="50 GB"):
        uploads.begin("a.mp4", size, "ana")


def test_room_is_looked_for_before(uploads: FolderUploads, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_folder, "KEPT_FREE", 10**18)

    with pytest.raises(DiskFull, match="there is no room"):
        uploads.begin("a.mp4", SIZE, "ana")
    assert not (uploads.root / "uploads").exists()


def test_a_disk_that_fills_up_leaves_what_was_there(
    uploads: FolderUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")
    uploads.add(upload, 0, RECORDING[:1000])
    write = os.pwrite

    def full(part: int, body: bytes, offset: int) -> int:
        if offset > 1000:
            raise OSError(28, "No space left on device")
        return write(part, body[:10], offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        uploads.add(upload, 1000, RECORDING[1000:2000])

    assert uploads.find(upload.upload_id).offset == 1000


def test_a_file_that_had_come_whole_when_the_site_was_killed_is_complete(
    uploads: FolderUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or when its folder had no room for the name: nothing is left to be sent."""
    upload = uploads.begin("a.mp4", SIZE, "ana")
    with monkeypatch.context() as killed:
        killed.setattr(Path, "rename", Mock(side_effect=OSError(28, "No space left on device")))
        with pytest.raises(OSError, match="No space"):
            uploads.add(upload, 0, RECORDING)

    found = uploads.find(upload.upload_id)
    assert found.is_complete
    assert (uploads.root / uploads.source_of(found)).read_bytes() == RECORDING


def test_what_nobody_goes_on_with_is_removed_after_a_day(uploads: FolderUploads) -> None:
    upload, wanted, fresh = (uploads.begin(f"{n}.mp4", SIZE, "ana") for n in range(3))
    yesterday = time.time() - module.LASTS_SECONDS - 1
    for one in (upload, wanted):
        folder = uploads.root / "uploads" / one.upload_id
        for file in (*folder.iterdir(), folder):
            os.utime(file, (yesterday, yesterday))

    uploads.forget_old({wanted.upload_id})

    kept = {folder.name for folder in (uploads.root / "uploads").iterdir()}
    assert kept == {wanted.upload_id, fresh.upload_id}


def test_room_is_promised_to_one_only(
    uploads: FolderUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = in_folder.KEPT_FREE + 3 * SIZE // 2
    monkeypatch.setattr(in_folder.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    first = uploads.begin("a.mp4", SIZE, "ana")

    with pytest.raises(DiskFull, match="there is no room"):
        uploads.begin("b.mp4", SIZE, "petr")
    uploads.add(first, 0, RECORDING)
    uploads.begin("b.mp4", SIZE, "petr")  # the disk says by itself what the first one has


def test_what_nobody_goes_on_with_keeps_no_room(
    uploads: FolderUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SimpleNamespace(free=in_folder.KEPT_FREE + 3 * SIZE // 2)
    monkeypatch.setattr(in_folder.shutil, "disk_usage", lambda _: disk)
    left = uploads.begin("a.mp4", SIZE, "ana")
    long_ago = time.time() - in_folder.PROMISED_SECONDS - 1
    os.utime(uploads.root / "uploads" / left.upload_id / ".part", (long_ago, long_ago))
    uploads.begin("b.mp4", SIZE, "petr")

    disk.free = in_folder.KEPT_FREE
    with pytest.raises(DiskFull, match="there is no room"):
        uploads.add(left, 0, RECORDING)


def test_what_one_leaves_lying_about_keeps_nobody_else_from_uploading(
    uploads: FolderUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    for name in "ab":
        uploads.begin(name, SIZE, "ana")

    with pytest.raises(BadInput, match="2 uploads of yours are under way"):
        uploads.begin("c", SIZE, "ana")
    uploads.begin("c", SIZE, "petr")


def test_an_upload_that_is_removed_while_a_part_is_written_is_not_there(
    uploads: FolderUploads, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = uploads.begin("a.mp4", SIZE, "ana")
    write = os.pwrite

    def removed(part: int, body: bytes, offset: int) -> int:
        uploads.forget(upload.upload_id)
        return write(part, body, offset)

    monkeypatch.setattr(os, "pwrite", removed)
    with pytest.raises(InputNotFound, match="no such upload"):
        uploads.add(upload, 0, RECORDING)


@pytest.mark.parametrize("upload_id", ["..", "", "x" * 32, "0" * 31, "0" * 32 + "\n", "../jobs"])
def test_an_id_is_no_path(uploads: FolderUploads, upload_id: str) -> None:
    with pytest.raises(InputNotFound):
        uploads.find(upload_id)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Council 3.mp4", "Council 3.mp4"),
        ("../../etc/passwd", "passwd.media"),
        ("C:\\Videos\\Rada.MKV", "Rada.mkv"),
        (".hidden", "recording.hidden"),
        ("Zasedání č. 5.mp4", "Zasedání č. 5.mp4"),
        ("", "recording.media"),
        ("a\0b\n.mp4", "a_b.mp4"),
        ("x" * 300 + ".mp4", "x" * 80 + ".mp4"),
        ("part", "part.media"),
        ("about.json", "about.json"),
        ("CON: <b>who?</b>  5 + 6.mp4", "b_ 5 + 6.mp4"),
        ("- rf.mp4", "rf.mp4"),
        ("Zaseda\u0301ni\u0301.mp4", "Zasedání.mp4"),
        ("हिन्दी बहस.mp4", "हिन्दी बहस.mp4"),
        ("council\u202e4pm.exe", "council_4pm.exe"),
    ],
)
def test_names_are_never_trusted(typed: str, name: str) -> None:
    assert safe_name(typed) == name


def begin(client: CheckedClient, name: str = "Council.mp4", size: int = SIZE) -> TestResponse:
    return client.send_json("POST", "/api/v1/uploads", {"name": name, "size": size})


def put(client: CheckedClient, address: str, first: int, body: bytes, size: int = SIZE):
    span = f"bytes {first}-{first + len(body) - 1}/{size}"
    headers = {"X-CSRFToken": client.token(), "Content-Range": span}
    return client.put(address, data=body, headers=headers, content_type="application/octet-stream")


def test_a_file_is_sent_and_submitted(editor: CheckedClient, root: Path) -> None:
    made = begin(editor)
    assert made.status_code == 201
    address = made.json["self"]
    assert put(editor, address, 0, RECORDING[:3000]).json["offset"] == 3000
    late = put(editor, address, 0, RECORDING[:3000])
    assert (late.status_code, late.json["offset"]) == (409, 3000)
    unfinished = editor.send("/submissions", uploads=made.json["id"])
    assert "has not arrived yet" in unfinished.text
    assert put(editor, address, 3000, RECORDING[3000:]).json["complete"]

    page = editor.send("/submissions", uploads=made.json["id"])

    assert "Council.mp4" in page.text
    (row,) = editor.get("/api/v1/submissions").json["submissions"]
    assert (root / row["source"]).read_bytes() == RECORDING
    editor.send("/submissions/1/cancel")
    editor.send("/submissions/1/remove")
    assert not list(root.glob("uploads/*"))


def test_what_is_no_recording_leaves_nothing_behind(editor: CheckedClient, root: Path) -> None:
    made = begin(editor, "letter.pdf", 100)
    answer = put(editor, made.json["self"], 0, b"%PDF-1.7" + bytes(92), 100)

    assert answer.status_code == 422
    assert "begins like no recording" in answer.json["detail"]
    assert not list(root.glob("uploads/*"))


def test_ranges_and_bodies_that_do_not_fit_are_refused(editor: CheckedClient) -> None:
    address = begin(editor).json["self"]
    headers = {"X-CSRFToken": editor.token()}
    assert editor.put(address, data=RECORDING, headers=headers).status_code == 400
    assert put(editor, address, 0, RECORDING[:10], SIZE + 1).status_code == 400
    headers["Content-Range"] = f"bytes 0-99/{SIZE}"
    assert editor.put(address, data=b"x", headers=headers).status_code == 400
    for body in ({}, [], {"name": "x", "size": "1"}, {"name": "x", "size": True}):
        assert editor.send_json("POST", "/api/v1/uploads", body).status_code == 400
    assert begin(editor, size=10**14).status_code == 422


def test_an_upload_is_its_owners(editor: CheckedClient, db: Session) -> None:
    address = begin(editor).json["self"]
    make_account(db, "petr")
    editor.come_in("petr")

    assert editor.get(address).status_code == 404
    assert put(editor, address, 0, RECORDING).status_code == 404
    assert editor.send("/submissions", uploads=address[-32:]).status_code == 404


def submitted(editor: CheckedClient) -> str:
    """The address of an upload that was submitted as submission 1."""
    address = str(begin(editor).json["self"])
    put(editor, address, 0, RECORDING)
    editor.send("/submissions", uploads=address[-32:])
    return address


def test_what_is_in_the_queue_is_not_given_up_below_it(editor: CheckedClient, root: Path) -> None:
    address = submitted(editor)

    answer = editor.delete(address, headers={"X-CSRFToken": editor.token()})

    assert answer.status_code == 409
    assert "cancel it there" in answer.json["detail"]
    assert len(list(root.glob("uploads/*/Council.mp4"))) == 1


def test_a_file_submitted_twice_stays_as_long_as_either_is_there(
    editor: CheckedClient, root: Path
) -> None:
    address = submitted(editor)
    editor.send("/submissions/1/cancel")
    editor.send("/submissions", uploads=address[-32:])
    editor.send("/submissions/1/remove")
    assert len(list(root.glob("uploads/*/Council.mp4"))) == 1

    editor.send("/submissions/2/cancel")
    editor.send("/submissions/2/remove")
    assert not list(root.glob("uploads/*"))


def test_it_is_given_up(editor: CheckedClient, root: Path) -> None:
    address = begin(editor).json["self"]

    assert editor.delete(address, headers={"X-CSRFToken": editor.token()}).mimetype != "text/html"
    assert editor.get(address).status_code == 404
    assert not list(root.glob("uploads/*"))
