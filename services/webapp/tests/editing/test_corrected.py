"""The corrected transcript: words aligned to new text, segments and their speech given away."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from debate_contract.schemas import load_schema
from debate_stats import parse_transcript
from debate_webapp.editing.alignment import align_words
from debate_webapp.editing.corrected import Effective, Part, correct_transcript
from jsonschema import validate
from stores import transcript_document

CONTRACT = Path(__file__).parents[4] / "contracts" / "transcript"


def spoken(*words: str, **more):
    """One word a second, each half a second long."""
    return [
        {"word": w, "start": n + 0.0, "end": n + 0.5, "probability": 0.4, "speaker": "A"} | more
        for n, w in enumerate(words)
    ]


def aligned(words, text, start=0.0, end=10.0):
    return [(w["word"], w["start"], w["end"]) for w in align_words(words, text, start, end)]


def test_words_that_stay_keep_time_and_probability_whatever_their_case_and_commas() -> None:
    words = align_words(spoken("we", "pay", "the", "drivers"), "We pay, the drivers!", 0, 4)

    assert [w["word"] for w in words] == ["We", "pay,", "the", "drivers!"]
    assert [(w["start"], w["end"]) for w in words] == [(0, 0.5), (1, 1.5), (2, 2.5), (3, 3.5)]
    assert {w["probability"] for w in words} == {0.4}


def test_changed_words_share_the_time_of_what_they_replace_by_length() -> None:
    # we   ham  nova  pay        we   Ana  Novakova  pay
    # 0-.5 1-1.5 2-2.5 3-3.5     0-.5 1 ───────2.5   3-3.5
    words = align_words(spoken("we", "ham", "nova", "pay"), "we Ana Novak pay", 0, 4)

    assert [(w["start"], w["end"]) for w in words][1:3] == [
        (1, pytest.approx(1.5625)),
        (pytest.approx(1.5625), pytest.approx(2.5)),
    ]
    assert [w["probability"] for w in words] == [0.4, None, None, 0.4]


def test_added_words_lie_between_their_neighbours_and_removed_ones_are_gone() -> None:
    assert aligned(spoken("we", "pay"), "we do pay") == [
        ("we", 0, 0.5),
        ("do", 0.5, 1),
        ("pay", 1, 1.5),
    ]
    assert aligned(spoken("we", "um", "pay"), "we pay") == [("we", 0, 0.5), ("pay", 2, 2.5)]
    assert aligned(spoken("we"), "we pay", end=3.0)[1] == ("pay", 0.5, 3.0)
    assert aligned(spoken("we"), "") == []


def test_without_times_of_words_there_is_nothing_to_align() -> None:
    assert aligned([], "we pay") == []


def test_a_word_that_the_recogniser_cut_in_two_is_one_again() -> None:
    cut = [*spoken("we", "can"), *spoken("x", "x", "'t", space_before=False)[2:]]

    assert aligned(cut, "we can't pay", end=4.0) == [
        ("we", 0, 0.5),
        ("can't", 1, 2.5),
        ("pay", 2.5, 4),
    ]


def test_text_without_spaces_is_aligned_by_characters_and_stays_without_spaces() -> None:
    words = spoken("世界", "和", "平", space_before=False)
    found = align_words(words, "世界不平。", 0, 4)

    assert [(w["word"], w["start"]) for w in found] == [
        ("世", 0),
        ("界", 0.25),
        ("不", 1),
        ("平", 2),
        ("。", 2.5),
    ]
    assert [w.get("space_before", True) for w in found] == [True, False, False, False, False]


def effective(document, **changes):
    """The segments as they are, but for some: s1=(text, label)."""
    rows = [
        Effective(e["text"], e["speaker"], e["start"], e["end"], (Part(at),))
        for at, e in enumerate(document["transcription"])
    ]
    for name, (text, label) in changes.items():
        at = int(name[1:])
        rows[at] = replace(rows[at], text=text or rows[at].text, label=label or rows[at].label)
    return rows


def test_what_nobody_corrected_is_passed_on_as_it_is() -> None:
    for path in (CONTRACT / "examples").glob("[!f]*.json"):
        document = json.loads(path.read_text())
        assert correct_transcript(document, effective(document)) == document


def test_a_corrected_transcript_keeps_to_the_contract() -> None:
    document = json.loads((CONTRACT / "examples" / "two-speakers.json").read_text())
    before = json.dumps(document)
    corrected = correct_transcript(document, effective(document, s0=("Not at all", "SPEAKER_07")))

    validate(corrected, load_schema("transcript"))
    assert corrected["transcription"][0]["text"] == "Not at all"
    assert {w["speaker"] for w in corrected["transcription"][0]["words"]} == {"SPEAKER_07"}
    assert json.dumps(document) == before


def test_segments_out_of_order_meet_their_corrections_and_come_in_order() -> None:
    document = transcript_document()
    now = [replace(row, text=f"Number {n}.") for n, row in enumerate(effective(document))]
    document["transcription"].reverse()
    corrected = correct_transcript(document, now)["transcription"]

    assert [(s["start"], s["text"]) for s in corrected] == [
        (0.5, "Number 0."),
        (3.9, "Number 1."),
        (9.0, "Number 2."),
    ]


def speech_of(label: str, corrected) -> list[tuple[float, float]]:
    return [(s["start"], s["end"]) for s in corrected["speech"] if s["speaker"] == label]


def given(speech, segments, at: int):
    """The speech after the segment `at` of A went to B."""
    rows = [{"start": s, "end": e, "speaker": "A", "text": ""} for s, e in segments]
    heard = [{"start": s, "end": e, "speaker": "A"} for s, e in speech]
    document = transcript_document(transcription=rows, speech=heard)
    corrected = correct_transcript(document, effective(document, **{f"s{at}": (None, "B")}))
    parse_transcript(corrected)
    return speech_of("A", corrected), speech_of("B", corrected)


@pytest.mark.parametrize(
    ("speech", "segments", "left", "taken"),
    [
        # speech    A───────────A      A───A
        # segments    ███   ███         ███
        # reach               |──────|
        (
            [(0.0, 6.0), (8.0, 10.0)],
            [(1.0, 2.0), (4.0, 5.0), (8.0, 10.0)],
            [(0.0, 3.0), (8.0, 10.0)],
            [(3.0, 6.0)],
        ),
        # speech   A──A  A──A     a stretch that touches no word of the segment stays
        # segments       ████
        ([(0.0, 1.0), (2.0, 3.0)], [(9.0, 9.5), (2.1, 2.9)], [(0.0, 1.0)], [(2.0, 3.0)]),
        # speech   A──A           nobody was heard: the segment's own time
        # segments ████   ████
        ([(0.0, 1.0)], [(0.0, 1.0), (4.0, 5.0)], [(0.0, 1.0)], [(4.0, 5.0)]),
    ],
)
def test_speech_goes_with_its_segment(speech, segments, left, taken) -> None:
    segments = sorted(segments)
    at = next(n for n, s in enumerate(segments) if any(t[0] <= s[0] < t[1] for t in taken))

    assert given(speech, segments, at) == (left, taken)
