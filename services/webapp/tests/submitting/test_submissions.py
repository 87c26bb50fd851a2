"""The page and the API by which recordings are submitted; the queue itself: test_submitting."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import again, questions
from clients import CheckedClient
from debate_webapp.accounts.roles import Role
from debate_webapp.database.models import Submission
from debate_webapp.submitting import queue
from debate_webapp.submitting.keeper import Keeper
from debate_webapp.submitting.queue import State
from debate_webapp.submitting.wishes import Wishes
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from stores import make_account

URL = "https://x.example/council"


@pytest.fixture
def keeper(
    app: Flask, editor: CheckedClient, root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Keeper]:
    keeper: Keeper = app.extensions["debate_keeper"]
    keeper._environment |= {"FAKE_CONTROL": str(root)}  # type: ignore[operator]
    yield keeper
    for child in keeper._children.values():
        child.kill()
        child.wait()


def test_an_address_is_queued_watched_and_becomes_a_debate(
    editor: CheckedClient, keeper: Keeper
) -> None:
    page = editor.send("/submissions", addresses=f"{URL}/wait\n{URL}/2", speakers="3")
    assert "2 recordings are in the queue." in page.text
    keeper.turn()
    (child,) = keeper._children.values()
    while "Download" not in (page := editor.get("/submissions")).text:
        keeper.turn()
    assert "25 %" in page.text
    assert "36 s left" in page.text
    assert "asking the server" in page.text
    assert "x.example/council/2" in page.text
    assert "next" in page.text

    (Path(keeper._environment["FAKE_CONTROL"]) / "go").touch()
    child.wait()
    keeper.turn()

    assert 'href="/debates/1"' in editor.get("/submissions").text


def test_a_page_in_which_nothing_changed_is_not_sent_again(
    editor: CheckedClient, keeper: Keeper
) -> None:
    editor.send("/submissions", addresses=URL)
    tag = editor.get("/submissions").headers["ETag"]
    assert editor.get("/submissions", headers={"If-None-Match": tag}).status_code == 304

    keeper.turn()
    assert editor.get("/submissions", headers={"If-None-Match": tag}).status_code == 200


def test_what_is_refused_stays_in_the_form(editor: CheckedClient) -> None:
    page = editor.send("/submissions", addresses="/etc/passwd", speakers="3", names="Radka")

    assert page.status_code == 422
    assert "is no address of a recording" in page.text
    assert "/etc/passwd</textarea>" in page.text
    assert "Radka</textarea>" in page.text
    assert 'value="3"' in page.text


def test_what_is_typed_is_text_and_no_markup(editor: CheckedClient) -> None:
    address = "https://x.example/<script>alert(1)</script>"
    page = editor.send("/submissions", addresses=address)

    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


def test_it_is_cancelled_tried_again_and_removed(editor: CheckedClient, db: Session) -> None:
    editor.send("/submissions", addresses=URL)
    for action, said, state in (
        ("cancel", "Cancelled: x.example/council.", "cancelled"),
        ("retry", "Tried again when its turn comes", "waiting"),
        ("cancel", "Cancelled", "cancelled"),
        ("remove", "Removed from the list", None),
    ):
        assert said in editor.send(f"/submissions/1/{action}").text
        db.expire_all()
        assert db.scalar(select(Submission.state)) == state

    assert editor.send("/submissions/1/retry").status_code == 404


def test_what_comes_too_late_says_so(editor: CheckedClient) -> None:
    editor.send("/submissions", addresses=URL)
    editor.send("/submissions/1/cancel")

    page = editor.send("/submissions/1/cancel")

    assert page.status_code == 422
    assert "cancelled already" in page.text


def test_where_the_front_door_is_missing_the_page_says_what_to_do(
    app: Flask, editor: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("debate_webapp.submitting.front_door.FrontDoor.command", None)

    assert "run `make setup`" in editor.get("/submissions").text
    assert editor.send("/submissions", addresses=URL).status_code == 503
    answer = editor.send_json("POST", "/api/v1/submissions", {"sources": [URL]})
    assert answer.status_code == 503


def test_who_only_reads_is_not_shown_the_way(editor: CheckedClient, db: Session) -> None:
    assert 'href="/submissions"' in editor.get("/").text
    make_account(db, "reader", role=Role.READER)
    editor.come_in("reader")

    assert 'href="/submissions"' not in editor.get("/").text


def test_programs_do_the_same(editor: CheckedClient) -> None:
    body = {"sources": [URL], "speakers": 3, "names": ["Radka", "Petr"]}
    answer = editor.send_json("POST", "/api/v1/submissions", body)
    assert answer.status_code == 201
    (made,) = answer.json["submissions"]
    assert (made["state"], made["place"], made["by"]) == ("waiting", 1, "editor")
    assert (made["speakers"], made["names"]) == (3, ["Radka", "Petr"])

    assert editor.get(made["self"]).json == made
    assert editor.get("/api/v1/submissions").json == {"submissions": [made]}
    assert editor.send_json("DELETE", made["self"], {}).json["state"] == "cancelled"
    assert editor.send_json("POST", f"{made['self']}/retry", {}).json["state"] == "waiting"
    assert editor.send_json("POST", f"{made['self']}/retry", {}).status_code == 409
    editor.send_json("DELETE", made["self"], {})
    assert editor.send_json("DELETE", made["self"], {}).status_code == 204
    assert editor.get(made["self"]).status_code == 404


@pytest.mark.parametrize("body", [[], {}, {"sources": URL}, {"sources": [1]}])
def test_a_body_that_is_none_is_refused(editor: CheckedClient, body: object) -> None:
    assert editor.send_json("POST", "/api/v1/submissions", body).status_code == 400


@pytest.mark.parametrize("path", ["submissions", "uploads"])
def test_a_body_nested_too_deep_is_refused(editor: CheckedClient, path: str) -> None:
    headers = {"X-CSRFToken": editor.token()}
    deep = {"data": "[" * 100_000, "content_type": "application/json", "headers": headers}

    assert editor.post(f"/api/v1/{path}", **deep).status_code == 400


def test_the_answer_is_what_the_document_says(editor: CheckedClient) -> None:
    editor.send_json("POST", "/api/v1/submissions", {"sources": [URL]})
    (made,) = editor.get("/api/v1/submissions").json["submissions"]
    schema = editor.get("/api/v1/openapi.json").json["components"]["schemas"]["Submission"]

    assert set(made) == set(schema["required"])
    assert made["state"] in schema["properties"]["state"]["enum"]


def test_a_look_costs_as_many_questions_whatever_the_queue(
    app: Flask, editor: CheckedClient, db: Session
) -> None:
    asked: list[str] = []
    engine = app.extensions["debate_sessions"].kw["bind"]
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    def look() -> int:
        asked.clear()
        assert editor.get("/submissions").status_code == 200
        return len(asked)

    queue.submit(db, [URL], Wishes())
    db.commit()
    look()
    few = look()
    for n in range(60):
        (row,) = queue.submit(db, [f"{URL}/{n}"], Wishes())
        queue.move(db, row, [State.WAITING], State.FAILED if n % 2 else State.WAITING)
    db.commit()

    assert look() == few
    assert few <= 8


def test_a_look_at_a_queue_in_which_nothing_changed_reads_a_number(
    app: Flask, editor: CheckedClient, db: Session
) -> None:
    queue.submit(db, [f"{URL}/{n}" for n in range(60)], Wishes())
    db.commit()
    for path in ("/submissions", "/api/v1/submissions"):
        page = editor.get(path)

        with questions(app) as asked:
            assert again(editor, path, page).status_code == 304

        assert len([one for one in asked if one.startswith("SELECT")]) == 3
        assert not any("submission.source" in one for one in asked)


def test_whatever_changes_in_the_queue_changes_its_number(
    editor: CheckedClient, db: Session
) -> None:
    def change(act: str, **fields: str) -> None:
        before = editor.get("/api/v1/submissions").headers["ETag"]
        editor.send(f"/submissions{act}", **fields)
        assert editor.get("/api/v1/submissions").headers["ETag"] != before, act

    change("", addresses=URL)
    change("/1/cancel")
    change("/1/retry")
    change("/1/cancel")
    change("/1/remove")
    db.rollback()


def test_what_a_job_says_changes_the_page(editor: CheckedClient, keeper: Keeper) -> None:
    editor.send("/submissions", addresses=f"{URL}/wait")
    keeper.turn()
    while "asking the server" not in (page := editor.get("/submissions")).text:
        keeper.turn()
    (log,) = Path(keeper._environment["FAKE_CONTROL"]).glob("jobs/*/logs/download.jsonl")
    assert again(editor, "/submissions", page).status_code == 304

    with log.open("a") as said:
        said.write('{"event": "note", "message": "half of it"}\n')

    assert "half of it" in again(editor, "/submissions", page).text
    (Path(keeper._environment["FAKE_CONTROL"]) / "go").touch()
