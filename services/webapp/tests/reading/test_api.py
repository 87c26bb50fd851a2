"""The JSON API of the contract."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from clients import CheckedClient
from debate_webapp.database.models import Edit
from flask import Flask
from openapi_spec_validator import validate
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import SPEECH, transcript_document

SPEAKER = "/api/v1/transcripts/1/speakers/SPEAKER_00"


def test_registering_answers_201_and_200_when_nothing_changed(editor, make_job) -> None:
    path = str(make_job())

    first = editor.send_json("POST", "/api/v1/transcripts", {"uri": path})
    again = editor.send_json("POST", "/api/v1/transcripts", {"uri": f"file://{path}"})

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.headers["Location"] == "/api/v1/transcripts/1"
    assert first.json == again.json
    assert first.json["uri"] == path
    assert [s["label"] for s in first.json["speakers"]] == ["SPEAKER_00", "SPEAKER_01"]


def test_reading_gives_segments_and_figures(debate: CheckedClient) -> None:
    segments = debate.get("/api/v1/transcripts/1/segments").json["segments"]
    assert [(s["start"], s["speaker"], s["name"]) for s in segments] == [
        (0.5, "SPEAKER_00", "Speaker 00"),
        (3.9, "SPEAKER_01", "Speaker 01"),
        (9.0, "SPEAKER_00", "Speaker 00"),
    ]
    stats = debate.get("/api/v1/transcripts/1/stats").json
    seconds = {s["speaker_id_in_transcript"]: s["total_seconds"] for s in stats["speakers"]}
    assert seconds == pytest.approx({"SPEAKER_00": 5.2, "SPEAKER_01": 4.3})
    listed = debate.get("/api/v1/transcripts").json
    assert [t["id"] for t in listed["transcripts"]] == [1]


def test_figures_use_the_persons_slug_once_a_label_is_mapped(debate: CheckedClient) -> None:
    debate.send_json("POST", "/api/v1/people", {"name": "Ana Nováková"})
    body = {"person": "ana-novakova", "version": 1, "client_id": "c1"}
    assert debate.send_json("PUT", SPEAKER, body).json["version"] == 2

    stats = debate.get("/api/v1/transcripts/1/stats").json
    assert stats["speakers"][0]["speaker_id_in_transcript"] == "ana-novakova"
    assert {pair["from_speaker"] for pair in stats["interactions"]} == {
        "ana-novakova",
        "SPEAKER_01",
    }
    assert set(stats["floor_time"]["seconds"]) == {"ana-novakova", "SPEAKER_01"}


def test_a_label_that_reads_like_somebodys_slug_is_not_taken_for_them(editor, make_job) -> None:
    speech = [{**part, "speaker": label} for part, label in zip(SPEECH, "aba", strict=True)]
    lines = transcript_document()["transcription"]
    said = [{**line, "speaker": part["speaker"]} for line, part in zip(lines, speech, strict=True)]
    editor.send("/debates", uri=str(make_job(transcription=said, speech=speech)))
    editor.send_json("POST", "/api/v1/people", {"name": "B"})
    body = {"person": "b", "version": 1, "client_id": "c1"}
    assert editor.send_json("PUT", "/api/v1/transcripts/1/speakers/a", body).status_code == 200

    seconds = editor.get("/api/v1/transcripts/1/stats").json["floor_time"]["seconds"]
    assert set(seconds) == {"b", "label:b"}


def test_a_mapping_without_a_version_is_428_and_with_an_old_one_409(debate) -> None:
    debate.send_json("POST", "/api/v1/people", {"name": "Ana"})
    body = {"person": "ana", "client_id": "c1"}

    missing = debate.send_json("PUT", SPEAKER, body)
    first = debate.send_json("PUT", SPEAKER, body | {"version": 1})
    stale = debate.send_json("PUT", SPEAKER, {"person": None, "client_id": "c2", "version": 1})

    assert (missing.status_code, first.status_code, stale.status_code) == (428, 200, 409)
    assert stale.mimetype == "application/problem+json"
    assert stale.json["current"] == first.json


def test_the_same_client_id_is_applied_once(debate: CheckedClient, db: Session) -> None:
    debate.send_json("POST", "/api/v1/people", {"name": "Ana"})
    body = {"person": "ana", "version": 1, "client_id": "c1"}

    first, repeated = (debate.send_json("PUT", SPEAKER, body) for _ in range(2))

    assert (first.status_code, repeated.status_code) == (200, 200)
    assert first.json == repeated.json
    assert len(db.scalars(select(Edit)).all()) == 1


def test_a_label_is_given_to_someone_new_by_name(debate: CheckedClient) -> None:
    body = {"name": "Ana Nováková", "version": 1, "client_id": "c1"}
    first, repeated = (debate.send_json("PUT", SPEAKER, body) for _ in range(2))
    other = debate.send_json("PUT", SPEAKER, body | {"name": "Bob"})

    assert first.json["person"] == {"slug": "ana-novakova", "name": "Ana Nováková"}
    assert first.json == repeated.json
    assert other.status_code == 422
    assert "was used for something else" in other.json["detail"]
    assert [p["slug"] for p in debate.get("/api/v1/people").json["people"]] == ["ana-novakova"]


def test_two_people_may_have_one_name_but_not_one_slug(editor: CheckedClient) -> None:
    made = [editor.send_json("POST", "/api/v1/people", {"name": "Jan Novák"}) for _ in range(2)]

    assert [reply.status_code for reply in made] == [201, 201]
    assert [reply.json["slug"] for reply in made] == ["jan-novak", "jan-novak-2"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/v1/transcripts", {}, 400),
        ("POST", "/api/v1/transcripts", {"uri": "/etc/passwd"}, 403),
        ("POST", "/api/v1/people", {"name": ""}, 422),
        ("POST", "/api/v1/people", {"name": "x" * 300}, 422),
        ("PUT", SPEAKER, {"version": 1, "client_id": "c", "person": "nobody"}, 422),
        ("PUT", SPEAKER, {"version": 1, "person": None}, 400),
        ("PUT", SPEAKER + "9", {"version": 1, "client_id": "c", "person": None}, 404),
        ("GET", "/api/v1/transcripts/99", None, 404),
        ("DELETE", "/api/v1/people", None, 405),
    ],
)
def test_a_wrong_request_gets_a_problem_document(debate, method, path, body, status) -> None:
    reply = debate.send_json(method, path, body)

    assert reply.status_code == status
    assert reply.mimetype == "application/problem+json"
    assert reply.json["status"] == status
    assert reply.json["detail"]


def test_changes_need_an_editor_and_a_token(client: CheckedClient, make_job) -> None:
    uri = {"uri": str(make_job())}

    assert client.send_json("POST", "/api/v1/transcripts", uri).status_code == 401
    assert client.post("/api/v1/transcripts", json=uri).status_code == 401
    assert client.post("/debates", data=uri).status_code == 400
    assert client.send("/debates", follow_redirects=False, **uri).headers["Location"] == "/sign-in"


def test_a_page_whose_session_ended_is_told_so(debate: CheckedClient) -> None:
    token = debate.token()
    debate.delete_cookie("debate_session")
    body = {"person": None, "version": 1, "client_id": "c"}
    by_script = debate.put(SPEAKER, json=body, headers={"X-CSRFToken": token})
    by_form = debate.post("/debates/1/publication/on", data={"csrf_token": token, "client_id": "p"})

    assert (by_script.status_code, by_form.status_code) == (401, 401)
    assert by_script.json["detail"].startswith("You are signed out: sign in in another window")
    assert "You are signed out" in by_form.text


def test_an_editor_without_the_token_changes_nothing(debate: CheckedClient) -> None:
    body = {"person": None, "version": 1, "client_id": "c"}
    assert debate.put(SPEAKER, json=body).status_code == 400


def test_the_recording_comes_in_ranges(debate: CheckedClient, recording: Path) -> None:
    whole = recording.read_bytes()
    full = debate.get("/api/v1/media/1")
    part = debate.get("/api/v1/media/1", headers={"Range": "bytes=100-199"})
    tail = debate.get("/api/v1/media/1", headers={"Range": "bytes=-50"})
    beyond = debate.get("/api/v1/media/1", headers={"Range": f"bytes={len(whole)}-"})
    kept = debate.get("/api/v1/media/1", headers={"If-None-Match": full.headers["ETag"]})

    assert (full.status_code, full.mimetype, full.data) == (200, "video/mp4", whole)
    assert (part.status_code, part.data) == (206, whole[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert (tail.status_code, tail.data) == (206, whole[-50:])
    assert beyond.status_code == 416
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole)}"
    assert kept.status_code == 304


def test_the_openapi_document_is_valid_and_names_every_route(app: Flask, client) -> None:
    document = client.get("/api/v1/openapi.json").json

    validate(document)
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    served = {
        (method, re.sub(r"<(?:int:)?(?:transcript_|submission_)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    assert described == served


def test_answers_have_the_fields_that_the_document_promises(debate: CheckedClient) -> None:
    schemas = debate.get("/api/v1/openapi.json").json["components"]["schemas"]
    answers = {
        "Transcript": debate.get("/api/v1/transcripts/1").json,
        "Segment": debate.get("/api/v1/transcripts/1/segments").json["segments"][0],
        "Statistics": debate.get("/api/v1/transcripts/1/stats").json,
        "Speaker": debate.get("/api/v1/transcripts/1").json["speakers"][0],
    }
    edit = {"command": "mark_reviewed", "arguments": {"segment": 1, "reviewed": True}}
    edit |= {"versions": {"1": 1}, "client_id": "c1"}
    answers["Outcome"] = debate.send_json("POST", "/api/v1/transcripts/1/commands", edit).json
    answers["Changes"] = debate.get("/api/v1/transcripts/1/changes?since=0").json
    answers["Voice"] = answers["Changes"]["voices"][0]
    answers["Undo"] = answers["Changes"]["undo"]

    for name, answer in answers.items():
        assert sorted(answer) == sorted(schemas[name]["properties"]), name


def test_health_needs_no_account(client: CheckedClient) -> None:
    assert client.get("/healthz").text == client.get("/livez").text == "ok\n"


def test_lists_come_in_pages(editor: CheckedClient, make_job: Callable[..., Path]) -> None:
    for n in range(52):
        path = make_job(f"job-{n:02}", duration=12.0 + n)
        editor.send("/debates", follow_redirects=False, uri=str(path))

    first = editor.get("/api/v1/transcripts").json
    second = editor.get(f"/api/v1/transcripts?cursor={first['next_cursor']}").json

    assert len(first["transcripts"]) == 50
    assert [t["id"] for t in second["transcripts"]] == [2, 1]
    assert second["next_cursor"] is None
