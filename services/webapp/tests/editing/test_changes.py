"""What changed since a revision: the feed that keeps open pages up to date."""

import pytest
from clients import CheckedClient
from commands import command, give, merge, rows, split, undo
from debate_webapp.site.api import changes
from stores import PASSWORD

CHANGES = "/api/v1/transcripts/1/changes"


def since(client: CheckedClient, revision: object, **headers: str):
    return client.get(f"{CHANGES}?since={revision}", headers=headers)


def test_without_changes_there_is_nothing_to_send(debate: CheckedClient) -> None:
    assert (since(debate, 0).status_code, since(debate, 0).data) == (304, b"")
    command(debate, "mark_reviewed", 1, 1, reviewed=True)

    assert since(debate, 1).status_code == 304
    assert since(debate, 7).status_code == 304


def test_a_copy_that_is_still_right_is_not_sent_again(debate: CheckedClient) -> None:
    command(debate, "mark_reviewed", 1, 1, reviewed=True)
    first = since(debate, 0)
    known = {"If-None-Match": first.headers["ETag"]}
    assert (first.status_code, since(debate, 0, **known).status_code) == (200, 304)

    command(debate, "mark_reviewed", 2, 1, reviewed=True)

    assert since(debate, 0, **known).status_code == 200


def test_each_row_comes_once_as_it_is_now_and_the_others_do_not(debate, second) -> None:
    command(debate, "edit_text", 1, 1, text="One.")
    command(second, "edit_text", 1, 2, text="Two.")
    command(second, "mark_reviewed", 3, 1, reviewed=True)

    all_of_it, rest = since(debate, 0).json, since(debate, 2).json

    assert all_of_it["segments"] == [row for row in rows(debate) if row["id"] in (1, 3)]
    assert [row["id"] for row in rest["segments"]] == [3]
    assert [(s["label"], s["version"]) for s in rest["speakers"]] == [
        ("SPEAKER_00", 1),
        ("SPEAKER_01", 1),
    ]
    assert (all_of_it["revision"], all_of_it["reviewed"]) == (3, pytest.approx(1 / 3))
    assert (all_of_it["by"], since(second, 0).json["by"]) == (["petr"], ["editor"])
    assert (all_of_it["undo"]["command"], since(second, 0).json["undo"]["command"]) == (
        "edit_text",
        "mark_reviewed",
    )


def test_new_halves_come_and_what_was_merged_away_is_told_to_go(debate: CheckedClient) -> None:
    _, half = split(debate, 1, 1, texts=["Should the city", "make its buses free?"]).json[
        "segments"
    ]
    merge(debate, {half["id"]: half["version"], 2: 1})

    now = {row["id"]: row["removed"] for row in since(debate, 0).json["segments"]}
    assert now == {1: False, half["id"]: False, 2: True}
    give(debate, "undo", {half["id"]: half["version"] + 1})
    assert {row["id"]: row["removed"] for row in since(debate, 2).json["segments"]} == {
        half["id"]: False,
        2: False,
    }


def test_a_name_given_to_a_label_changes_all_its_rows_but_those_with_a_person(debate) -> None:
    debate.send_json("POST", "/api/v1/people", {"name": "Eva"})
    command(debate, "assign_segment", 3, 1, person="eva")
    debate.send_json("POST", "/api/v1/people", {"name": "Ana"})
    mapping = {"person": "ana", "version": 1, "client_id": "m"}
    debate.send_json("PUT", "/api/v1/transcripts/1/speakers/SPEAKER_00", mapping)

    found = since(debate, 1).json
    assert [(row["id"], row["name"]) for row in found["segments"]] == [(1, "Ana")]
    assert [(voice["key"], voice["labels"]) for voice in found["voices"]] == [
        ("ana", ["SPEAKER_00"]),
        ("SPEAKER_01", ["SPEAKER_01"]),
        ("eva", []),
    ]


def test_after_too_many_edits_the_page_is_to_be_loaded_anew(debate, monkeypatch) -> None:
    monkeypatch.setattr(changes, "MOST", 2)
    for version in range(1, 4):
        command(debate, "mark_reviewed", 1, version, reviewed=version % 2 == 1)

    assert (since(debate, 0).status_code, since(debate, 1).status_code) == (410, 200)
    assert "load it anew" in since(debate, 0).json["detail"]


def test_publishing_raises_the_revision_and_changes_no_row(debate: CheckedClient) -> None:
    debate.send("/debates/1/publication/on", client_id="p")

    assert since(debate, 0).json["segments"] == []


def test_readers_are_not_told(debate: CheckedClient) -> None:
    """What was taken out is among the changes."""
    command(debate, "edit_text", 1, 1, text="One.")
    debate.send("/sign-out")
    assert since(debate, 0).status_code == 401
    debate.send("/sign-in", username="editor", password=PASSWORD)
    debate.send("/debates/1/publication/on", client_id="p")
    debate.send("/sign-out")

    assert since(debate, 0).status_code == 401


@pytest.mark.parametrize("revision", ["", "-1", "x", "1.5", "2147483648", "9" * 30, "1_0"])
def test_a_revision_that_cannot_be_is_refused(debate: CheckedClient, revision: str) -> None:
    reply = since(debate, revision)

    assert (reply.status_code, reply.mimetype) == (400, "application/problem+json")


def test_the_figures_alone_are_those_of_the_page(debate: CheckedClient) -> None:
    command(debate, "edit_text", 1, 1, text="Buses.")
    undo(debate, 1, 2)
    command(debate, "edit_text", 1, 3, text="Should trams be free?")

    page, alone = debate.get("/debates/1").text, debate.get("/debates/1/figures").text
    brief = debate.get("/debates/1/figures?brief").text
    part = page[page.index('<section class="figures"') : page.index("<dl>")]
    assert part in alone
    assert "Should trams" in alone
    assert "Should trams" not in brief
    assert debate.get("/debates/2/figures").status_code == 404
