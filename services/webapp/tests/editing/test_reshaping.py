"""Splitting and merging segments: words keep their times, undo brings the same rows back."""

import csv
import io
import json
import zlib
from pathlib import Path

import pytest
import srt
from clients import CheckedClient
from commands import command, figures, give, merge, rows, split, undo
from debate_contract.schemas import load_schema
from debate_stats import compute_statistics, parse_transcript
from debate_webapp.database.models import Artefact, Edit
from debate_webapp.exports import FORMATS
from jsonschema import validate
from sqlalchemy import select
from sqlalchemy.orm import Session

CONTRACT = Path(__file__).parents[4] / "contracts" / "transcript"
EXPORT = "/api/v1/transcripts/1/export"


def told(found) -> list[tuple[float, float, str]]:
    return [(row["start"], row["end"], row["text"]) for row in found]


@pytest.fixture
def timed(editor: CheckedClient, make_job) -> CheckedClient:
    """An editor with the contract's example of two speakers, whose words have times."""
    document = json.loads((CONTRACT / "examples" / "two-speakers.json").read_text())
    editor.send("/debates", uri=str(make_job(**document)))
    return editor


def exported(client: CheckedClient):
    return client.get(f"{EXPORT}.json").json["transcription"]


def spoken(segment) -> list[tuple[str, float, float]]:
    return [(word["word"], word["start"], word["end"]) for word in segment["words"]]


def test_a_segment_is_split_at_the_word_that_is_heard(timed: CheckedClient) -> None:
    before = exported(timed)[0]
    reply = split(timed, 1, 1, time=2.0)

    first, other = reply.json["segments"]
    assert told([first, other]) == [
        (0.5, 2.05, "Should the city make"),
        (2.1, 3.25, "its buses free?"),
    ]
    assert rows(timed)[:2] == [first, other]
    assert other["id"] not in {1, 2, 3, first["id"]}
    assert (first["speaker"], first["name"]) == (other["speaker"], other["name"])
    left, right = exported(timed)[:2]
    assert spoken(left) + spoken(right) == spoken(before)
    assert [word["probability"] for word in left["words"] + right["words"]] == [
        word["probability"] for word in before["words"]
    ]


def test_or_at_the_caret_with_what_was_typed_before_it(timed: CheckedClient) -> None:
    split(timed, 1, 1, texts=["Should the\n town make ", " its buses free today?"])

    left, right = exported(timed)[:2]
    assert (left["text"], right["text"]) == ("Should the town make", "its buses free today?")
    assert spoken(left)[1:] == [("the", 0.9, 1.25), ("town", 1.3, 1.65), ("make", 1.7, 2.05)]
    assert spoken(right)[0] == ("its", 2.1, 2.45)
    assert right["words"][-1]["probability"] is None
    assert undo(timed, 1, 2).status_code == 409, "the other half was not seen"


def test_a_transcript_without_times_of_words_is_split_by_length(debate) -> None:
    reply = split(debate, 1, 1, texts=["Should the city make", "its buses free?"])

    (start, middle, _), (_, end, _) = told(reply.json["segments"])
    assert (start, end) == (0.5, 3.3)
    assert middle == pytest.approx(0.5 + 2.8 * 17 / 30)
    assert split(debate, 2, 1, time=5.0).status_code == 200


def test_undo_of_a_split_and_the_split_again_are_the_same_rows(timed, db: Session) -> None:
    before, file_before = rows(timed), exported(timed)
    made = split(timed, 1, 1, time=2.0).json["segments"]

    taken = give(timed, "undo", {row["id"]: row["version"] for row in made})

    assert [row["removed"] for row in taken.json["segments"]] == [False, True]
    assert taken.json["segments"][0]["version"] == 3
    assert [row | {"version": 1} for row in rows(timed)] == before
    assert exported(timed) == file_before
    entry = db.scalars(select(Edit).order_by(Edit.revision.desc())).first()
    assert (entry.command, entry.inverse["command"]) == ("undo", "split")
    again = give(timed, "redo", {1: 3})
    assert [row["version"] for row in again.json["segments"]] == [4, 4]
    assert [row | {"version": 0} for row in again.json["segments"]] == [
        row | {"version": 0} for row in made
    ]


