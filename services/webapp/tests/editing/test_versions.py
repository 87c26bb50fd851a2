"""Several versions of a debate: one counts, and what editors made of it is never out of sight."""

from typing import Any

import pytest
from debate_webapp.database.models import Transcript
from desks import CORRECTED, Desk
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import TEXTS


def test_a_new_transcription_takes_the_place_of_one_that_nobody_touched(desk: Desk) -> None:
    desk.transcribe_again()

    assert desk.listed() == [2]
    old, new = desk.json("transcripts/1"), desk.json("transcripts/2")
    assert (old["counts"], old["superseded"], new["counts"]) == (False, True, True)
    assert old["superseded_by"] == {"id": 2, "version": 2, "page": "/debates/2"}


def test_a_corrected_debate_stays_listed_and_leads_to_the_new_transcription(desk: Desk) -> None:
    """LOST 5 (a)."""
    desk.correct()
    desk.transcribe_again()

    assert desk.listed() == [1]
    assert 'href="/debates/2"' in desk.client.get("/").text
    assert 'href="/debates/2"' in desk.client.get("/debates/1").text
    assert 'href="/debates/1"' in desk.client.get("/debates/2").text


def test_a_named_debate_stays_as_well(desk: Desk) -> None:
    desk.client.send("/debates/1/speakers/SPEAKER_00", name="Ana", version=1, client_id="n")
    desk.transcribe_again()
    assert desk.listed() == [1]
    assert [one["id"] for one in desk.json("people/ana")["transcripts"]] == [1]


def test_the_dataset_keeps_the_corrections(desk: Desk) -> None:
    """LOST 5 (b)."""
    desk.correct()
    kept = desk.dataset()
    desk.transcribe_again()
    assert desk.dataset() == kept != []

    desk.count(2)
    assert desk.dataset() == []


def test_an_open_page_learns_that_its_version_was_replaced(desk: Desk) -> None:
    """LOST 5 (c)."""
    assert desk.changes(1).status_code == 304
    desk.transcribe_again()

    reply = desk.changes(1, since=desk.json("transcripts/1")["revision"])
    assert reply.status_code == 200
    assert reply.json["superseded"] == {"id": 2, "version": 2, "page": "/debates/2"}
    assert desk.changes(2).status_code == 304


def test_what_is_sent_to_a_replaced_version_is_refused_with_where_to_go(desk: Desk) -> None:
    """LOST 5 (c)."""
    desk.transcribe_again()

    reply = desk.command(1, "edit_text", segment=1, text=CORRECTED)
    assert reply.status_code == 409
    assert reply.json["detail"] == "This version was replaced by version 2; correct that one."
    assert reply.json["superseded"]["page"] == "/debates/2"
    assert [row["text"] for row in desk.json("transcripts/1/segments")["segments"]] == TEXTS

    named = desk.client.send("/debates/1/speakers/SPEAKER_00", name="A", version=1, client_id="n")
    published = desk.client.send("/debates/1/publication/on", client_id="p")
    assert (named.status_code, published.status_code) == (409, 409)
    assert 'href="/debates/2"' in named.text


def test_a_request_that_was_answered_before_is_answered_again(desk: Desk) -> None:
    body = {
        "command": "edit_text",
        "arguments": {"segment": 1, "text": CORRECTED},
        "versions": {"1": 1},
        "client_id": "once",
    }
    path = "/api/v1/transcripts/1/commands"
    assert desk.client.send_json("POST", path, body).json["superseded"] is None
    desk.transcribe_again()
    desk.count(2)
    again = desk.client.send_json("POST", path, body)
    assert (again.status_code, again.json["superseded"]["version"]) == (200, 2)


def test_a_waiting_version_is_not_edited_before_it_counts(desk: Desk) -> None:
    desk.correct()
    desk.transcribe_again()

    reply = desk.command(2, "edit_text", segment=4, text="other")
    assert (reply.status_code, reply.json["superseded"]) == (409, None)
    assert "waits until an editor says" in reply.json["detail"]
    assert desk.client.send("/debates/2/publication/on", client_id="p").status_code == 409
    assert desk.command(1, "edit_text", segment=2, text="more").status_code == 200


def test_the_new_version_can_be_taken_as_it_is_and_the_old_one_be_returned_to(desk: Desk) -> None:
    desk.correct()
    desk.transcribe_again()

    page = desk.count(2)
    assert (page.status_code, page.request.path) == (200, "/debates/2")
    assert desk.listed() == [2]
    assert 'href="/debates/1"' in page.text, "the old version stays in sight"

    desk.count(1)
    assert desk.listed() == [1]
    rows = desk.json("transcripts/1/segments")["segments"]
    assert rows[0]["text"] == CORRECTED
    log = [(edit.command, edit.arguments) for edit in edits(desk.db)]
    assert log[1:] == [("count", {"instead_of": 1}), ("count", {"instead_of": 2})]


def edits(db: Session) -> list[Any]:
    from debate_webapp.database.models import Edit

    return list(db.scalars(select(Edit).order_by(Edit.id)))


def test_only_editors_choose_which_version_counts(desk: Desk) -> None:
    desk.correct()
    desk.transcribe_again()
    stranger = desk.client.application.test_client()
    assert stranger.post("/debates/2/count", data={"client_id": "x"}).status_code == 400
    assert desk.listed() == [1]


def test_readers_see_the_public_version_until_the_new_one_is_published(desk: Desk) -> None:
    desk.correct()
    desk.client.send("/debates/1/publication/on", client_id="p")
    desk.transcribe_again()
    desk.count(2)
    reader = desk.client.application.test_client()

    def listed() -> list[int]:
        return [row["id"] for row in reader.get("/api/v1/transcripts").json["transcripts"]]

    assert listed() == [1]
    assert reader.get("/debates/2").status_code == 404
    desk.client.send("/debates/2/publication/on", client_id="q")
    assert listed() == [2]


def test_a_third_transcription_waits_in_the_place_of_the_second(desk: Desk) -> None:
    desk.correct()
    desk.transcribe_again()
    desk.transcribe_again(language="sk")

    assert desk.listed() == [1]
    assert desk.json("transcripts/2")["superseded_by"]["version"] == 3
    assert desk.json("transcripts/3")["superseded_by"] is None
    assert desk.db.get_one(Transcript, 3).previous_id == 1


def test_two_versions_of_a_debate_never_count_at_once(desk: Desk) -> None:
    from sqlalchemy.exc import IntegrityError

    desk.transcribe_again()
    old = desk.db.get_one(Transcript, 1)
    old.counts = True
    with pytest.raises(IntegrityError):
        desk.db.commit()
