"""The watched folder: what is quiet is submitted, what is over is put away with its reason."""

import os
import time
from pathlib import Path

import pytest
from debate_contract.errors import UsageFault
from debate_webapp.settings import Settings
from debate_webapp.submitting import queue
from debate_webapp.submitting.inbox import Inbox
from debate_webapp.submitting.keeper import Keeper
from newsrooms import RECORDING, Newsroom


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def keeper_of(room: Newsroom, folder: Path, quiet_seconds: float = 0.0) -> Keeper:
    keeper = room.new_keeper()
    keeper._inbox = Inbox(folder, quiet_seconds)
    return keeper


def put(folder: Path, name: str, body: bytes = RECORDING) -> Path:
    file = folder / name
    file.write_bytes(body)
    return file


def names(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def test_a_file_becomes_a_debate_and_lies_in_done(newsroom: Newsroom, folder: Path) -> None:
    put(folder, "Council.mp4")

    newsroom.until("done", keeper=keeper_of(newsroom, folder))

    assert names(folder) == ["done/Council.mp4"]
    (called,) = newsroom.calls()
    assert called["arguments"][-1] == str(folder / "Council.mp4")


def test_what_fails_lies_in_failed_with_the_sentence_beside_it(
    newsroom: Newsroom,
    folder: Path,
) -> None:
    (folder / "bad").mkdir()
    put(folder / "bad", "Council.mp4")
    keeper = keeper_of(newsroom, folder / "bad")
    newsroom.until("failed", keeper=keeper)

    assert names(folder / "bad") == ["failed/Council.mp4", "failed/Council.mp4.txt"]
    said = (folder / "bad" / "failed" / "Council.mp4.txt").read_text()
    assert said == "the address leads to a page without a recording\n"


def test_what_is_no_recording_is_put_away_at_once(newsroom: Newsroom, folder: Path) -> None:
    put(folder, "Agenda.pdf", b"%PDF-1.7")
    keeper_of(newsroom, folder).turn()

    assert newsroom.states() == []
    assert names(folder) == ["failed/Agenda.pdf", "failed/Agenda.pdf.txt"]


def test_a_file_that_is_being_copied_waits(newsroom: Newsroom, folder: Path) -> None:
    file = put(folder, "Council.mp4")
    keeper = keeper_of(newsroom, folder, quiet_seconds=0.4)
    for _ in range(3):
        keeper.turn()
        time.sleep(0.2)
        file.write_bytes(file.read_bytes() + b"more")
    keeper.turn()
    assert newsroom.states() == []

    time.sleep(0.5)
    keeper.turn()
    assert newsroom.states() == ["running"]


def test_hidden_empty_linked_and_text_files_are_left_alone(
    newsroom: Newsroom, folder: Path
) -> None:
    put(folder, ".Council.mp4.part")
    put(folder, "empty.mp4", b"")
    put(folder, "Council.mp4.txt", b"a note")
    put(folder, "Council.en.vtt", b"WEBVTT")
    (folder / "link.mp4").symlink_to(put(folder.parent, "secret.mp4"))
    before = names(folder)
    keeper_of(newsroom, folder).turn()

    assert newsroom.states() == []
    assert names(folder) == before


def test_a_file_of_the_same_name_replaces_none(newsroom: Newsroom, folder: Path) -> None:
    keeper = keeper_of(newsroom, folder)
    for states in (["done"], ["done", "done"]):
        put(folder, "Council.mp4")
        newsroom.until(*states, keeper=keeper)

    assert names(folder) == ["done/Council-2.mp4", "done/Council.mp4"]


def cancelled_in_the_middle(newsroom: Newsroom, folder: Path) -> Keeper:
    """The keeper of the folder `wait`, whose only recording was cancelled when it was begun."""
    (folder / "wait").mkdir()
    put(folder / "wait", "Council.mp4")
    keeper = keeper_of(newsroom, folder / "wait")
    keeper.turn()
    newsroom.until_it_says(1)
    newsroom.act(queue.cancel, 1)
    newsroom.until("cancelled", keeper=keeper)
    return keeper


def test_a_cancelled_file_is_not_taken_in_again(newsroom: Newsroom, folder: Path) -> None:
    keeper = cancelled_in_the_middle(newsroom, folder)
    keeper.turn()

    assert newsroom.states() == ["cancelled"]
    assert (folder / "wait" / "failed" / "Council.mp4.txt").read_text() == "it was cancelled\n"


def test_what_is_cancelled_while_it_waits_is_put_away(newsroom: Newsroom, folder: Path) -> None:
    put(folder, "Council.mp4")
    keeper = keeper_of(newsroom, folder)
    newsroom.submit("wait")
    keeper.turn()
    newsroom.act(queue.cancel, 2)
    keeper.turn()

    assert newsroom.states() == ["running", "cancelled"]
    assert names(folder) == ["failed/Council.mp4", "failed/Council.mp4.txt"]


def test_what_failed_is_tried_again_from_where_it_lies(newsroom: Newsroom, folder: Path) -> None:
    keeper = cancelled_in_the_middle(newsroom, folder)

    newsroom.go()
    newsroom.act(queue.try_again, 1)
    newsroom.until("done", keeper=keeper)

    assert names(folder / "wait") == ["done/Council.mp4"]


def test_a_full_queue_goes_on_and_the_rest_waits_in_the_folder(
    newsroom: Newsroom, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_WAITING", 2)
    for number in range(4):
        put(folder, f"{number}.mp4")

    newsroom.until(*["done"] * 4, keeper=keeper_of(newsroom, folder))


def test_a_file_that_cannot_be_put_away_stops_nothing_else(
    newsroom: Newsroom, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(folder, "Agenda.pdf", b"%PDF-1.7")
    put(folder, "Council.mp4")
    (folder / "failed").write_text("no folder")
    newsroom.submit("talk")
    keeper = keeper_of(newsroom, folder)

    newsroom.until("done", "done", keeper=keeper)
    keeper.turn()

    assert names(folder) == ["Agenda.pdf", "done/Council.mp4", "failed"]
    assert caplog.text.count("Agenda.pdf") == 1


def test_a_name_that_is_no_text_is_put_away_with_the_reason(
    newsroom: Newsroom, folder: Path
) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/Zased\xe1n\xed.mp4")).write_bytes(RECORDING)
    put(folder, "Council.mp4")
    newsroom.until("done", keeper=keeper_of(newsroom, folder))

    (reason,) = (folder / "failed").glob("*.txt")
    assert "its name is not UTF-8" in reason.read_text()


@pytest.mark.parametrize("name", ["100%25.mp4", "a%00b.mp4", "two\nlines.mp4"])
def test_a_files_title_is_its_name_on_one_line(newsroom: Newsroom, folder: Path, name: str) -> None:
    put(folder, name)
    newsroom.until("done", keeper=keeper_of(newsroom, folder))

    assert newsroom.row(1).title == name.replace("\n", " ")


def test_the_longest_name_is_put_away_beside_its_reason(newsroom: Newsroom, folder: Path) -> None:
    keeper = keeper_of(newsroom, folder)
    for _ in range(2):
        put(folder, "á" * 125 + ".mp4", b"%PDF-1.7")
        keeper.turn()

    kept = {file for file in names(folder) if file.endswith(".mp4")}
    assert len(kept) == 2
    assert {f"{file}.txt" for file in kept} == set(names(folder)) - kept


def test_what_a_browser_or_a_copy_has_not_finished_waits(newsroom: Newsroom, folder: Path) -> None:
    for end in ("part", "crdownload", "filepart", "tmp"):
        put(folder, f"Council.mp4.{end}")
    keeper_of(newsroom, folder).turn()

    assert newsroom.states() == []


def test_a_file_that_was_replaced_meanwhile_is_another_recording(
    newsroom: Newsroom, folder: Path
) -> None:
    (folder / "wait").mkdir()
    put(folder / "wait", "Council.mp4")
    keeper = keeper_of(newsroom, folder / "wait")
    keeper.turn()
    newsroom.until_it_says(1)
    put(folder / "wait", "Council.mp4", RECORDING * 2)
    newsroom.go()
    newsroom.until("done", "done", keeper=keeper)

    assert names(folder / "wait") == ["done/Council.mp4"]


def test_a_folder_that_is_away_stops_nothing_else(newsroom: Newsroom, folder: Path) -> None:
    folder.rmdir()
    folder.write_text("a file where the share was")
    newsroom.submit("talk")

    newsroom.until("done", keeper=keeper_of(newsroom, folder))


@pytest.mark.parametrize("place", [".", "jobs", "uploads/x", "submissions"])
def test_the_stores_own_files_are_no_inbox(tmp_path: Path, place: str) -> None:
    """They would be put away: the database, the secret, what others are uploading."""
    env = {"STORAGE_ROOT": str(tmp_path), "INBOX": str(tmp_path / place)}

    with pytest.raises(UsageFault, match="a folder of its own"):
        Settings.from_env(env)
    Settings.from_env(env | {"INBOX": str(tmp_path / "inbox")})


def test_a_bucket_has_no_inbox() -> None:
    env = {"STORAGE_ROOT": "s3://b", "DATABASE_URL": "sqlite:///x", "SECRET_KEY": "k" * 32}

    with pytest.raises(UsageFault, match="needs a local store"):
        Settings.from_env(env | {"INBOX": "/inbox"})
