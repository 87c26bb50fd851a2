"""Corrections that wait for a newer version: offered, accepted, undone."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
from clients import CheckedClient
from debate_webapp.database.models import Transcript
from debate_webapp.editing.carrying.fitting import Fit, Outcome
from debate_webapp.editing.carrying.proposals import Offer
from debate_webapp.editing.carrying.textual import Correction
from desks import CORRECTED, Desk
from servers import COMMAND
from stores import SPEECH, TEXTS


def heard_again(*texts: str, swap: bool = False) -> list[dict[str, Any]]:
    """The segments of the debate as another recogniser hears them, a little later."""
    labels = {"SPEAKER_00": "SPEAKER_01", "SPEAKER_01": "SPEAKER_00"} if swap else {}
    return [
        {
            "id": at,
            "start": stretch["start"] + 0.1,
            "end": stretch["end"] + 0.1,
            "speaker": labels.get(str(stretch["speaker"]), stretch["speaker"]),
            "text": text,
        }
        for at, (stretch, text) in enumerate(zip(SPEECH, texts, strict=True))
    ]


@pytest.fixture
def waiting(desk: Desk) -> Desk:
    """Version 1 with a corrected text, a person's segment, a name, a reviewed mark; 2 waits."""
    desk.correct()
    desk.client.send_json("POST", "/api/v1/people", {"name": "Eva"})
    desk.command(1, "assign_segment", segment=2, person="eva")
    desk.client.send("/debates/1/speakers/SPEAKER_00", name="Ana", version=1, client_id="n")
    desk.command(1, "mark_reviewed", segment=3, reviewed=True)
    speech = heard_again(*TEXTS, swap=True)
    desk.transcribe_again(transcription=speech, speech=speech)
    return desk


def carry_over(desk: Desk, **body: Any) -> Any:
    body = {"corrections": "all", "client_id": desk.new_id()} | body
    return desk.client.send_json("POST", "/api/v1/transcripts/2/carrying", body)


def rows(desk: Desk, transcript: int = 2) -> list[tuple[str, str, bool]]:
    found = desk.json(f"transcripts/{transcript}/segments")["segments"]
    return [(row["text"], row["name"], row["reviewed"]) for row in found]


CARRIED = [(CORRECTED, "Ana", False), (TEXTS[1], "Eva", False), (TEXTS[2], "Ana", True)]


def test_the_waiting_version_says_how_much_fits(waiting: Desk) -> None:
    counts = waiting.json("transcripts/2/carrying")["counts"]
    assert counts["corrections"] == {"total": 2, "fits": 2, "there": 0, "not": 0}
    assert (counts["names"]["fits"], counts["reviewed"]["fits"]) == (1, 1)
    page = waiting.client.get("/debates/2").text
    assert "2 of 2 corrections, 1 of 1 name and 1 of 1 reviewed segment fit" in page


def test_accepting_all_carries_words_speakers_names_and_marks(waiting: Desk) -> None:
    page = waiting.client.send("/debates/2/carrying", everything="1", client_id="all")

    assert page.request.path == "/debates/2"
    assert rows(waiting) == CARRIED
    assert waiting.listed() == [2]
    assert waiting.json("transcripts/1")["superseded_by"]["version"] == 2
    assert rows(waiting, 1) == CARRIED, "the old version stays as it was"


def test_what_was_carried_over_can_be_undone_edit_by_edit(waiting: Desk) -> None:
    carry_over(waiting)
    for _ in range(3):
        assert waiting.command(2, "undo").status_code == 200
    assert [(text, reviewed) for text, _, reviewed in rows(waiting)] == [(t, False) for t in TEXTS]
    assert waiting.command(2, "undo").status_code == 409


def test_accepting_twice_or_by_two_editors_makes_nothing_double(
    waiting: Desk, second: CheckedClient
) -> None:
    body = {"corrections": "all", "client_id": "once"}
    path = "/api/v1/transcripts/2/carrying"
    assert waiting.client.send_json("POST", path, body).status_code == 200
    revision = waiting.json("transcripts/2")["revision"]

    assert waiting.client.send_json("POST", path, body).status_code == 200
    assert second.send_json("POST", path, body | {"client_id": "other"}).status_code == 409
    page = second.send("/debates/2/carrying", everything="1", client_id="third")
    assert "nothing was carried over twice" in page.text
    assert waiting.json("transcripts/2")["revision"] == revision
    assert rows(waiting) == CARRIED


def test_each_correction_is_listed_and_what_is_not_ticked_stays_behind(waiting: Desk) -> None:
    page = waiting.client.get("/debates/2/carrying").text
    assert "<del>city</del>" in page
    assert "<ins>town</ins>" in page
    offered = waiting.json("transcripts/2/carrying")
    ids = {one["kind"]: one["id"] for one in offered["corrections"]}

    waiting.client.send(
        "/debates/2/carrying",
        carry=[ids["speaker"], "reviewed"],
        seen=offered["revision"],
        client_id="some",
    )

    assert rows(waiting) == [
        (TEXTS[0], "Speaker 01", False),
        (TEXTS[1], "Eva", False),
        # Without its name the voice is not the one that was reviewed.
        (TEXTS[2], "Speaker 01", False),
    ]