def test_two_neighbours_become_one_of_the_first_ones_speaker(timed: CheckedClient) -> None:
    first, other, *_ = before = exported(timed)
    seconds = figures(timed)[first["name"]]["total_seconds"]
    reply = merge(timed, {1: 1, 2: 1})

    now, gone = reply.json["segments"]
    assert (now["text"], gone["removed"]) == (f"{first['text']} {other['text']}", True)
    assert (now["start"], now["end"]) == (first["start"], other["end"])
    assert [row["id"] for row in rows(timed)] == [1, *(row["id"] for row in before[2:])]
    (merged, *_) = exported(timed)
    assert spoken(merged) == spoken(first) + spoken(other)
    assert {word["speaker"] for word in merged["words"]} == {first["speaker"]}
    assert figures(timed)[first["name"]]["total_seconds"] > seconds
    assert now["confidence"] == min(first["confidence"], other["confidence"])


def test_undo_of_a_merge_brings_both_rows_back(timed: CheckedClient) -> None:
    before, file_before, figures_before = rows(timed), exported(timed), figures(timed)
    now, _ = merge(timed, {1: 1, 2: 1}).json["segments"]

    taken = give(timed, "undo", {1: now["version"]})

    assert taken.status_code == 200
    assert [row["version"] for row in taken.json["segments"]] == [3, 3]
    assert [row | {"version": 1} for row in rows(timed)] == before
    assert exported(timed) == file_before
    assert figures(timed) == figures_before
    again = give(timed, "redo", {1: 3, 2: 3})
    assert [row["id"] for row in rows(timed)] == [1, 3, *(row["id"] for row in before[3:])]
    assert again.json["segments"][0]["text"] == now["text"]
    assert give(timed, "redo", {1: 4}).status_code == 409


def test_halves_that_are_merged_again_are_the_registered_segment(timed: CheckedClient) -> None:
    before = exported(timed)
    first, other = split(timed, 1, 1, time=2.0).json["segments"]

    merge(timed, {first["id"]: 2, other["id"]: other["version"]})

    assert exported(timed) == before


def test_a_merged_segment_can_be_split_where_it_was_and_elsewhere(timed: CheckedClient) -> None:
    first, other, *_ = exported(timed)
    merge(timed, {1: 1, 2: 1})
    left, right = split(timed, 1, 2, texts=[first["text"], other["text"]]).json["segments"]
    assert told([left, right]) == told([first, other])

    merge(timed, {left["id"]: 3, right["id"]: right["version"]})
    _, right = split(timed, 1, 4, texts=["Should", f"the rest {other['text']}"]).json["segments"]

    assert spoken(exported(timed)[1])[-2:] == spoken(other)[-2:]
    assert right["end"] == other["end"]


def test_one_half_given_to_someone_else_takes_its_speech_and_words_along(timed) -> None:
    timed.send_json("POST", "/api/v1/people", {"name": "Ana"})
    name = rows(timed)[0]["name"]
    whole = figures(timed)[name]
    _, half = split(timed, 1, 1, time=2.0).json["segments"]
    command(timed, "assign_segment", half["id"], half["version"], person="ana")

    now = figures(timed)
    assert now["Ana"]["word_count"] == 3
    assert now["Ana"]["total_seconds"] + now[name]["total_seconds"] == pytest.approx(
        whole["total_seconds"]
    )
    assert now["Ana"]["total_seconds"] == pytest.approx(1.2, abs=0.15)
    assert "<v Ana>its buses free?" in timed.get("/debates/1/captions.vtt").text


def test_every_export_and_the_page_have_the_pieces_of_today(timed: CheckedClient) -> None:
    _, half = split(timed, 1, 1, time=2.0).json["segments"]
    following = rows(timed)[2]
    merge(timed, {half["id"]: half["version"], following["id"]: 1})
    texts = [row["text"] for row in rows(timed)]

    for extension in FORMATS:
        assert timed.get(f"{EXPORT}.{extension}").status_code == 200
    table = csv.DictReader(io.StringIO(timed.get(f"{EXPORT}.csv").data.decode("utf-8-sig")))
    assert [row["text"] for row in table] == texts
    assert next(srt.parse(timed.get(f"{EXPORT}.srt").text)).content.endswith("the city make")
    page = timed.get("/debates/1").text
    assert all(f'id="s{row["id"]}"' in page for row in rows(timed))
    assert f'id="s{following["id"]}"' not in page


def test_exported_data_stay_a_transcript_by_the_contract_with_the_sites_figures(timed) -> None:
    _, half = split(timed, 1, 1, time=2.0).json["segments"]
    merge(timed, {half["id"]: half["version"], rows(timed)[2]["id"]: 1})
    document = timed.get(f"{EXPORT}.json").json

    validate(document, load_schema("transcript"))
    ids = [row["id"] for row in document["transcription"]]
    assert len(ids) == len(set(ids))
    again = compute_statistics(parse_transcript(document)).speakers
    site = timed.get("/api/v1/transcripts/1/stats").json["speakers"]
    assert [(s.total_seconds, s.word_count, s.turn_count) for s in again] == [
        (s["total_seconds"], s["word_count"], s["turn_count"]) for s in site
    ]


