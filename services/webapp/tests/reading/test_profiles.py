"""A person over several debates: sums of components, and only what the reader may see."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from clients import CheckedClient
from debate_webapp.reading.people import find_or_add
from pages import outline
from sqlalchemy import Engine
from sqlalchemy.orm import Session


def speech(*stretches: tuple[str, float, float]) -> dict[str, Any]:
    rows = [
        {"id": n, "start": start, "end": end, "speaker": f"SPEAKER_{who}", "text": "So it is."}
        for n, (who, start, end) in enumerate(stretches)
    ]
    return {"transcription": rows, "speech": rows, "duration": max(end for *_, end in stretches)}


#          0     10    20                  50 s
#  short   00────┤01───┤                          Ana 10 of 20 s, 3 words
#  long    00──────────────────────────────┤      Ana 50 of 50 s, 3 words
SHORT = speech(("00", 0, 10), ("01", 10, 20))
LONG = speech(("00", 0, 50))
# Without overlaps, as the first versions of the transcriber made it.
OLD_DRAFT = {"quality": "draft", "model": {"asr": "pocketsphinx", "diarization": "embedded"}}


@pytest.fixture
def register(editor: CheckedClient, make_job):
    """Registers a debate in which SPEAKER_00 is Ana, and publishes it if that is wanted."""
    numbers = iter(range(1, 100))

    def make(publish: bool = True, **changes: Any) -> int:
        number = next(numbers)
        title = {"path": "videos/Town_hall.mp4", "source": {"title": f"Debate {number}"}}
        job = make_job(f"job-{number}", **{"media": title, "quality": "standard"} | changes)
        editor.send("/debates", uri=str(job))
        editor.send(
            f"/debates/{number}/speakers/SPEAKER_00", name="Ana", version=1, client_id="name"
        )
        if publish:
            editor.send(f"/debates/{number}/publication/on", client_id="publish")
        return number

    return make


def test_ratios_over_debates_are_ratios_of_sums(editor: CheckedClient, register) -> None:
    register(**SHORT)
    register(**LONG)

    found = editor.get("/api/v1/people/ana/stats").json
    assert (found["debates"], found["total_seconds"], found["word_count"]) == (2, 60.0, 6)
    assert found["share_speaking_time"] == pytest.approx(60 / 70)  # not the mean of 1/2 and 1
    assert found["wpm"] == pytest.approx(6.0)
    assert found["avg_turn_length_sec"] == pytest.approx(30.0)
    assert [one["title"] for one in found["appearances"]] == ["Debate 2", "Debate 1"]


def test_the_page_says_it_in_words_and_leads_to_the_first_moment(editor, register) -> None:
    register(**speech(("01", 0, 10), ("00", 12, 22)))

    reply = editor.get("/people/ana")
    assert "Spoke for 10 s in 1 debate: 50 % of all speaking time there." in reply.text
    assert "/debates/1#t=12" in [link.get("href") for link in outline(reply).all("a")]


def test_readers_meet_a_person_only_in_published_debates(editor, register) -> None:
    register(**SHORT)
    register(publish=False, **LONG)
    assert "in 2 debates" in editor.get("/people/ana").text
    editor.send("/sign-out")

    assert "Spoke for 10 s in 1 debate" in editor.get("/people/ana").text
    assert "1 debate<" in editor.get("/people").text
    assert len(editor.get("/api/v1/people/ana").json["transcripts"]) == 1


def test_who_speaks_in_no_published_debate_is_not_there_for_readers(editor, register) -> None:
    register(publish=False, **SHORT)
    editor.send("/sign-out")

    for path in ("/people/ana", "/people/nobody", "/api/v1/people/ana", "/api/v1/people/x/stats"):
        assert editor.get(path).status_code == 404, path
    assert "Nobody is named in a published debate yet." in editor.get("/people").text


def test_a_new_version_does_not_count_a_debate_twice(editor, register, make_job) -> None:
    register(**SHORT)
    media = {"path": "videos/Town_hall.mp4", "source": {"title": "Debate 1"}}
    job = make_job("job-1", media=media, quality="standard", **LONG)
    editor.send("/debates", uri=str(job))
    assert editor.get("/api/v1/people/ana/stats").json["total_seconds"] == 10.0
    editor.send("/debates/2/count", client_id="count")
    editor.send("/debates/2/speakers/SPEAKER_00", name="Ana", version=1, client_id="name")

    assert editor.get("/api/v1/people/ana/stats").json["total_seconds"] == 50.0
    editor.send("/sign-out")
    assert editor.get("/api/v1/people/ana/stats").json["total_seconds"] == 10.0


def test_drafts_are_counted_and_their_interruptions_unknown(editor, register) -> None:
    cut = speech(("00", 0, 10), ("01", 9, 20))
    register(**cut)
    register(**OLD_DRAFT, **SHORT)

    found = editor.get("/api/v1/people/ana/stats").json
    assert (found["drafts"], found["debates_with_overlaps_known"]) == (1, 1)
    assert found["interruptions_received"] == 1
    page = editor.get("/people/ana").text
    assert "1 of these 2 debates is a draft," in page
    assert "Interruptions are known in 1 of 2" in page


def test_debates_count_as_reviewed_only_to_the_last_segment(editor, register) -> None:
    register(**SHORT)
    register(**LONG)
    for transcript, segment in ((1, 1), (2, 3)):
        body = {"command": "mark_reviewed", "arguments": {"segment": segment, "reviewed": True}}
        body |= {"versions": {segment: 1}, "client_id": f"review-{segment}"}
        path = f"/api/v1/transcripts/{transcript}/commands"
        assert editor.send_json("POST", path, body).status_code == 200

    found = editor.get("/api/v1/people/ana/stats").json
    assert found["debates_reviewed"] == 1
    assert [one["reviewed_share"] for one in found["appearances"]] == [1.0, 0.5]
    page = editor.get("/people/ana").text
    assert "Reviewed by an editor to the last segment: 1 of 2." in page
    assert "50 % reviewed" in page


def test_old_drafts_alone_say_nothing_of_interruptions(editor, register) -> None:
    register(**OLD_DRAFT, **SHORT)

    assert editor.get("/api/v1/people/ana/stats").json["interruptions_made"] is None
    assert "This debate is a draft," in editor.get("/people/ana").text


def test_trends_begin_with_the_third_debate(editor, register) -> None:
    register(**SHORT)
    register(**LONG)
    assert "From debate to debate" not in editor.get("/people/ana").text
    register(**SHORT)

    page = outline(editor.get("/people/ana"))
    dots = [link for link in page.all("a") if link.get("aria-label")]
    assert len(dots) == 3 * 3
    assert dots[0]["aria-label"] == "50 %: Debate 1"
    heights = [float(str(circle["cy"])) for circle in page.all("circle")][:3]
    assert heights[0] == heights[2] > heights[1]


def test_a_voice_with_a_name_leads_to_the_person(editor, register) -> None:
    register(**SHORT)

    links = [link.get("href") for link in outline(editor.get("/debates/1")).all("a")]
    assert "/people/ana" in links
    assert "/people/ana" in editor.get("/people").text


def test_a_new_name_that_two_editors_give_at_once_is_one_person(engine: Engine) -> None:

    def name_elsewhere() -> int:
        with Session(engine) as session:
            person = find_or_add(session, "ana nováková")
            session.commit()
            return person.id if person else 0

    with Session(engine) as session, ThreadPoolExecutor() as elsewhere:
        person = find_or_add(session, "Ana Nováková")
        other = elsewhere.submit(name_elsewhere)
        with pytest.raises(TimeoutError):
            other.result(timeout=2)
        session.commit()
        assert person is not None
        assert other.result(timeout=20) == person.id
