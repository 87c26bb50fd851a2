"""Files that nobody here made: names in other encodings, fields that are empty or missing."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import CheckedClient
from debate_webapp.incoming.storage import LocalStore

Job = Callable[..., Path]

# As an archive from an old Windows leaves it.
LATIN_1 = b"caf\xe9"


def test_a_job_whose_name_is_no_text_leaves_the_others_in_the_list(
    editor: CheckedClient, make_job: Job, root: Path
) -> None:
    make_job("readable")
    jobs = make_job("unreadable").parents[2]
    os.rename(jobs / "unreadable", os.fsencode(jobs) + b"/" + LATIN_1)

    page = editor.get("/")

    assert page.status_code == 200
    assert "<code>readable</code>" in page.text
    assert list(LocalStore(str(root)).keys("jobs/")) == [
        "jobs/readable/transcripts/Town_hall_transcription.json",
        "jobs/readable/videos/Town_hall.mp4",
    ]


def test_a_recording_whose_name_is_no_text_is_none(editor: CheckedClient, make_job: Job) -> None:
    path = make_job()
    videos = path.parents[1] / "videos"
    os.rename(videos / "Town_hall.mp4", os.fsencode(videos) + b"/" + LATIN_1 + b".mp4")

    page = editor.send("/debates", uri=str(path))

    assert page.status_code == 200
    assert "The recording is not in the store" in page.text


def test_a_job_that_goes_while_the_store_is_looked_through_is_gone(
    editor: CheckedClient, make_job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = make_job("stays").parents[2]
    make_job("goes")
    look = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("/goes"):
            shutil.rmtree(jobs / "goes", ignore_errors=True)
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    page = editor.get("/")

    assert page.status_code == 200
    assert "<code>stays</code>" in page.text
