"""Corrections as files of the store: today's transcripts and names, and no file too many."""

import csv
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from clients import CheckedClient
from debate_contract.schemas import load_schema
from debate_stats.command.settings import resolve_corpus
from debate_stats.dataset.corpus import find_sources
from debate_webapp.database.models import Person
from debate_webapp.editing.corrections import PEOPLE, Corrections, write_corrections
from debate_webapp.incoming.local import LocalStore
from jsonschema import Draft202012Validator
from servers import COMMAND
from sqlalchemy.orm import Session
from stores import SPEECH, TEXTS

CONTRACT = Path(__file__).parents[4] / "contracts" / "transcript"
JOB = "20261122T200000Z-4f1c09ab"
TRANSCRIPT = f"jobs/{JOB}/transcripts/Town_hall_transcription.json"
CORRECTED = f"corrections/{TRANSCRIPT}"


class Desk:
    """An editor at debate 1, and what lies in the store afterwards."""

    def __init__(self, client: CheckedClient, db: Session, root: Path) -> None:
        self.client, self.db, self.root, self.edits = client, db, root, 0

    def command(self, command: str, **arguments: Any) -> None:
        rows = self.client.get("/api/v1/transcripts/1/segments").json["segments"]
        self.edits += 1
        body = {
            "command": command,
            "arguments": arguments,
            "versions": {row["id"]: row["version"] for row in rows},
            "client_id": f"edit-{self.edits}",
        }
        reply = self.client.send_json("POST", "/api/v1/transcripts/1/commands", body)
        assert reply.status_code == 200, reply.text

    def name(self, label: str, name: str, version: int = 1) -> None:
        path = f"/debates/1/speakers/{label}"
        self.client.send(path, name=name, version=version, client_id=f"{label}-{version}")

    def write(self) -> Corrections:
        self.db.rollback()
        return write_corrections(self.db, LocalStore(str(self.root)))

    def corrected(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.root / CORRECTED).read_text("utf-8"))
        return document

    def people(self) -> list[list[str]]:
        with (self.root / PEOPLE).open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]

    def files(self) -> dict[str, tuple[bytes, int]]:
        found = (self.root / "corrections").rglob("*.*")
        return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


@pytest.fixture
def desk(debate: CheckedClient, db: Session, root: Path) -> Desk:
    return Desk(debate, db, root)


def test_nothing_but_an_empty_table_is_written_of_what_nobody_touched(desk: Desk) -> None:
    done = desk.write()
    assert (done.kept, done.written, done.removed) == (set(), [PEOPLE], [])
    assert (desk.root / PEOPLE).read_text() == "transcript,label,person\n"


def test_a_corrected_text_is_in_the_file_beside_all_that_nobody_touched(desk: Desk) -> None:
    desk.command("edit_text", segment=1, text="Should the town make its buses free?")
    assert desk.write().written == [CORRECTED, PEOPLE]

    registered = json.loads((desk.root / TRANSCRIPT).read_text("utf-8"))
    corrected = desk.corrected()
    edited = corrected.pop("edited")
    assert [row["text"] for row in corrected["transcription"]] == [
        "Should the town make its buses free?",
        *TEXTS[1:],
    ]
    assert corrected["transcription"][1:] == registered["transcription"][1:]
    del corrected["transcription"], registered["transcription"]
    assert corrected == registered
    assert (edited["version"], edited["revision"], edited["reviewed"]) == (1, 1, 0.0)


def test_a_corrected_transcript_is_one_by_the_contract(
    editor: CheckedClient, make_job: Callable[..., Path], db: Session, root: Path
) -> None:
    example = json.loads((CONTRACT / "examples" / "two-speakers.json").read_text("utf-8"))
    editor.send("/debates", uri=str(make_job(**example)))
    desk = Desk(editor, db, root)
    desk.command("edit_text", segment=1, text="Quite another text.")
    desk.write()
    schema = load_schema("transcript")
    Draft202012Validator(schema).validate(desk.corrected())
    assert desk.corrected()["transcription"][0]["text"] == "Quite another text."


def test_reviewed_segments_count_though_no_letter_changed(desk: Desk) -> None:
    for segment in (1, 2, 3):
        desk.command("mark_reviewed", segment=segment, reviewed=True)
    desk.write()
    assert desk.corrected()["edited"]["reviewed"] == 1.0
    assert [row["text"] for row in desk.corrected()["transcription"]] == TEXTS


