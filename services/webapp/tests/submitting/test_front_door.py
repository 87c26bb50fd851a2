"""The front door: which program it is, what it gets, and where it works."""

import os
from pathlib import Path

import pytest
from debate_webapp.submitting import front_door
from debate_webapp.submitting.front_door import FrontDoor, environment_for
from debate_webapp.submitting.keeper import Keeper
from debate_webapp.submitting.wishes import read_wishes
from newsrooms import Newsroom


def test_what_was_wished_for_reaches_the_front_door(newsroom: Newsroom) -> None:
    typed = {"speakers": "3", "language": "cs", "names": "Radka\r\n Petr ", "model": "base"}
    wishes = read_wishes(typed)
    newsroom.submit("talk", wishes=wishes)
    newsroom.until("done")

    (called,) = newsroom.calls()
    names = next(one for one in called["arguments"] if one.startswith("--vocabulary="))
    assert Path(names.removeprefix("--vocabulary=")).read_text() == "Radka\nPetr"
    assert [one for one in called["arguments"] if not one.startswith("--vocabulary=")] == [
        "submit", f"--root={newsroom.root}", "--speakers=3", "--language=cs", "--model=base",
        "--", "https://x.example/talk",
    ]  # fmt: skip


def test_the_front_door_of_the_image_hands_jobs_to_aws_only(tmp_path, monkeypatch) -> None:
    """The image has `debate` beside the site, on PATH too, and none of the stages."""
    for name in ("debate", "python"):
        (tmp_path / name).touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(front_door.sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(front_door.debate_webapp, "__file__", str(tmp_path / "a/b/c/d/e.py"))

    assert FrontDoor("s3://debates").command == str(tmp_path / "debate")
    assert FrontDoor(str(tmp_path)).command is None


def test_no_secret_of_the_site_reaches_the_front_door(newsroom: Newsroom) -> None:
    newsroom.submit("talk")
    newsroom.until("done")

    (called,) = newsroom.calls()
    assert "planted" not in called["environment"].values()
    assert len(called["environment"]["SECRET_KEY"]) == 64


def test_an_address_in_the_sites_own_network_needs_leave() -> None:
    assert environment_for("/data", {})["ALLOW_PRIVATE_HOSTS"] == "0"
    assert environment_for("/data", {"ALLOW_PRIVATE_HOSTS": "1"})["ALLOW_PRIVATE_HOSTS"] == "1"


def test_a_folders_jobs_run_here_and_a_buckets_on_aws() -> None:
    assert environment_for("/data", {"BACKEND": "aws"})["BACKEND"] == "local"
    assert environment_for("s3://debates", {})["BACKEND"] == "aws"


def test_a_folder_that_another_user_put_in_our_place_is_not_used(
    newsroom: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a store on S3 the runs lie in the machine's /tmp, where anybody may be first."""
    monkeypatch.setattr(front_door.tempfile, "gettempdir", lambda: str(tmp_path))
    door = FrontDoor("s3://debates", newsroom.front_door.given)
    (tmp_path / "trap").mkdir()
    door.place.symlink_to(tmp_path / "trap")
    newsroom.submit("talk")
    keeper = Keeper(newsroom.sessions, door, 1, {"PATH": os.environ["PATH"]})
    keeper.turn()

    assert newsroom.states() == ["failed"]
    assert "belongs to another user" in newsroom.row(1).message
    assert not list((tmp_path / "trap").iterdir())


def test_without_a_front_door_it_waits(tmp_path: Path, newsroom: Newsroom) -> None:
    newsroom.submit("talk")
    door = FrontDoor(str(tmp_path), str(tmp_path / "nothing"))
    Keeper(newsroom.sessions, door, 1, {}).turn()

    assert newsroom.states() == ["waiting"]
