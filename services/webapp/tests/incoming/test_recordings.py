"""A debate whose transcript came alone gets its recording by its address in the store."""

from collections.abc import Callable
from pathlib import Path
from shutil import copyfile

import pytest
from clients import CheckedClient
from commands import command
from debate_webapp.database.models import Edit
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

ELSEWHERE = "archive/Town hall.mp4"


@pytest.fixture
def mute(
    editor: CheckedClient, make_job: Callable[..., Path], root: Path, recording: Path
) -> CheckedClient:
    """A debate without a recording, which lies in another folder of the store."""
    transcript = make_job()
    for video in transcript.parents[1].glob("videos/*"):
        video.unlink()
    (root / "archive").mkdir()
    copyfile(recording, root / ELSEWHERE)
    editor.send("/debates", uri=str(transcript))
    return editor


def give(client: CheckedClient, uri: str, client_id: str = "g") -> TestResponse:
    return client.send("/debates/1/recording", uri=uri, client_id=client_id)


def test_a_recording_that_is_named_is_played_and_its_figures_stay(
    mute: CheckedClient, root: Path, recording: Path
) -> None:
    assert "The recording is not in the store" in mute.get("/debates/1").text
    page = give(mute, f" {root}/{ELSEWHERE} ").text
    assert "Saved: the debate is played from there." in page
    assert '<video id="player"' in page
    assert mute.get("/api/v1/media/1").data == recording.read_bytes()
    assert command(mute, "edit_text", 1, 1, text="Still edited.").status_code == 200


def test_who_names_it_twice_does_so_once_and_it_is_in_the_log(
    mute: CheckedClient, db: Session
) -> None:
    for client_id in ("a", "a", "b"):
        assert give(mute, ELSEWHERE, client_id).status_code == 200
    (edit,) = db.scalars(select(Edit))
    assert (edit.command, edit.arguments) == ("give_recording", {"key": ELSEWHERE})
    assert edit.inverse["key"] is None
    assert mute.get("/api/v1/transcripts/1/changes?since=0").json["segments"] == []


@pytest.mark.parametrize(
    ("uri", "status", "said"),
    [
        ("/etc/passwd", 403, "not inside the store"),
        ("../outside.mp4", 403, "not inside the store"),
        ("s3://another/place.mp4", 403, "not inside the store"),
        ("archive/none.mp4", 404, "does not exist"),
        ("archive", 422, "is no recording"),
        ("archive/notes.txt", 422, "is no recording"),
        ("jobs/.uploads/half.mp4", 422, "is no recording"),
        ("archive/folder.mp4", 422, "folder.mp4"),
    ],
)
def test_what_is_none_is_refused_in_a_sentence(
    mute: CheckedClient, root: Path, uri: str, status: int, said: str
) -> None:
    (root / "archive/notes.txt").write_text("none")
    (root / "archive/folder.mp4").mkdir()
    (root / "jobs/.uploads").mkdir(parents=True)
    (root / "jobs/.uploads/half.mp4").write_bytes(b"\0")
    reply = give(mute, uri)
    assert reply.status_code == status
    assert said in reply.text
    assert "The recording is not in the store" in mute.get("/debates/1").text


def test_a_new_transcription_is_played_from_there_too(
    mute: CheckedClient, make_job: Callable[..., Path]
) -> None:
    give(mute, ELSEWHERE)
    transcript = make_job(duration=13.0)
    for video in transcript.parents[1].glob("videos/*"):
        video.unlink()
    mute.send("/debates", uri=str(transcript))
    assert mute.get("/api/v1/media/2").status_code == 200


def test_readers_are_offered_nothing_to_fill_in(mute: CheckedClient) -> None:
    mute.send("/debates/1/publication/on", client_id="on")
    page = mute.application.test_client().get("/debates/1").text
    assert "The recording is not in the store" in page
    assert "/debates/1/recording" not in page


def register_again(client: CheckedClient, make_job: Callable[..., Path], duration: float) -> None:
    """Another transcription, which comes without a recording too."""
    transcript = make_job(duration=duration)
    for video in transcript.parents[1].glob("videos/*"):
        video.unlink()
    client.send("/debates", uri=str(transcript))


def test_a_new_transcription_of_sound_alone_has_no_picture_either(
    mute: CheckedClient, make_job: Callable[..., Path], root: Path
) -> None:
    copyfile(root / ELSEWHERE, root / "archive/Town hall.mp3")
    give(mute, "archive/Town hall.mp3")
    assert "sound-only" in mute.get("/debates/1").text
    register_again(mute, make_job, 13.0)
    assert "sound-only" in mute.get("/debates/2").text


@pytest.mark.parametrize("way", ["count", "carrying"])
def test_a_version_that_waited_is_played_from_there_once_it_counts(
    mute: CheckedClient, make_job: Callable[..., Path], way: str
) -> None:
    command(mute, "edit_text", 1, 1, text="A correction.")
    register_again(mute, make_job, 13.0)
    give(mute, ELSEWHERE)
    mute.send(f"/debates/2/{way}", client_id="over", everything="1")
    assert mute.get("/api/v1/transcripts/2").json["counts"] is True
    assert mute.get("/api/v1/media/2").status_code == 200


@pytest.mark.parametrize("uri", [f"{'x' * 300}.mp4", "a\x00b.mp4", "%2e%2e/x.mp4", "archive/", "."])
def test_what_is_no_name_of_a_file_is_refused(mute: CheckedClient, uri: str) -> None:
    assert give(mute, uri).status_code in (400, 403, 404, 422)
