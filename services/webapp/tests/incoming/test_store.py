"""Nothing outside the store is ever registered or played."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from clients import CheckedClient
from debate_contract.errors import BadInput, DiskFull, InputNotFound, UsageFault
from debate_webapp.incoming.local import LocalStore
from debate_webapp.incoming.s3 import S3Store
from debate_webapp.incoming.storage import OutsideStore

Job = Callable[..., Path]


@pytest.fixture
def outside(tmp_path: Path, make_job: Job) -> Path:
    """A transcript that would be fine, beside the store."""
    path = tmp_path / "jobs" / "x" / "transcripts" / "secret_transcription.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(make_job().read_bytes())
    return path


@pytest.mark.parametrize(
    "address",
    [
        "/etc/passwd",
        "{outside}",
        "file://{outside}",
        "{root}/../jobs/x/transcripts/secret_transcription.json",
        "file://{root}/%2e%2e/jobs/x/transcripts/secret_transcription.json",
        "file://elsewhere{root}/jobs/a/transcripts/a_transcription.json",
        "file://{root}/jobs/a/transcripts/a_transcription.json?x=1",
        "s3://bucket/jobs/a/transcripts/a_transcription.json",
        "http://127.0.0.1/jobs/a/transcripts/a_transcription.json",
        "{root}",
        "{root}-other/jobs/a/transcripts/a_transcription.json",
        "jobs/\0/transcripts/a_transcription.json",
        "",
    ],
)
def test_an_address_outside_a_folder_is_refused(root: Path, outside: Path, address: str) -> None:
    with pytest.raises(OutsideStore):
        LocalStore(str(root)).key_of(address.format(root=root, outside=outside))


def test_a_link_that_leads_out_is_refused(root: Path, outside: Path) -> None:
    folder = root / "jobs" / "y" / "transcripts"
    folder.mkdir(parents=True)
    (folder / "a_transcription.json").symlink_to(outside)
    (root / "jobs" / "z").symlink_to(outside.parent.parent)
    store = LocalStore(str(root))

    for name in ("jobs/y/transcripts/a_transcription.json", f"jobs/z/transcripts/{outside.name}"):
        with pytest.raises(OutsideStore):
            store.key_of(str(root / name))
        with pytest.raises(InputNotFound):
            store.read(name, 1000)
    assert [key for key in store.keys("jobs/") if "/y/" in key or "/z/" in key] == []


def test_a_recording_replaced_by_a_link_out_of_the_store_is_not_played(
    debate: CheckedClient, root: Path, outside: Path
) -> None:
    video = next(root.glob("jobs/*/videos/*.mp4"))
    video.unlink()
    video.symlink_to(outside)

    assert debate.get("/api/v1/media/1").status_code == 404


@pytest.mark.parametrize(
    "path", ["../../../webapp.sqlite3", "/etc/passwd", "../media.json", "videos/../../x.mp4"]
)
def test_a_transcript_cannot_name_a_file_that_is_not_a_recording(
    editor: CheckedClient, make_job: Job, path: str
) -> None:
    editor.send("/debates", uri=str(make_job(media={"path": path, "source": None})))

    reply = editor.get("/api/v1/media/1")
    assert reply.mimetype == "video/mp4"  # the job's own and only recording


def test_files_of_the_application_cannot_be_registered(editor: CheckedClient, root: Path) -> None:
    for name in ("webapp.sqlite3", "jobs"):
        reply = editor.send("/debates", uri=str(root / name))
        assert reply.status_code == 422
        assert "is not a transcript" in reply.text


@pytest.mark.parametrize(
    "address",
    [
        "s3://other/jobs/a/transcripts/a_transcription.json",
        "s3://debates/other/a_transcription.json",
        "s3://debates/team/../other/a_transcription.json",
        "s3://debates/team//a_transcription.json",
        "s3://debates/team-2/a_transcription.json",
        "s3://debates/team",
        "s3://debates/team/",
        "/etc/passwd",
    ],
)
def test_an_address_outside_a_prefix_is_refused(address: str) -> None:
    with pytest.raises(OutsideStore):
        S3Store("s3://debates/team").key_of(address)


def test_a_relative_path_is_looked_up_from_here_and_from_the_root(
    root: Path, make_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_job()
    key = path.relative_to(root).as_posix()
    store = LocalStore(str(root))

    monkeypatch.chdir(root.parent)
    assert store.key_of(os.path.relpath(path)) == key
    assert store.key_of(key) == key
    assert store.key_of(f"file://{path}") == key


def test_a_file_above_the_limit_is_not_read(root: Path, make_job: Job) -> None:
    store = LocalStore(str(root))
    with pytest.raises(BadInput, match="larger than"):
        store.read(store.key_of(str(make_job())), 100)


def test_what_is_written_has_its_name_only_when_it_is_whole(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(str(root))
    store.write("corrections/people.csv", b"one")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull, match="the disk is full: free some space"):
        store.write("corrections/people.csv", b"two")
    assert [path.name for path in (root / "corrections").iterdir()] == ["people.csv"]
    assert store.read("corrections/people.csv", 10) == b"one"


def test_a_place_that_cannot_be_written_to_is_named(root: Path) -> None:
    (root / "corrections").write_text("a file in the way")
    with pytest.raises(UsageFault, match="corrections cannot be read or written: File exists"):
        LocalStore(str(root)).write("corrections/people.csv", b"one")
