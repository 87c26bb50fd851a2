from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from debate_transcriber.engines.speech import Turn, Word
from debate_transcriber.transcript.assignment import UNKNOWN, assign_words
from debate_transcriber.transcript.sentences import split_sentences
from hypothesis import given
from hypothesis import strategies as st


def words(*spans: tuple[str, float, float]) -> list[Word]:
    return [Word(text, start, end, 0.9) for text, start, end in spans]


def labels(said: list[Word], turns: list[Turn]) -> list[str]:
    return [item.label for item in assign_words(said, turns)]


def test_a_word_takes_the_turn_that_covers_most_of_it() -> None:
    # words  [Yes.     ][No.  ]
    # turns  AAAAAAAABBBBBBBBBB
    said = words(("Yes.", 0.0, 1.0), ("No.", 1.0, 1.6))
    assert labels(said, [Turn(0, 0.8, "A"), Turn(0.8, 1.8, "B")]) == ["A", "B"]


def test_a_word_without_a_turn_takes_the_nearest_within_a_second() -> None:
    # words   [one.]        [two.]            [three.]
    # turns  .         AAAA
    said = words(("One.", 0.0, 0.4), ("Two.", 2.3, 2.6), ("Three.", 4.0, 4.5))
    assert labels(said, [Turn(1.0, 2.0, "A")]) == ["A", "A", UNKNOWN]


def test_a_lone_first_word_belongs_to_its_sentence() -> None:
    # words  [I][think][so][too.]
    # turns  AABBBBBBBBBBBBBBBBBB
    said = words(("I", 0.0, 0.2), ("think", 0.2, 0.6), ("so", 0.6, 0.9), ("too.", 0.9, 1.3))
    assert labels(said, [Turn(0, 0.2, "A"), Turn(0.2, 1.3, "B")]) == ["B"] * 4


def test_a_change_inside_a_sentence_is_honoured_when_both_sides_have_evidence() -> None:
    # words  [we][will][raise][no][you][will][not]
    # turns  AAAAAAAAAAAAAAAAA BBBBBBBBBBBBBBBBBB
    said = words(
        ("we", 0.0, 0.3), ("will", 0.3, 0.6), ("raise", 0.6, 1.0),
        ("no", 1.0, 1.3), ("you", 1.3, 1.6), ("will", 1.6, 1.9),
    )  # fmt: skip
    assert labels(said, [Turn(0, 1, "A"), Turn(1, 2, "B")]) == ["A", "A", "A", "B", "B", "B"]


def test_a_turn_that_comes_and_goes_inside_a_sentence_needs_a_second() -> None:
    # words  [we][will][raise][no][never][the][bus][fare.]
    # turns  AAAAAAAAAAAAAAAAA BBBBBBBBBB AAAAAAAAAAAAAAAA
    said = words(
        ("we", 0.0, 0.3), ("will", 0.3, 0.6), ("raise", 0.6, 1.0), ("no", 1.0, 1.3),
        ("never", 1.3, 1.8), ("the", 1.8, 2.0), ("bus", 2.0, 2.3), ("fare.", 2.3, 2.7),
    )  # fmt: skip
    short = [Turn(0, 1, "A"), Turn(1, 1.8, "B"), Turn(1.8, 2.7, "A")]
    assert labels(said, short) == ["A"] * 8
    long = [Turn(0, 1, "A"), Turn(1, 2.0, "B"), Turn(2.0, 2.7, "A")]
    assert labels(said, long) == ["A"] * 3 + ["B"] * 3 + ["A"] * 2


def test_a_short_answer_of_its_own_sentence_keeps_its_speaker() -> None:
    # words  [Is it true?] [Yes.] [Thank you.]
    # turns  AAAAAAAAAAAAA BBBBBB AAAAAAAAAAAA
    said = words(("true?", 0.0, 0.9), ("Yes.", 1.0, 1.3), ("Thank", 1.4, 1.7), ("you.", 1.7, 2.0))
    turns = [Turn(0, 0.95, "A"), Turn(0.95, 1.35, "B"), Turn(1.35, 2.0, "A")]
    assert labels(said, turns) == ["A", "B", "A", "A"]


