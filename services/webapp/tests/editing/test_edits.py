"""Commands: editors correct single segments, see each other's edits and take back their own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from clients import CheckedClient
from commands import COMMANDS, command, figures, redo, rows, undo
from debate_webapp.database.models import Edit, Segment, Transcript, User
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import PASSWORD, TEXTS


def test_a_corrected_text_is_on_the_page_in_the_captions_and_in_the_figures(debate) -> None:
    assert figures(debate)["Speaker 00"]["word_count"] == 13
    reply = command(debate, "edit_text", 1, 1, text="  Should buses\n be free? ")

    assert reply.status_code == 200
    assert reply.json["revision"] == 1
    assert (reply.json["segment"]["text"], reply.json["segment"]["version"]) == (
        "Should buses be free?",
        2,
    )
    assert rows(debate)[0] == reply.json["segment"]
    for path in ("/debates/1", "/debates/1/captions.vtt"):
        assert "Should buses be free?" in debate.get(path).text
    assert figures(debate)["Speaker 00"]["word_count"] == 10


def test_a_segment_given_to_a_person_is_theirs_in_lanes_captions_and_figures(debate) -> None:
    debate.send_json("POST", "/api/v1/people", {"name": "Ana Nováková"})
    reply = command(debate, "assign_segment", 3, 1, person="ana-novakova")

    assert (reply.json["segment"]["name"], reply.json["segment"]["own_person"]) == (
        "Ana Nováková",
        "ana-novakova",
    )
    now = figures(debate)
    assert now["Ana Nováková"]["total_seconds"] == pytest.approx(2.4)
    assert now["Ana Nováková"]["word_count"] == 6
    assert now["Speaker 00"]["total_seconds"] == pytest.approx(2.8)
    assert "<v Ana Nováková>And who pays" in debate.get("/debates/1/captions.vtt").text
    assert 'aria-label="When Ana Nováková speaks: 1 stretches' in debate.get("/debates/1").text

    command(debate, "assign_segment", 3, 2, person=None)
    assert set(figures(debate)) == {"Speaker 00", "Speaker 01"}


def test_a_segment_can_go_to_a_person_who_has_a_label_already(debate) -> None:
    debate.send_json("POST", "/api/v1/people", {"name": "Ana"})
    mapping = {"person": "ana", "version": 1, "client_id": "m"}
    debate.send_json("PUT", "/api/v1/transcripts/1/speakers/SPEAKER_01", mapping)
    command(debate, "assign_segment", 3, 1, person="ana")

    assert figures(debate)["Ana"]["total_seconds"] == pytest.approx(4.3 + 2.4)
    assert figures(debate)["Ana"]["labels"] == ["SPEAKER_01"]


def test_the_share_of_reviewed_segments_is_told(debate) -> None:
    reply = command(debate, "mark_reviewed", 2, 1, reviewed=True)

    assert reply.json["reviewed"] == pytest.approx(1 / 3)
    assert reply.json["segment"]["reviewed"] is True
    for path in ("/debates/1", "/"):
        assert "33 % reviewed" in debate.get(path).text


def test_an_empty_text_says_that_nobody_spoke(debate) -> None:
    assert command(debate, "edit_text", 1, 1, text=" ").json["segment"]["text"] == ""
    assert figures(debate)["Speaker 00"]["word_count"] == 6
    assert debate.get("/debates/1").status_code == 200


def test_whoever_is_second_gets_the_row_and_who_was_first(debate, second) -> None:
    first = command(second, "edit_text", 1, 1, text="Theirs.")
    stale = command(debate, "edit_text", 1, 1, text="Mine.")

    assert (first.status_code, stale.status_code) == (200, 409)
    assert stale.mimetype == "application/problem+json"
    assert stale.json["current"] == first.json["segment"]
    assert stale.json["by"] == "petr"
    assert stale.json["at"].endswith("+00:00")
    assert command(debate, "edit_text", 1, 2, text="Mine.").status_code == 200


def test_edits_of_different_segments_do_not_meet(debate, second) -> None:
    assert command(second, "edit_text", 1, 1, text="Theirs.").status_code == 200
    assert command(debate, "edit_text", 2, 1, text="Mine.").status_code == 200


def test_the_same_command_sent_twice_is_applied_once(debate, db: Session) -> None:
    body = {"command": "edit_text", "arguments": {"segment": 1, "text": "Once."}}
    body |= {"versions": {"1": 1}, "client_id": "again"}
    first, repeated = (debate.send_json("POST", COMMANDS, body) for _ in range(2))

    assert (first.status_code, repeated.status_code) == (200, 200)
    assert first.json == repeated.json
    assert len(db.scalars(select(Edit)).all()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"command": "undo"},
        {"arguments": {"segment": 1, "text": "Twice."}},
        {"arguments": {"segment": 2, "text": "Once."}, "versions": {"2": 1}},
        {"versions": {"1": 2}},
    ],
)
def test_a_client_id_used_for_something_else_is_refused_in_words(debate, changes) -> None:
    body = {"command": "edit_text", "arguments": {"segment": 1, "text": "Once."}}
    body |= {"versions": {"1": 1}, "client_id": "again"}
    debate.send_json("POST", COMMANDS, body)
    before = rows(debate)
    other = debate.send_json("POST", COMMANDS, body | changes)

    assert other.status_code == 422
    assert "client_id again was used for something else" in other.json["detail"]
    assert rows(debate) == before
    assert debate.send_json("POST", COMMANDS, body).status_code == 200


def test_client_ids_are_each_editors_own(debate, second) -> None:
    for client, segment in ((debate, 1), (second, 2)):
        body = {"command": "edit_text", "arguments": {"segment": segment, "text": "Mine."}}
        body |= {"versions": {str(segment): 1}, "client_id": "1"}
        assert client.send_json("POST", COMMANDS, body).json["segment"]["id"] == segment

    assert [row["text"] for row in rows(debate)[:2]] == ["Mine.", "Mine."]


def test_a_segment_goes_to_someone_new_once_however_often_that_is_sent(debate) -> None:
    body = {"command": "assign_segment", "arguments": {"segment": 1, "name": " Eva  Malá"}}
    body |= {"versions": {"1": 1}, "client_id": "new"}
    first, repeated = (debate.send_json("POST", COMMANDS, body) for _ in range(2))
    again = command(debate, "assign_segment", 2, 1, name="eva malá")

    assert first.json == repeated.json
    assert {r.json["segment"]["own_person"] for r in (first, again)} == {"eva-mala"}
    people = debate.get("/api/v1/people").json["people"]
    assert people == [{"slug": "eva-mala", "name": "Eva Malá"}]


def test_a_conflict_adds_nobody(debate) -> None:
    command(debate, "mark_reviewed", 1, 1, reviewed=True)

    assert command(debate, "assign_segment", 1, 1, name="Eva").status_code == 409
    assert debate.get("/api/v1/people").json["people"] == []


def test_what_is_so_already_is_no_edit(debate, db: Session) -> None:
    reply = command(debate, "mark_reviewed", 1, 1, reviewed=False)

    assert (reply.status_code, reply.json["revision"], reply.json["undo"]) == (200, 0, None)
    assert db.scalars(select(Edit)).all() == []


def test_undo_takes_back_ones_own_edits_one_by_one_and_survives_a_new_session(
    debate: CheckedClient, db: Session
) -> None:
    debate.send_json("POST", "/api/v1/people", {"name": "Ana"})
    before = rows(debate)
    command(debate, "edit_text", 1, 1, text="One.")
    command(debate, "edit_text", 1, 2, text="Two.")
    last = command(debate, "assign_segment", 2, 1, person="ana")
    assert last.json["undo"] == {"command": "assign_segment", "segment": 2, "segments": [2]}
    debate.send("/sign-out")
    debate.send("/sign-in", username="editor", password=PASSWORD)

    seen = [undo(debate, 2, 2), undo(debate, 1, 3), undo(debate, 1, 4)]

    assert [reply.status_code for reply in seen] == [200, 200, 200]
    assert [reply.json["segment"]["text"] for reply in seen][1:] == ["One.", before[0]["text"]]
    assert seen[-1].json["undo"] is None
    now = rows(debate)
    assert [row | {"version": 1} for row in now] == before
    nothing = undo(debate, 1, 5)
    assert (nothing.status_code, "current" in nothing.json) == (409, False)
    log = db.scalars(select(Edit).order_by(Edit.revision)).all()
    assert [edit.command for edit in log][-3:] == ["undo"] * 3
    assert log[-1].inverse == {"command": "edit_text", "segment": 1, "text": "One."}


def test_an_undo_sent_twice_takes_back_one_edit(debate) -> None:
    command(debate, "edit_text", 1, 1, text="One.")
    command(debate, "edit_text", 1, 2, text="Two.")

    first, repeated = (undo(debate, 1, 3, "same") for _ in range(2))

    assert first.json == repeated.json
    assert rows(debate)[0]["text"] == "One."


def test_undo_leaves_what_others_wrote(debate, second) -> None:
    command(debate, "edit_text", 1, 1, text="Mine.")
    command(second, "edit_text", 1, 2, text="Theirs.")

    refused = undo(debate, 1, 3)

    assert (refused.status_code, refused.json["by"]) == (409, "petr")
    assert rows(debate)[0]["text"] == "Theirs."
    command(second, "mark_reviewed", 2, 1, reviewed=True)
    assert undo(debate, 1, 3).status_code == 409, "an edit of petr's is not one's own"


def test_undo_of_a_row_that_was_seen_in_another_state_is_stale(debate) -> None:
    command(debate, "edit_text", 1, 1, text="Mine.")

    assert undo(debate, 1, 1).status_code == 409
    assert undo(debate, 2, 1, "wrong-row").json["current"]["id"] == 1


def test_redo_does_again_what_was_taken_back_one_by_one(debate, db: Session) -> None:
    command(debate, "edit_text", 1, 1, text="One.")
    command(debate, "edit_text", 1, 2, text="Two.")
    undo(debate, 1, 3)
    last = undo(debate, 1, 4)
    assert (last.json["undo"], last.json["redo"]["segments"]) == (None, [1])

    seen = [redo(debate, 1, 5), redo(debate, 1, 6)]

    assert [reply.json["segment"]["text"] for reply in seen] == ["One.", "Two."]
    assert seen[-1].json["redo"] is None
    assert redo(debate, 1, 7).status_code == 409
    log = db.scalars(select(Edit).order_by(Edit.revision)).all()
    assert [edit.command for edit in log][2:] == ["undo", "undo", "redo", "redo"]
    again = [undo(debate, 1, 7), undo(debate, 1, 8)]
    assert [reply.json["segment"]["text"] for reply in again] == ["One.", TEXTS[0]]


def test_an_edit_after_an_undo_leaves_nothing_to_redo(debate) -> None:
    command(debate, "edit_text", 1, 1, text="One.")
    undo(debate, 1, 2)
    assert command(debate, "mark_reviewed", 2, 1, reviewed=True).json["redo"] is None

    nothing = redo(debate, 1, 3)

    assert (nothing.status_code, "current" in nothing.json) == (409, False)
    assert undo(debate, 2, 2, "other").json["redo"]["segment"] == 2


def test_redo_is_of_ones_own_and_leaves_what_others_wrote(debate, second) -> None:
    command(debate, "edit_text", 1, 1, text="Mine.")
    undo(debate, 1, 2)
    assert redo(second, 1, 3).status_code == 409
    command(second, "edit_text", 1, 3, text="Theirs.")

    refused = redo(debate, 1, 4)

    assert (refused.status_code, refused.json["by"]) == (409, "petr")
    assert rows(debate)[0]["text"] == "Theirs."


def test_a_redo_sent_twice_is_done_once(debate) -> None:
    command(debate, "edit_text", 1, 1, text="One.")
    command(debate, "edit_text", 1, 2, text="Two.")
    undo(debate, 1, 3)
    undo(debate, 1, 4)

    first, repeated = (redo(debate, 1, 5, "same") for _ in range(2))

    assert first.json == repeated.json
    assert rows(debate)[0]["text"] == "One."


EDIT = {"command": "edit_text", "arguments": {"segment": 1, "text": "x"}}
EDIT |= {"versions": {"1": 1}, "client_id": "c"}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"versions": None}, 428),
        ({"versions": {}}, 428),
        ({"versions": {"2": 1}}, 428),
        ({"versions": {"1": "1"}}, 400),
        ({"versions": {"9" * 5000: 1}}, 400),
        ({"versions": [1]}, 400),
        ({"client_id": ""}, 400),
        ({"client_id": "\ud800"}, 400),
        ({"command": "cut"}, 400),
        ({"command": ["undo"]}, 400),
        ({"arguments": "text"}, 400),
        ({"arguments": {"text": "x"}}, 400),
        ({"arguments": {"segment": 1}}, 400),
        ({"arguments": {"segment": 99, "text": "x"}, "versions": {"99": 1}}, 404),
        ({"arguments": {"segment": 2**70, "text": "x"}}, 404),
        ({"arguments": {"segment": 1, "text": "x" * 20_001}}, 413),
        ({"command": "assign_segment", "arguments": {"segment": 1, "person": "nobody"}}, 422),
        ({"command": "assign_segment", "arguments": {"segment": 1, "person": "\ud800"}}, 422),
        ({"command": "assign_segment", "arguments": {"segment": 1, "name": " "}}, 422),
        ({"command": "mark_reviewed", "arguments": {"segment": 1, "reviewed": 1}}, 400),
    ],
)
def test_a_command_that_cannot_be_is_refused(debate, db: Session, changes, status: int) -> None:
    body = {k: v for k, v in (EDIT | changes).items() if v is not None}
    reply = debate.send_json("POST", COMMANDS, body)

    assert (reply.status_code, reply.mimetype) == (status, "application/problem+json")
    assert reply.json["detail"]
    assert db.scalars(select(Edit)).all() == []


def test_a_segment_of_another_debate_is_not_found(debate, make_job) -> None:
    debate.send("/debates", uri=str(make_job("other", duration=13.0)))

    assert command(debate, "edit_text", 4, 1, text="x").status_code == 404


def test_text_that_no_database_keeps_is_made_harmless(debate) -> None:
    reply = command(debate, "edit_text", 1, 1, text="a\0b\ud800c <b>e\u0301</b>")

    assert reply.json["segment"]["text"] == "a b c <b>\u00e9</b>"
    assert "&lt;b&gt;" in debate.get("/debates/1").text


def test_only_editors_edit(debate: CheckedClient, db: Session) -> None:
    debate.send("/debates/1/publication/on", client_id="p")
    assert debate.post(COMMANDS, json=EDIT).status_code == 400, "without the token"
    user = db.scalars(select(User)).one()
    user.role = "reader"
    db.commit()
    assert debate.send_json("POST", COMMANDS, EDIT).status_code == 403
    debate.send("/sign-out")
    assert debate.send_json("POST", COMMANDS, EDIT).status_code == 401


def test_a_new_version_of_the_file_leaves_the_edits_of_the_old_one(
    debate: CheckedClient, make_job: Callable[..., Path], db: Session
) -> None:
    command(debate, "edit_text", 1, 1, text="Corrected.")
    debate.send("/debates", uri=str(make_job(duration=13.0)))

    texts = [row.text for row in db.scalars(select(Segment).order_by(Segment.id))]
    assert texts[0] == "Corrected."
    assert texts[3] == "Should the city make its buses free?"
    assert [t.revision for t in db.scalars(select(Transcript).order_by(Transcript.id))] == [1, 0]


def test_the_words_of_the_file_time_the_corrected_figures(editor, make_job) -> None:
    example = Path(__file__).parents[4] / "contracts" / "transcript" / "examples"
    document = json.loads((example / "two-speakers.json").read_text())
    editor.send("/debates", uri=str(make_job(**document)))
    uncertain = {n: s["words_uncertain"] for n, s in figures(editor).items()}
    first = rows(editor)[0]
    command(editor, "edit_text", 1, 1, text=first["text"] + " Really now?")

    now = figures(editor)
    assert now[first["name"]]["word_count"] > len(first["text"].split())
    assert now[first["name"]]["words_uncertain"] == uncertain[first["name"]]
