from debate_transcriber.engines.speech import Interval, Turn, Word
from debate_transcriber.transcript.assignment import LabelledWord
from debate_transcriber.transcript.segments import cut_segments, find_overlaps


def word(
    text: str, start: float, end: float, label: str = "A", covered: float = 1.0
) -> LabelledWord:
    return LabelledWord(Word(text, start, end, 0.8), label, covered)


def texts(items: list[LabelledWord]) -> list[str]:
    return [segment.text for segment in cut_segments(items, [])]


def test_a_segment_ends_where_the_speaker_changes() -> None:
    assert texts([word("yes", 0, 1), word("no", 1, 2, "B")]) == ["yes", "no"]


def test_a_segment_ends_where_the_language_changes() -> None:
    said = [Word("yes", 0, 1, 1, language="en"), Word("ano", 1, 2, 1, language="cs")]
    segments = cut_segments([LabelledWord(word, "A", 1) for word in said], [])
    assert [(s.text, s.language) for s in segments] == [("yes", "en"), ("ano", "cs")]


def test_a_segment_ends_with_its_sentence_but_not_after_a_title() -> None:
    said = [word("Mr.", 0, 1), word("Hill", 1, 2), word("won.", 2, 3), word("Yes.", 3, 4)]
    assert texts(said) == ["Mr. Hill won.", "Yes."]


def test_a_pause_of_more_than_a_second_ends_a_segment() -> None:
    assert texts([word("well", 0, 1), word("then", 1.9, 2), word("now", 3.1, 4)]) == [
        "well then",
        "now",
    ]


def test_no_segment_is_longer_than_thirty_seconds() -> None:
    said = [word("so", i * 0.5, i * 0.5 + 0.4) for i in range(400)]
    segments = cut_segments(said, [])
    assert max(s.end - s.start for s in segments) <= 30
    assert [w for s in segments for w in s.words] == said


def test_the_share_of_covered_words_is_the_speaker_confidence() -> None:
    (segment,) = cut_segments([word("a", 0, 1), word("b", 1, 2, covered=0.4)], [])
    assert segment.speaker_confidence == 0.5
    assert segment.confidence == 0.8


def test_overlaps_are_where_two_labels_speak_at_once() -> None:
    # A  ======      ====
    # B     ======   ====
    # A        ==
    turns = [Turn(0, 3, "A"), Turn(2, 5, "B"), Turn(4, 5, "A"), Turn(6, 7, "A"), Turn(6, 7, "B")]
    assert find_overlaps(turns) == [Interval(2, 3), Interval(4, 5), Interval(6, 7)]


def test_turns_that_touch_do_not_overlap() -> None:
    assert find_overlaps([Turn(0, 1, "A"), Turn(1, 2, "B")]) == []


def test_only_the_segment_inside_an_overlap_is_flagged() -> None:
    turns = [Turn(0, 3, "A"), Turn(2.5, 3, "B")]
    said = [word("first.", 0, 1), word("Second.", 2, 2.8)]
    assert [s.overlap for s in cut_segments(said, turns)] == [False, True]


def test_of_its_words_those_are_flagged_that_share_time_with_the_other_voice() -> None:
    # words  [we ][will][raise]
    # A      ==================
    # B           =====
    turns = [Turn(0, 1.5, "A"), Turn(0.5, 1.0, "B")]
    said = [word("we", 0, 0.5), word("will", 0.5, 1), word("raise", 1, 1.5)]
    (segment,) = cut_segments(said, turns)
    assert segment.overlapped == [False, True, False]


def test_words_of_a_language_without_spaces_are_joined_without() -> None:
    said = [
        LabelledWord(Word(t, i, i + 1, 1, space_before=False), "A", 1) for i, t in enumerate("你好")
    ]
    assert texts(said) == ["你好"]