def test_an_unsure_word_goes_to_the_nearer_strong_side() -> None:
    # words  [we][have][won]  [uh][but][you][did]
    # turns  AAAAAAAAAAAAAAA CCCC BBBBBBBBBBBBBBBB
    said = words(
        ("we", 0.0, 0.3), ("have", 0.3, 0.6), ("won", 0.6, 1.0),
        ("uh", 1.5, 1.7), ("but", 1.7, 2.0), ("you", 2.0, 2.3), ("did", 2.3, 2.6),
    )  # fmt: skip
    turns = [Turn(0, 1, "A"), Turn(1.5, 1.7, "C"), Turn(1.7, 2.6, "B")]
    assert labels(said, turns) == ["A", "A", "A", "B", "B", "B", "B"]


def test_a_turn_without_length_is_none() -> None:
    said = words(("Yes.", 2.0, 2.5))
    assert labels(said, [Turn(0, 3, "A"), Turn(2.0, 2.0, "B")]) == ["A"]


def test_without_turns_nobody_is_named() -> None:
    assert labels(words(("Hello.", 0.0, 0.5)), []) == [UNKNOWN]


def test_coverage_is_that_of_the_final_label() -> None:
    said = words(("I", 0.0, 0.2), ("think", 0.2, 0.6), ("so.", 0.6, 0.9))
    found = assign_words(said, [Turn(0, 0.2, "A"), Turn(0.2, 0.9, "B")])
    assert [round(item.covered, 3) for item in found] == [0.0, 1.0, 1.0]


def in_order(spans_given: list[tuple[int, int]]) -> Iterator[tuple[float, float]]:
    """Spans one after another, from pauses and lengths in sixteenths of a second (exact floats)."""
    at = 0.0
    for pause, length in spans_given:
        at += pause / 16
        yield at, at + length / 16
        at += length / 16


spans = st.lists(st.tuples(st.integers(0, 24), st.integers(1, 16)), max_size=30)
spoken_words = st.builds(
    lambda given_spans, texts: [
        Word(text, *span, 0.5) for text, span in zip(texts, in_order(given_spans), strict=False)
    ],
    spans,
    st.lists(st.sampled_from(["so", "so", "so", "So."]), min_size=30, max_size=30),
)
exclusive_turns = st.builds(
    lambda given_spans, speakers: [
        Turn(*span, label) for label, span in zip(speakers, in_order(given_spans), strict=False)
    ],
    spans,
    st.lists(st.sampled_from("ABC"), min_size=30, max_size=30),
)


@given(spoken_words, exclusive_turns)
def test_every_word_keeps_its_place_and_gets_a_known_label(said, turns) -> None:
    found = assign_words(said, turns)
    assert [item.word for item in found] == said
    assert {item.label for item in found} <= {t.label for t in turns} | {UNKNOWN}
    assert all(0 <= item.covered <= 1 for item in found)


@given(spoken_words, exclusive_turns, st.integers(0, 5000))
def test_the_hour_of_the_debate_does_not_matter(said, turns, later: int) -> None:
    moved = [replace(word, start=word.start + later, end=word.end + later) for word in said]
    shifted = [replace(turn, start=turn.start + later, end=turn.end + later) for turn in turns]
    assert labels(moved, shifted) == labels(said, turns)


@given(spoken_words, exclusive_turns)
def test_the_order_in_which_turns_are_listed_does_not_matter(said, turns) -> None:
    assert labels(said, turns[::-1]) == labels(said, turns)


@given(spoken_words, exclusive_turns, st.permutations("ABC"))
def test_labels_are_names_and_nothing_else(said, turns, names) -> None:
    other = dict(zip("ABC", names, strict=True)) | {UNKNOWN: UNKNOWN}
    renamed = [replace(turn, label=other[turn.label]) for turn in turns]
    assert labels(said, renamed) == [other[label] for label in labels(said, turns)]


@given(spoken_words, exclusive_turns, st.data())
def test_who_is_heard_more_loses_no_word(said, turns, data) -> None:
    """A turn of B becomes A's: every word that was A's still is."""
    of_b = [i for i, turn in enumerate(turns) if turn.label == "B"]
    if not of_b:
        return
    given_to_a = data.draw(st.sampled_from(of_b))
    more = [replace(t, label="A") if i == given_to_a else t for i, t in enumerate(turns)]
    before, after = labels(said, turns), labels(said, more)
    assert all(new == "A" for old, new in zip(before, after, strict=True) if old == "A")


@given(spoken_words, exclusive_turns)
def test_within_a_sentence_a_speaker_holds_two_words_or_all(said, turns) -> None:
    found = assign_words(said, turns)
    for sentence in split_sentences(found, lambda item: item.word):
        runs = [list(group) for _, group in groupby(sentence, lambda item: item.label)]
        assert len(runs) == 1 or all(len(run) >= 2 for run in runs)
