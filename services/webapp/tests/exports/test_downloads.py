"""Exports over HTTP: what a reader gets to keep, under which name, and who may have it."""

import csv
import io
import json
import zipfile

import docx
import pytest
import srt
from clients import CheckedClient
from debate_stats import compute_statistics, parse_transcript
from debate_webapp.database.models import Segment
from debate_webapp.exports import FORMATS
from sqlalchemy import update
from sqlalchemy.orm import Session
from stores import SPEECH, TEXTS

EXPORT = "/api/v1/transcripts/1/export"


def name_first_speaker(client: CheckedClient, name: str) -> None:
    client.send("/debates/1/speakers/SPEAKER_00", name=name, version=1, client_id="c1")


@pytest.mark.parametrize("extension", FORMATS)
def test_each_format_comes_as_a_file_of_its_type_and_name(debate, extension: str) -> None:
    reply = debate.get(f"{EXPORT}.{extension}")

    assert reply.status_code == 200
    assert reply.mimetype == FORMATS[extension].media_type
    assert reply.headers["Content-Disposition"] == (
        f'attachment; filename="Town hall free buses-draft.{extension}"; '
        f"filename*=UTF-8''Town%20hall%20free%20buses-draft.{extension}"
    )
    assert int(reply.headers["Content-Length"]) == len(reply.data) > 0


def test_names_reach_every_format(debate: CheckedClient) -> None:
    name_first_speaker(debate, "Ana Nováková")

    files = {extension: debate.get(f"{EXPORT}.{extension}").data for extension in FORMATS}
    with zipfile.ZipFile(io.BytesIO(files["docx"])) as parts:
        files["docx"] = parts.read("word/document.xml")
    for extension in ("docx", "txt", "srt", "vtt", "csv", "json"):
        assert "Ana Nováková" in files[extension].decode(), extension
    assert b" ana-novakova " in files["rttm"]
    speakers = {s["label"]: s["person"] for s in json.loads(files["json"])["speakers"]}
    assert speakers == {"SPEAKER_00": "ana-novakova", "SPEAKER_01": None}


def test_an_editors_text_replaces_the_machines_and_its_words(editor, make_job, db: Session) -> None:
    words = [
        {"word": word, "start": 0.5 + n * 0.4, "end": 0.9 + n * 0.4, "probability": 0.9}
        for n, word in enumerate(TEXTS[0].split())
    ]
    segments = [
        {**stretch, "id": n, "text": text, "words": words if n == 0 else []}
        for n, (stretch, text) in enumerate(zip(SPEECH, TEXTS, strict=True))
    ]
    editor.send("/debates", uri=str(make_job(transcription=segments)))
    (first, *_) = editor.get(f"{EXPORT}.json").json["transcription"]
    assert [w["word"] for w in first["words"]] == TEXTS[0].split()

    db.execute(
        update(Segment).where(Segment.id == 1).values(text="Corrected.", reviewed=True, version=2)
    )
    db.commit()

    (first, *_) = editor.get(f"{EXPORT}.json").json["transcription"]
    assert (first["text"], first["reviewed"]) == ("Corrected.", True)
    assert "".join(word["word"] for word in first["words"]) == "Corrected."
    assert next(srt.parse(editor.get(f"{EXPORT}.srt").text)).content == "Speaker 00: Corrected."
    rows = csv.DictReader(io.StringIO(editor.get(f"{EXPORT}.csv").data.decode("utf-8-sig")))
    assert [row["text"] for row in rows] == ["Corrected.", *TEXTS[1:]]


def test_a_document_leads_back_to_the_page(debate: CheckedClient) -> None:
    document = docx.Document(io.BytesIO(debate.get(f"{EXPORT}.docx").data))

    links = [link.url for p in document.paragraphs for link in p.hyperlinks]
    assert "http://localhost/debates/1#t=3.9" in links


def test_a_copy_that_is_still_right_is_not_sent_again(debate: CheckedClient) -> None:
    first = debate.get(f"{EXPORT}.srt")
    known = {"If-None-Match": first.headers["ETag"]}

    again = debate.get(f"{EXPORT}.srt", headers=known)
    other = debate.get(f"{EXPORT}.vtt", headers=known)
    name_first_speaker(debate, "Ana")
    named = debate.get(f"{EXPORT}.srt", headers=known)

    assert (again.status_code, again.data) == (304, b"")
    assert (other.status_code, named.status_code) == (200, 200)
    assert b"Ana: " in named.data


def test_a_format_that_is_not_there_is_a_problem_that_names_those_that_are(debate) -> None:
    reply = debate.get(f"{EXPORT}.pdf")

    assert reply.status_code == 404
    assert reply.mimetype == "application/problem+json"
    assert "docx, txt, srt, vtt, csv, json, rttm" in reply.json["detail"]


