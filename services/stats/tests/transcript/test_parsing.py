"""What the reader takes and what it refuses, with the field it names."""

import json

import pytest
from debate_stats import BadTranscript, compute_statistics, parse_transcript
from timelines import segment, transcript

GOOD = transcript([segment(0, 2, "A", "one two"), segment(2, 4, "B", "three")])


def changed(path, value):
    obj = json.loads(json.dumps(GOOD))
    *way, last = path
    place = obj
    for step in way:
        place = place[step]
    if value is KeyError:
        del place[last]
    else:
        place[last] = value
    return obj


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("transcription", 1, "start"), float("nan"), "transcription[1].start"),
        (("transcription", 1, "end"), float("inf"), "transcription[1].end"),
        (("transcription", 1, "start"), -0.5, "transcription[1].start"),
        (("transcription", 1, "start"), 9.0, "transcription[1].end"),
        (("transcription", 0, "end"), KeyError, "transcription[0].end"),
        (("transcription", 0, "end"), None, "transcription[0].end"),
        (("transcription", 0, "end"), "", "transcription[0].end"),
        (("transcription", 0, "words", 1, "start"), None, "transcription[0].words[1].start"),
        (("transcription", 0, "words", 1, "end"), 0.5, "transcription[0].words[1].end"),
        (("speech", 1, "start"), None, "speech[1].start"),
        (("speech", 1, "end"), 1.0, "speech[1].end"),
        (("speech", 1, "end"), 1.7e12, "speech[1].end"),
        (("speech",), {}, "speech"),
        (("transcription",), KeyError, "transcription"),
        (("duration",), float("nan"), "duration"),
        (("duration",), -1.0, "duration"),
        (("schema_version",), "2.0", "schema_version"),
        (("schema_version",), "", "schema_version"),
    ],
)
def test_a_bad_field_is_named_in_one_sentence(path, value, field):
    for source in (changed(path, value), json.dumps(changed(path, value)).encode()):
        with pytest.raises(BadTranscript) as caught:
            parse_transcript(source)
        assert caught.value.field == field
        assert field in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        json.dumps(GOOD).encode()[:-40],
        b"\xff\xfe{}",
        b"[" * 100_000,
        b"[]",
        b'"text"',
        json.dumps(changed(("speech", 0, "speaker"), "\ud800")).encode(),
    ],
)
def test_what_is_no_transcript_is_refused(content):
    with pytest.raises(BadTranscript):
        parse_transcript(content)


def test_minor_versions_and_unknown_fields_are_accepted():
    obj = GOOD | {"schema_version": "1.7", "mood": {"tense": True}}
    assert len(parse_transcript(obj).segments.label) == 2


def test_a_file_of_the_predecessor_takes_its_speech_from_the_segments():
    obj = {
        "video_path": "a.mp4",
        "duration": 12,
        "model": {"whisper": "large-v3"},
        "transcription": [
            {
                "start": 0,
                "end": 6.4,
                "speaker": "SPEAKER_00",
                "text": "Dobrý večer.",
                "confidence": 0.9,
            },
            {"start": 7, "end": 9, "speaker": "SPEAKER_UNKNOWN", "text": "Kdo?", "confidence": 0},
        ],
    }
    statistics = compute_statistics(parse_transcript(json.dumps(obj)))
    assert statistics.totals.speech_source == "segments"
    assert statistics.totals.quality is None
    assert [row.total_seconds for row in statistics.speakers] == [6.4]
    assert statistics.totals.unattributed_seconds == 2.0


def test_bytes_text_and_object_read_the_same():
    text = json.dumps(GOOD)
    expected = compute_statistics(parse_transcript(GOOD))
    assert compute_statistics(parse_transcript(text)) == expected
    assert compute_statistics(parse_transcript(text.encode())) == expected


@pytest.mark.parametrize("where", ["transcription", "speech"])
def test_what_begins_after_the_recordings_end_is_refused(where):
    obj = changed(("duration",), 600.0)
    obj[where][1] |= {"start": 700_000, "end": 701_000}
    if where == "transcription":
        obj[where][1]["words"] = []

    with pytest.raises(BadTranscript) as refused:
        parse_transcript(obj)
    assert refused.value.field == f"{where}[1]"
    assert "begins at 700000 s, but the recording lasts 600 s" in str(refused.value)


def test_a_word_that_begins_after_the_recordings_end_is_refused():
    obj = changed(("duration",), 600.0)
    obj["transcription"][1]["words"][-1] |= {"start": 631.0, "end": 631.5}

    with pytest.raises(BadTranscript, match="the recording lasts 600 s"):
        parse_transcript(json.dumps(obj))


@pytest.mark.parametrize("duration", [None, 0, 1.0])
def test_a_length_that_is_unknown_or_too_short_by_a_window_refuses_nothing(duration):
    assert len(parse_transcript(changed(("duration",), duration)).segments.label) == 2