def test_a_correction_made_while_somebody_looks_is_shown_to_them_first(waiting: Desk) -> None:
    seen = waiting.json("transcripts/2/carrying")["revision"]
    waiting.command(1, "edit_text", segment=3, text="And who pays the drivers?")

    page = waiting.client.send("/debates/2/carrying", seen=seen, client_id="late")
    assert page.status_code == 409
    assert "Someone corrected that version meanwhile" in page.text
    assert carry_over(waiting, revision=seen).status_code == 409
    assert waiting.listed() == [1]


def test_what_does_not_fit_is_said_and_kept_in_the_old_version(desk: Desk) -> None:
    desk.correct()
    speech = heard_again("Completely different things were heard in this place.", *TEXTS[1:])
    desk.transcribe_again(transcription=speech, speech=speech)

    (one,) = desk.json("transcripts/2/carrying")["corrections"]
    assert (one["outcome"], one["why"]) == ("not", "the new transcription has other words there")
    assert one["why"] in desk.client.get("/debates/2/carrying").text
    assert carry_over(desk).status_code == 200
    assert 'href="/debates/1"' in desk.client.get("/debates/2").text


def test_only_a_version_that_waits_takes_anything_over(waiting: Desk) -> None:
    for path in ("transcripts/1/carrying", "transcripts/99/carrying"):
        assert waiting.client.get(f"/api/v1/{path}").status_code in (404, 409)
    assert waiting.client.get("/debates/1/carrying", follow_redirects=True).status_code == 200
    for body in ({"corrections": "some"}, {"corrections": [1]}, {"revision": "x"}):
        assert carry_over(waiting, **body).status_code == 400
    stranger = waiting.client.application.test_client()
    assert stranger.get("/api/v1/transcripts/2/carrying").status_code == 401


def test_who_asks_of_a_version_that_does_not_wait_is_told_which_does(waiting: Desk) -> None:
    def refused() -> tuple[str, str]:
        reply = waiting.client.get("/api/v1/transcripts/1/carrying")
        assert reply.status_code == 409
        return reply.json["title"], reply.json["detail"]

    says = "Version 1 counts, and takes over nothing; version 2 waits: /api/v1/transcripts/2."
    assert refused() == ("This version does not wait", says)
    carry_over(waiting)
    says = "This version was replaced by version 2; correct that one."
    assert refused() == ("Another version counts", says)
    late = carry_over(waiting)
    assert (late.status_code, late.json["detail"]) == (
        409,
        "Version 2 counts, and takes over nothing; no version waits.",
    )


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ({"text": (1, 1), "name": (3, 3)}, "1 of 1 correction and 3 of 3 names fit"),
        ({"text": (1, 1)}, "1 of 1 correction fits"),
        ({"text": (0, 1)}, "0 of 1 correction fits"),
        ({"name": (1, 3)}, "1 of 3 names fits"),
        ({"name": (0, 3)}, "0 of 3 names fit"),
        ({"reviewed": (2, 2)}, "2 of 2 reviewed segments fit"),
    ],
)
def test_how_much_fits_is_a_sentence(outcomes: dict[str, tuple[int, int]], said: str) -> None:
    corrections = [
        Correction(kind, kind, 0, 1, "", "", "", Fit(Outcome.FITS if n < fits else Outcome.NOT))
        for kind, (fits, total) in outcomes.items()
        for n in range(total)
    ]

    assert str(Offer(Transcript(), corrections)) == said


def test_returning_to_the_old_version_and_accepting_again_doubles_nothing(waiting: Desk) -> None:
    carry_over(waiting)
    waiting.count(1)
    counts = waiting.json("transcripts/2/carrying")["counts"]
    assert counts["corrections"] == {"total": 2, "fits": 0, "there": 2, "not": 0}
    carry_over(waiting)
    assert rows(waiting) == CARRIED


def test_splits_and_merges_are_carried_over(desk: Desk) -> None:
    desk.command(1, "split", segment=2, texts=["Yes,", TEXTS[1].removeprefix("Yes, ")])
    desk.client.send_json("POST", "/api/v1/people", {"name": "Eva"})
    desk.command(1, "assign_segment", segment=4, person="eva")
    desk.command(1, "merge", segment=4, other=3)
    before = rows(desk, 1)
    speech = heard_again(*TEXTS)
    desk.transcribe_again(transcription=speech, speech=speech)

    assert carry_over(desk).status_code == 200
    assert rows(desk) == before


def test_undone_corrections_do_not_hold_a_new_transcription_up(desk: Desk) -> None:
    desk.correct()
    desk.command(1, "undo")
    desk.transcribe_again()
    assert desk.listed() == [2]


def test_registering_says_how_much_fits(desk: Desk) -> None:
    desk.correct()
    uri = str(desk.make_job(language="cs"))
    assert said("register", uri, root=desk.root).endswith(
        "(registered; of version 1, 1 of 1 correction fits: it waits for an editor's decision)\n"
    )
    line = said("corrections", root=desk.root)
    assert line.endswith(
        "of older versions, while newer ones wait: Town hall: free buses, version 1\n"
    )


def said(*arguments: str, root: Path) -> str:
    command, env = [COMMAND, *arguments], {"STORAGE_ROOT": str(root)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout
