"""Words read as columns are the words read one by one, whatever the file looks like."""

import json

import numpy as np
import pytest
from debate_stats import BadTranscript, parse_transcript
from debate_stats.transcript import fast_parsing
from debate_stats.transcript.fast_parsing import read_transcript
from debates import transcripts
from hypothesis import given, settings
from hypothesis import strategies as st
from timelines import segment, transcript

# Texts that look like what the layout turns on, escapes, and characters of one to four bytes.
TEXTS = st.one_of(
    st.sampled_from(["", " ", "a", "a b", " a", "a ", '"', '",', "}{", "[{", "\\", '\\"', "\n"]),
    st.sampled_from(["word", '"start":', "1.5", ",", "ž", "中", "🇨🇿", "\u00a0", "\x01"]),
    st.text(max_size=4),
)
TIMES = st.one_of(st.integers(0, 9), st.floats(0, 1e5), st.decimals(0, 99_999, places=3).map(float))


@st.composite
def spelled(draw):
    """A transcript with words of any text; segments read like their words, or not quite."""
    obj = draw(transcripts())
    for one in obj["transcription"]:
        for word in one["words"]:
            word["word"] = draw(TEXTS)
            word["speaker"] = draw(st.sampled_from(["SPEAKER_00", "", 'x"']))
        glue = draw(st.sampled_from(["", " ", "  ", "\n", "x"]))
        one["text"] = glue.join(word["word"] for word in one["words"])
    return obj


def compact(obj):
    """As debate-transcriber writes."""
    return json.dumps(obj, ensure_ascii=False, separators=(",", ":")).encode()


def outcome(read, content):
    try:
        found = read(content)
    except BadTranscript as error:
        return str(error)
    lines = found.texts.lines
    columns = (
        *(lines.kinds, lines.offset, lines.length),
        *(found.texts.start, found.texts.end, found.texts.segment, found.texts.is_word),
        np.nan_to_num(found.texts.probability, nan=-1),
        *(found.speech.start, found.segments.end),
    )
    return [lines.whole, found.segments.label, *(column.tolist() for column in columns)]


@settings(max_examples=200, deadline=None)
@given(spelled())
def test_any_words_are_read_alike(obj):
    content = compact(obj)
    assert outcome(read_transcript, content) == outcome(parse_transcript, content)


@settings(max_examples=100, deadline=None)
@given(st.lists(TIMES, min_size=3, max_size=3), st.sampled_from(["{}", "[{}]", '"{}"', " {}"]))
def test_any_numbers_are_read_alike(numbers, form):
    content = compact(DEBATE)
    for n, number in enumerate(numbers):
        content = content.replace(b"%d.125" % n, form.format(json.dumps(number)).encode(), 1)
    assert outcome(read_transcript, content) == outcome(parse_transcript, content)


DEBATE = transcript(
    [
        segment(0.125, 2.5, "A", "well, no")
        | {
            "words": [
                {"word": w, "start": s, "end": e, "probability": p, "speaker": "A"}
                for w, s, e, p in (("well,", 0.125, 1.125, 0.5), ("no", 1.5, 2.125, 0.25))
            ]
        },
    ]
)
PIECES = [b"{", b"}", b"[", b"]", b",", b":", b'"', b" ", b"1", b"e3", b"-", b"null", b'"word"']


def test_a_file_damaged_at_any_one_place_is_read_or_refused_alike():
    content = compact(DEBATE)
    for at in range(len(content)):
        for piece in (b"", b"{", b"]", b",", b'"', b" ", b"1", b"x"):
            for gone in (0, 1):
                damaged = content[:at] + piece + content[at + gone :]
                assert outcome(read_transcript, damaged) == outcome(parse_transcript, damaged)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_or_refused_alike(data):
    content = compact(DEBATE)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        gone = data.draw(st.integers(0, 12))
        content = content[:at] + data.draw(st.sampled_from([b"", *PIECES])) + content[at + gone :]
    assert outcome(read_transcript, content) == outcome(parse_transcript, content)


@pytest.mark.parametrize("letter", range(len("probability")))
def test_a_key_that_differs_in_one_letter_is_another_key(letter):
    key = bytearray(b"probability")
    key[letter] = ord("x")
    content = compact(DEBATE).replace(b"probability", bytes(key), 1)
    assert outcome(read_transcript, content) == outcome(parse_transcript, content)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: text.replace('"well,"', '"\\"well\\","').replace("well, no", '\\"well\\", no'),
        lambda text: text.replace("well,", "žába,"),
    ],
)
def test_the_layout_of_the_transcriber_is_read_without_looking_at_single_words(change, monkeypatch):
    content = change(compact(DEBATE).decode()).encode()
    expected = outcome(parse_transcript, content)

    def refuse(_content):
        raise AssertionError("the words were read one by one")

    monkeypatch.setattr(fast_parsing, "parse_transcript", refuse)
    assert outcome(read_transcript, content) == expected