def test_the_registered_file_is_never_touched(timed: CheckedClient, db: Session) -> None:
    before = zlib.decompress(db.scalars(select(Artefact)).one().body)
    split(timed, 1, 1, time=2.0)
    merge(timed, {2: 1, 3: 1})
    db.expire_all()

    assert zlib.decompress(db.scalars(select(Artefact)).one().body) == before


def test_a_split_sent_twice_is_made_once(timed: CheckedClient, db: Session) -> None:
    first, again = (split(timed, 1, 1, time=2.0, client_id="same") for _ in range(2))

    assert first.json == again.json
    assert len(db.scalars(select(Edit)).all()) == 1


def test_whoever_edits_what_was_merged_away_meanwhile_is_told(timed, second) -> None:
    merge(second, {1: 1, 2: 1})

    late = command(timed, "edit_text", 2, 1, text="Mine.")
    knowing = command(timed, "edit_text", 2, 2, text="Mine.")

    assert (late.status_code, knowing.status_code) == (409, 409)
    assert (late.json["current"]["removed"], late.json["by"]) == (True, "petr")


def test_a_split_of_what_somebody_else_changed_is_refused(timed, second) -> None:
    command(second, "mark_reviewed", 1, 1, reviewed=True)

    assert split(timed, 1, 1, time=2.0).status_code == 409
    assert merge(timed, {1: 1, 2: 1}).status_code == 409
    assert merge(timed, {2: 1, 1: 1}).json["current"]["id"] == 1


def test_undo_of_a_split_leaves_the_half_that_another_corrected(timed, second) -> None:
    first, half = split(timed, 1, 1, time=2.0).json["segments"]
    command(second, "edit_text", half["id"], half["version"], text="its trams free?")

    refused = give(timed, "undo", {1: first["version"], half["id"]: half["version"] + 1})

    assert (refused.status_code, refused.json["current"]["id"]) == (409, half["id"])
    assert rows(timed)[1]["text"] == "its trams free?"


def test_reviewed_is_what_both_were(timed: CheckedClient) -> None:
    command(timed, "mark_reviewed", 1, 1, reviewed=True)
    first, half = split(timed, 1, 2, time=2.0).json["segments"]
    assert (first["reviewed"], half["reviewed"]) == (True, True)
    reply = merge(timed, {half["id"]: half["version"], 2: 1})

    assert reply.json["segments"][0]["reviewed"] is False


@pytest.mark.parametrize(
    ("name", "arguments", "versions", "status"),
    [
        ("split", {}, {1: 1}, 400),
        ("split", {"time": "2"}, {1: 1}, 400),
        ("split", {"time": 10**400}, {1: 1}, 400),
        ("split", {"time": float("nan")}, {1: 1}, 400),
        ("split", {"time": 0.1}, {1: 1}, 422),
        ("split", {"time": 9}, {1: 1}, 422),
        ("split", {"texts": ["all of it", " \n"]}, {1: 1}, 422),
        ("split", {"texts": ["one"]}, {1: 1}, 400),
        ("split", {"texts": ["one", 2]}, {1: 1}, 400),
        ("split", {"texts": ["x" * 20_001, "two"]}, {1: 1}, 413),
        ("merge", {}, {1: 1}, 400),
        ("merge", {"other": 2}, {1: 1}, 428),
        ("merge", {"other": 1}, {1: 1}, 422),
        ("merge", {"other": 3}, {1: 1, 3: 1}, 422),
        ("merge", {"other": 99}, {1: 1, 99: 1}, 404),
    ],
)
def test_a_cut_that_cannot_be_is_refused(debate, db, name, arguments, versions, status) -> None:
    before = rows(debate)
    reply = give(debate, name, versions, **arguments)

    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")
    assert rows(debate) == before
    assert db.scalars(select(Edit)).all() == []


def test_a_segment_can_go_to_another_label_and_back(debate: CheckedClient) -> None:
    reply = command(debate, "assign_segment", 3, 1, label="SPEAKER_01")
    assert (reply.json["segment"]["name"], reply.json["segment"]["own_person"]) == (
        "Speaker 01",
        None,
    )
    assert figures(debate)["Speaker 01"]["total_seconds"] == pytest.approx(4.3 + 2.4)
    assert command(debate, "assign_segment", 3, 2, label="SPEAKER_09").status_code == 422

    undo(debate, 3, 2)
    assert rows(debate)[2]["speaker"] == "SPEAKER_00"