def test_no_file_is_touched_without_an_edit_before(desk: Desk) -> None:
    desk.command("edit_text", segment=1, text="Free buses?")
    desk.name("SPEAKER_00", "Ana")
    desk.write()
    before = desk.files()
    assert len(before) == 2
    assert desk.write().written == []
    assert desk.files() == before


def test_another_edit_is_written_and_the_last_one_taken_back_removes_the_file(desk: Desk) -> None:
    desk.command("edit_text", segment=1, text="Free buses?")
    desk.write()
    desk.command("edit_text", segment=1, text="Free trams?")
    assert desk.write().written == [CORRECTED]
    assert desk.corrected()["transcription"][0]["text"] == "Free trams?"

    desk.command("edit_text", segment=1, text=TEXTS[0])
    assert desk.write().removed == [CORRECTED]
    assert [Path(path).name for path in desk.files()] == ["people.csv"]


def test_people_are_listed_by_name_and_told_apart_where_two_share_one(
    desk: Desk, db: Session
) -> None:
    desk.name("SPEAKER_00", "Ana Nováková")
    desk.write()
    assert desk.people() == [[TRANSCRIPT, "SPEAKER_00", "Ana Nováková"]]

    db.add(Person(slug="ana-2", name="Ana Nováková"))
    db.commit()
    desk.write()
    assert desk.people() == [[TRANSCRIPT, "SPEAKER_00", "Ana Nováková (ana-novakova)"]]


def test_a_person_of_single_segments_has_a_label_in_both_files(desk: Desk) -> None:
    desk.client.send_json("POST", "/api/v1/people", {"name": "Eva"})
    desk.command("assign_segment", segment=2, person="eva")
    desk.write()
    label = desk.corrected()["transcription"][1]["speaker"]
    assert label not in {row["speaker"] for row in SPEECH}
    assert desk.people() == [[TRANSCRIPT, label, "Eva"]]
    spoken = [(row["start"], row["end"]) for row in SPEECH[1:2]]
    found = [row for row in desk.corrected()["speech"] if row["speaker"] == label]
    assert [(row["start"], row["end"]) for row in found] == spoken


def test_corrections_of_a_transcript_that_was_replaced_or_lost_are_withdrawn(desk: Desk) -> None:
    desk.command("edit_text", segment=1, text="Free buses?")
    desk.write()
    path = desk.root / TRANSCRIPT
    registered = path.read_bytes()
    path.write_bytes(registered + b" ")
    assert desk.write().removed == [CORRECTED]

    path.write_bytes(registered)
    assert desk.write().written == [CORRECTED]
    path.unlink()
    assert desk.write().removed == [CORRECTED]


def test_a_damaged_file_is_written_again(desk: Desk) -> None:
    desk.command("edit_text", segment=1, text="Free buses?")
    desk.write()
    whole = (desk.root / CORRECTED).read_bytes()
    (desk.root / CORRECTED).write_bytes(whole[:100])
    assert desk.write().written == [CORRECTED]
    assert (desk.root / CORRECTED).read_bytes() == whole


def test_the_dataset_reads_them(desk: Desk) -> None:
    desk.command("edit_text", segment=1, text="Free buses?")
    desk.name("SPEAKER_00", "Ana")
    desk.write()
    (source,) = find_sources(resolve_corpus(str(desk.root)))
    assert (source.transcript, source.uri) == (TRANSCRIPT, str(desk.root / CORRECTED))
    assert (source.people, source.corrected) == ({"SPEAKER_00": "Ana"}, True)


def test_by_the_command(desk: Desk) -> None:
    desk.command("edit_text", segment=1, text="Free buses?")
    said = [
        subprocess.run(
            [COMMAND, "corrections"],
            env={"STORAGE_ROOT": str(desk.root)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert said == [
        "1 corrected transcript under corrections/ (2 files changed)\n",
        "1 corrected transcript under corrections/ (no files changed)\n",
    ]


def test_split_segments_are_two_in_the_file_and_one_again_when_merged(desk: Desk) -> None:
    desk.command("split", segment=1, texts=["Should the city", "make its buses free?"])
    desk.write()
    rows = desk.corrected()["transcription"]
    assert [row["text"] for row in rows] == ["Should the city", "make its buses free?", *TEXTS[1:]]
    assert rows[0]["end"] <= rows[1]["start"]

    desk.command("merge", segment=1, other=4)
    assert desk.write().removed == [CORRECTED]