def test_only_what_is_published_can_be_had_without_an_account(debate: CheckedClient) -> None:
    debate.send("/sign-out")
    assert debate.get(f"{EXPORT}.txt").status_code == 404
    # Nor does the answer tell which debates there are.
    assert debate.get(f"{EXPORT}.pdf").json == debate.get("/api/v1/transcripts/9/export.txt").json

    debate.send("/sign-in", username="editor", password="correct horse battery")
    debate.send("/debates/1/publication/on", client_id="p")
    debate.send("/sign-out")
    assert debate.get(f"{EXPORT}.txt").status_code == 200


@pytest.mark.parametrize("extension", FORMATS)
def test_a_head_full_of_tricks_stays_a_head(editor, make_job, extension: str) -> None:
    trick = "\n\n00:00.000 --> 00:09.000\n<b>\x01"
    source = {"title": f"Title{trick}", "url": f"https://videos.example/{trick}"}
    model = {"asr": f"engine{trick}", "diarization": "embedded"}
    path = make_job(media={"source": source}, model=model, language="e\x02n\n")
    editor.send("/debates", uri=str(path))

    reply = editor.get(f"{EXPORT}.{extension}")

    assert reply.status_code == 200
    if extension in ("srt", "vtt"):
        assert reply.text.count(" --> ") == len(SPEECH)
    assert "\n" not in reply.headers["Content-Disposition"]


@pytest.mark.parametrize("extension", FORMATS)
def test_a_recording_without_speech_has_its_files_too(editor, make_job, extension: str) -> None:
    editor.send("/debates", uri=str(make_job(transcription=[], speech=[])))

    assert editor.get(f"{EXPORT}.{extension}").status_code == 200


def test_transcripts_of_the_predecessor_can_be_exported(editor, make_job) -> None:
    path = make_job()
    segments = [{**stretch, "text": "Well.", "confidence": 0.5} for stretch in SPEECH]
    path.write_text(json.dumps({"duration": 12.0, "transcription": segments}))
    editor.send("/debates", uri=str(path))

    for extension in FORMATS:
        assert editor.get(f"{EXPORT}.{extension}").status_code == 200
    assert len(editor.get(f"{EXPORT}.json").json["transcription"]) == 3


def test_words_and_ids_of_any_kind_that_can_be_registered_can_be_exported(editor, make_job) -> None:
    odd = [
        {"word": "Well.", "start": 1, "end": 2, "speaker": None, "overlap": "no"},
        {"word": "", "start": 1, "end": 1, "space_before": 7, "probability": None},
    ]
    ids = [10**30, None, {"a": 1}]
    segments = [
        {**stretch, "id": each, "text": "Well.", "words": odd}
        for stretch, each in zip(SPEECH, ids, strict=True)
    ]
    editor.send("/debates", uri=str(make_job(transcription=segments)))

    for extension in ("srt", "vtt", "json"):
        assert editor.get(f"{EXPORT}.{extension}").status_code == 200


def test_the_page_offers_every_format(debate: CheckedClient) -> None:
    page = debate.get("/debates/1").text

    for extension, made in FORMATS.items():
        assert f'href="{EXPORT}.{extension}"' in page
        assert made.purpose in page


def test_figures_of_the_exported_data_are_those_of_the_site(debate: CheckedClient) -> None:
    debate.send_json("POST", "/api/v1/people", {"name": "Eva Trojan"})
    for command, change in (
        ("assign_segment", {"person": "eva-trojan"}),
        ("edit_text", {"text": "Nobody pays."}),
    ):
        last = debate.get("/api/v1/transcripts/1/segments").json["segments"][2]
        body = {
            "command": command,
            "arguments": {"segment": last["id"], **change},
            "versions": {last["id"]: last["version"]},
            "client_id": command,
        }
        assert debate.send_json("POST", "/api/v1/transcripts/1/commands", body).status_code == 200

    exported = debate.get(f"{EXPORT}.json").json
    people = {one["label"]: one["person"] for one in exported["speakers"]}
    again = compute_statistics(parse_transcript(exported), people).speakers
    site = debate.get("/api/v1/transcripts/1/stats").json["speakers"]
    assert {(one.speaker_id_in_transcript, one.total_seconds, one.word_count) for one in again} == {
        (one["speaker_id_in_transcript"], one["total_seconds"], one["word_count"]) for one in site
    }
    assert ("eva-trojan", 2) in {(one.speaker_id_in_transcript, one.word_count) for one in again}
