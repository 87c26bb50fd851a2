"""The pages, as an editor and as a reader meet them."""

import json
import zlib
from collections.abc import Callable
from pathlib import Path

from clients import CheckedClient
from commands import name
from debate_webapp.accounts.roles import Role
from debate_webapp.database.models import Artefact, Edit, Speaker, Transcript
from pages import outline
from sqlalchemy import select
from sqlalchemy.orm import Session
from stores import make_account

NAME_00 = "/debates/1/speakers/SPEAKER_00"


def test_a_job_in_the_store_is_offered_and_registered_with_one_click(
    editor: CheckedClient, make_job: Callable[..., Path]
) -> None:
    path = make_job()
    page = editor.get("/").text
    assert "Found in the store, not registered yet" in page
    assert f'value="{path}"' in page

    reply = editor.send("/debates", uri=str(path))

    assert "<h1>Town hall: free buses</h1>" in reply.text
    assert "not registered yet" not in editor.get("/").text


def test_a_reader_sees_a_debate_only_while_it_is_published(debate: CheckedClient) -> None:
    debate.send("/debates/1/publication/on", client_id="a")
    debate.send("/sign-out")
    assert "Town hall: free buses" in debate.get("/").text
    page = debate.get("/debates/1").text
    assert TEXT_OF_SECOND in page
    assert "Who is who" not in page
    debate.send("/sign-in", username="editor", password="correct horse battery")
    debate.send("/debates/1/publication/off", client_id="b")
    debate.send("/sign-out")

    assert "Town hall" not in debate.get("/").text
    for path in ("", "/captions.vtt"):
        assert debate.get(f"/debates/1{path}").status_code == 404
    for path in ("transcripts/1", "transcripts/1/segments", "transcripts/1/stats", "media/1"):
        assert debate.get(f"/api/v1/{path}").status_code == 404


TEXT_OF_SECOND = "Yes, because a bus that is full costs no more than an empty one."


def test_the_page_has_each_segment_with_its_time_and_the_draft_notice(debate) -> None:
    page = outline(debate.get("/debates/1"))

    starts = [li["data-start"] for li in page.all("li") if "data-start" in li]
    assert starts == ["0.5", "3.9", "9.0"]
    times = [b for b in page.all("button") if b.get("class") == "time"]
    assert [b["aria-label"] for b in times] == [
        "Play from 0:00",
        "Play from 0:03",
        "Play from 0:09",
    ]
    page = debate.get("/debates/1").text
    assert "Draft: a machine wrote this down." in page
    assert "Made by whisper-base, segmentation-3.0+campplus." in page


def test_an_empty_site_says_what_to_do_next_in_everybodys_role(client, db) -> None:
    make_account(db, "chief", role=Role.ADMINISTRATOR)
    assert "No debate has been published yet." in client.get("/").text

    client.come_in("chief")
    page = client.get("/").text
    assert 'href="/submissions">Submit a recording</a>' in page
    assert ">Invite colleagues</a>" in page


def test_a_name_is_kept_and_appears_everywhere(debate: CheckedClient) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková")

    page = debate.get("/debates/1").text
    assert "Ana Nováková spoke longest: 5 s, 55 % of the speaking time." in page
    assert page.count('<span class="name">Ana Nováková</span>') == 4  # she begins twice; bar; key
    assert "<v Ana Nováková>And who pays" in debate.get("/debates/1/captions.vtt").text
    assert "Ana Nováková, 1 voice without a name" in debate.get("/").text


def test_two_labels_of_one_person_are_one_row(debate: CheckedClient) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková")
    name(debate, "SPEAKER_01", "ana nováková")

    figures = debate.get("/debates/1").text
    assert figures.count('<li class="colour-') == 2  # one bar, one key
    assert "Ana Nováková spoke for 10 s." in figures
    people = debate.get("/api/v1/people").json
    assert people == {"people": [{"slug": "ana-novakova", "name": "Ana Nováková"}]}


def test_an_empty_name_takes_the_mapping_back(debate: CheckedClient) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková")
    name(debate, "SPEAKER_00", " ", version=2)

    assert "Speaker 00 spoke longest" in debate.get("/debates/1").text


def test_an_editor_who_saw_an_old_row_is_told_who_was_faster(debate: CheckedClient) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková")

    reply = name(debate, "SPEAKER_00", "Petr Svoboda", version=1, client_id="other")

    assert reply.status_code == 409
    assert "Someone else saved Ana Nováková meanwhile" in reply.text
    assert 'value="Petr Svoboda"' in reply.text
    assert name(debate, "SPEAKER_00", "Petr Svoboda", version=2).status_code == 200


def test_a_conflict_leaves_no_new_person_behind(debate: CheckedClient) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková")
    name(debate, "SPEAKER_00", "Petr Svoboda", version=1, client_id="other")

    assert [p["name"] for p in debate.get("/api/v1/people").json["people"]] == ["Ana Nováková"]


def test_a_form_sent_again_after_others_says_what_is_in_the_row(debate, second) -> None:
    name(debate, "SPEAKER_00", "Alice", client_id="form")
    name(second, "SPEAKER_00", "Carol", version=2)

    assert (
        "Saved: SPEAKER_00 is Carol." in name(debate, "SPEAKER_00", "Alice", client_id="form").text
    )
    other = name(debate, "SPEAKER_00", "Bob", client_id="form")
    assert other.status_code == 422
    assert "was used for something else" in other.text
    assert [p["name"] for p in debate.get("/api/v1/people").json["people"]] == ["Alice", "Carol"]


