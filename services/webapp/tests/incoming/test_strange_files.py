"""Files that nobody here made: names in other encodings, fields that are empty or missing."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from clients import CheckedClient
from debate_contract.errors import BadInput
from debate_webapp.incoming.local import LocalStore

Job = Callable[..., Path]

# As an archive from an old Windows leaves it.
LATIN_1 = os.fsdecode(b"caf\xe9")


def test_a_job_whose_name_is_no_text_leaves_the_others_in_the_list(
    editor: CheckedClient, make_job: Job, root: Path
) -> None:
    make_job("readable")
    jobs = make_job("unreadable").parents[2]
    (jobs / "unreadable").rename(jobs / LATIN_1)

    page = editor.get("/")

    assert page.status_code == 200
    assert "<code>readable</code>" in page.text
    assert list(LocalStore(str(root)).keys("jobs/")) == [
        "jobs/readable/transcripts/Town_hall_transcription.json",
        "jobs/readable/videos/Town_hall.mp4",
    ]


def test_a_path_that_is_no_text_is_refused_in_a_sentence(make_job: Job, root: Path) -> None:
    path = make_job()
    strange = path.rename(path.with_name(f"{LATIN_1}_transcription.json"))

    with pytest.raises(BadInput, match=r"\\udce9.* is not UTF-8; rename the file"):
        LocalStore(str(root)).key_of(str(strange))


def test_a_recording_whose_name_is_no_text_is_none(editor: CheckedClient, make_job: Job) -> None:
    path = make_job()
    videos = path.parents[1] / "videos"
    (videos / "Town_hall.mp4").rename(videos / f"{LATIN_1}.mp4")

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


@pytest.mark.parametrize("title", ["", " \n ", "\0"])
def test_a_title_without_a_letter_is_none(editor: CheckedClient, make_job: Job, title: str) -> None:
    media = {"path": "videos/Town_hall.mp4", "source": {"title": title}}

    editor.send("/debates", uri=str(make_job(media=media)))

    assert ">Town hall</a>" in editor.get("/").text


@pytest.mark.parametrize("length", [500, 501, 100_000])
def test_a_title_of_any_length_is_cut_off(
    editor: CheckedClient, make_job: Job, length: int
) -> None:
    media = {"path": "videos/Town_hall.mp4", "source": {"title": "Buses" + "!" * (length - 5)}}

    page = editor.send("/debates", uri=str(make_job(media=media)))

    shown = "Buses" + "!" * 495 if length == 500 else "Buses" + "!" * 494 + "…"
    assert f"<h1>{shown}</h1>" in page.text


def test_a_title_beside_the_recording_may_be_half_a_character(
    editor: CheckedClient, make_job: Job
) -> None:
    path = make_job(media={"path": "videos/Town_hall.mp4"})
    (path.parents[1] / "media.json").write_text(r'{"source": {"title": "Buses \ud83d\u0000"}}')

    page = editor.send("/debates", uri=str(path))

    assert "<h1>Buses ?</h1>" in page.text


def test_a_word_without_text_is_refused_before_anybody_edits(
    editor: CheckedClient, make_job: Job
) -> None:
    path = make_job()
    document = json.loads(path.read_text())
    document["transcription"][1]["words"] = [{"start": 4.0, "end": 5.0}]
    path.write_text(json.dumps(document))

    reply = editor.send("/debates", uri=str(path))

    assert reply.status_code == 422
    assert "segment 1 has a word without text" in reply.text
