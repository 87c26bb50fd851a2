"""Transcripts are untrusted: what cannot be used is refused in one sentence."""

import json
from pathlib import Path

import pytest
from debate_contract.errors import BadInput
from debate_webapp.incoming.artefact import parse_transcript
from stores import transcript_document

EXAMPLES = Path(__file__).parents[4] / "contracts" / "transcript" / "examples"


def parse(**changes):
    return parse_transcript(json.dumps(transcript_document(**changes)).encode(), "t.json")


def segment(**changes):
    return {"start": 0, "end": 1, "speaker": "SPEAKER_00", "text": "Yes."} | changes


@pytest.mark.parametrize("name", ["two-speakers", "overlap", "empty", "predecessor"])
def test_every_golden_example_is_read(name: str) -> None:
    body = (EXAMPLES / f"{name}.json").read_bytes()

    transcript = parse_transcript(body, name)

    assert len(transcript.segments) == len(json.loads(body)["transcription"])


def test_an_unknown_major_version_is_refused_in_one_sentence() -> None:
    body = (EXAMPLES / "future-major.json").read_bytes()

    with pytest.raises(BadInput, match=r"schema version '2.*reads version 1"):
        parse_transcript(body, "future-major.json")


def test_the_predecessors_confidence_is_the_speakers() -> None:
    transcript = parse_transcript((EXAMPLES / "predecessor.json").read_bytes(), "p")

    assert {s.confidence for s in transcript.segments} == {None}
    assert None not in {s.speaker_confidence for s in transcript.segments}
    assert transcript.quality is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"<html>",
        b"{}",
        b"[" * 100_000,
        b'{"schema_version": "1.0", "transcription": [], "duration": NaN}',
        b'{"schema_version": "1.0", "transcription": [], "duration": 1e999}',
        b'{"schema_version": 1, "transcription": [], "duration": 1}',
        b'{"schema_version": "1.0", "duration": 1}',
        b'{"schema_version": "1.0", "transcription": {}, "duration": 1}',
        b'{"schema_version": "1.0", "transcription": []}',
    ],
)
def test_a_file_that_is_no_transcript_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput, match=r"^t\.json ") as refusal:
        parse_transcript(body, "t.json")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"transcription": [segment(start=-1)]},
        {"transcription": [segment(start="0")]},
        {"transcription": [segment(start=True)]},
        {"transcription": [segment(start=3)]},
        {"transcription": [segment(end=1e12)]},
        {"transcription": [segment(speaker=None)]},
        {"transcription": [segment(speaker="<b>")]},
        {"transcription": [segment(text=7)]},
        {"transcription": [segment(text="x" * 30_000)]},
        {"transcription": [segment(confidence=2)]},
        {"transcription": ["segment"]},
        {"transcription": [segment(speaker=f"SPEAKER_{n}") for n in range(300)]},
        {"speech": "all of it"},
        {"speech": [{"start": 0, "end": 1}]},
        {"speech": [{"start": 2, "end": 1, "speaker": "SPEAKER_00"}]},
        {"speech": [{"start": 0, "speaker": "SPEAKER_00"}]},
        {"transcription": [segment(words=[{"word": "a", "start": 1, "end": 0}])]},
        {"transcription": [segment(words=[{"word": 1}])]},
        {"transcription": [segment(text="half a pair \ud800")]},
        {"duration": -1},
        {"duration": "long"},
    ],
)
def test_values_that_cannot_be_are_refused(changes: dict) -> None:
    with pytest.raises(BadInput, match=r"^t\.json is not a usable transcript: "):
        parse(**changes)


def test_text_that_a_database_cannot_keep_is_made_harmless() -> None:
    body = json.dumps(transcript_document(transcription=[segment(text="a\0b c")])).encode()

    (only,) = parse_transcript(body, "t.json").segments

    assert only.text == "ab c"


def test_labels_come_in_order_of_appearance_and_the_unknown_voice_last() -> None:
    segments = [segment(start=n, end=n + 1, speaker=f"SPEAKER_{label}") for n, label in
                enumerate(["UNKNOWN", "01", "00", "01"])]  # fmt: skip

    assert parse(transcription=segments, speech=[]).labels == [
        "SPEAKER_01",
        "SPEAKER_00",
        "SPEAKER_UNKNOWN",
    ]


def test_segments_are_sorted_by_their_start() -> None:
    found = parse(transcription=[segment(start=5, end=6), segment(start=1, end=2)])

    assert [s.start for s in found.segments] == [1, 5]