def test_one_id_does_not_publish_and_take_back(debate: CheckedClient) -> None:
    on, off = (debate.send(f"/debates/1/publication/{to}", client_id="1") for to in ("on", "off"))

    assert "Published: everyone can see it." in on.text
    assert off.status_code == 422
    assert "Only people with accounts see it now." not in off.text
    assert debate.get("/api/v1/transcripts/1").json["published"] is True


def test_every_command_is_logged_with_what_would_undo_it(debate, db: Session) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková")
    name(debate, "SPEAKER_00", "Petr Svoboda", version=2)

    edits = db.scalars(select(Edit).order_by(Edit.revision)).all()
    assert [(e.revision, e.command, e.arguments, e.inverse["person"]) for e in edits] == [
        (1, "assign_label", {"label": "SPEAKER_00", "person": "ana-novakova"}, None),
        (2, "assign_label", {"label": "SPEAKER_00", "person": "petr-svoboda"}, "ana-novakova"),
    ]
    assert db.get_one(Transcript, 1).revision == 2


def test_the_machines_bytes_stay_as_they_were_registered(
    debate: CheckedClient, db: Session, make_job: Callable[..., Path]
) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková")

    body = zlib.decompress(db.scalars(select(Artefact)).one().body)
    assert body == make_job().read_bytes()


def test_the_same_file_again_changes_nothing(debate, make_job, db: Session) -> None:
    reply = debate.send("/debates", uri=str(make_job()))

    assert "registered before" in reply.text
    assert len(db.scalars(select(Transcript)).all()) == 1


def test_a_changed_file_is_a_new_version_whose_names_are_proposed_not_taken(
    debate: CheckedClient, make_job: Callable[..., Path], db: Session
) -> None:
    name(debate, "SPEAKER_00", "Ana Nováková")
    debate.send("/debates/1/publication/on", client_id="p")
    swapped = json.loads(
        json.dumps(json.loads(make_job().read_text()))
        .replace("SPEAKER_00", "SPEAKER_X")
        .replace("SPEAKER_01", "SPEAKER_00")
        .replace("SPEAKER_X", "SPEAKER_01")
    )

    reply = debate.send("/debates", uri=str(make_job(**swapped)))
    assert reply.request.path == "/debates/2"
    reply = debate.send("/debates/2/count", client_id="c")

    assert "Proposed from version 1: 100 % of the time in common." in reply.text
    assert 'value="Ana Nováková"' in reply.text
    assert [s.person_id for s in db.scalars(select(Speaker).filter_by(transcript_id=2))] == [
        None
    ] * 2
    old = db.get_one(Transcript, 1)
    assert (old.counts, old.published) == (False, True)
    assert "Ana Nováková" in debate.get("/debates/1").text

    debate.send("/debates/2/publication/on", client_id="q")
    db.refresh(old)
    assert old.published is False


def test_names_cannot_bring_markup_into_a_page(debate: CheckedClient) -> None:
    name(debate, "SPEAKER_00", "<script>alert(1)</script>")

    for path in ("/debates/1", "/"):
        assert "<script>alert" not in debate.get(path).text
    captions = debate.get("/debates/1/captions.vtt").text
    assert "<v &lt;script&gt;alert(1)&lt;/script&gt;>" in captions


def test_text_and_title_of_a_transcript_are_escaped(editor, make_job) -> None:
    bad = "</li><img src=x onerror=alert(1)> --> \n\n00:00"
    segment = {"id": 0, "start": 0.5, "end": 3.3, "speaker": "SPEAKER_00", "text": bad}
    media = {"path": "videos/Town_hall.mp4", "source": {"title": bad, "url": "javascript:alert(1)"}}
    reply = editor.send("/debates", uri=str(make_job(transcription=[segment], media=media)))

    assert "<img" not in reply.text
    assert "javascript:" not in reply.text
    assert editor.get("/debates/1/captions.vtt").text.count("-->") == 1


def test_a_recording_without_speech_has_a_page(editor, make_job) -> None:
    reply = editor.send("/debates", uri=str(make_job(transcription=[], speech=[])))

    assert "Nobody speaks in this recording." in reply.text
    assert "No speech was found." in reply.text


def test_without_the_recording_the_transcript_can_still_be_read(editor, make_job) -> None:
    path = make_job()
    (path.parent.parent / "videos" / "Town_hall.mp4").unlink()

    reply = editor.send("/debates", uri=str(path))

    assert "The recording is not in the store" in reply.text
    assert editor.get("/api/v1/media/1").status_code == 404


def test_long_debates_come_in_blocks_of_fifty(editor, make_job) -> None:
    segments = [
        {
            "id": n,
            "start": n / 10,
            "end": n / 10 + 0.1,
            "speaker": "SPEAKER_00",
            "text": f"Word {n}",
        }
        for n in range(120)
    ]
    page = outline(editor.send("/debates", uri=str(make_job(transcription=segments))))

    assert [ol["start"] for ol in page.all("ol") if ol.get("class") == "block"] == [
        "1",
        "51",
        "101",
    ]


def test_a_page_that_is_not_there_says_so(client: CheckedClient) -> None:
    assert client.get("/debates/7").status_code == 404
    assert client.get("/nowhere").status_code == 404


def test_nothing_a_transcript_says_becomes_markup_in_the_list_of_segments(editor, make_job) -> None:
    said = '"><script src=/x></script>'
    segments = [{"id": 0, "start": 0.0, "end": 1.0, "speaker": "SPEAKER_00", "text": said}]
    editor.send("/debates", uri=str(make_job(transcription=segments, language='"><i id=planted>')))
    name(editor, "SPEAKER_00", said)

    page = editor.get("/debates/1").text
    assert "<i id=planted>" not in page
    assert "<script src=/x>" not in page
    assert page.count("&#34;&gt;&lt;script src=/x&gt;&lt;/script&gt;") >= 4
