import pytest
from debate_transcriber.engines.speech import Interval, Word
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.words.times import words_of_chunk
from whisper.timing import WordTiming

CHUNK = Chunk(10, 20, 10)
SPEECH = [Interval(10, 20)]


def timing(word: str, start: float, end: float) -> WordTiming:
    return WordTiming(word, [1], start, end, 0.5)


def texts(words: list[Word]) -> list[tuple[str, bool]]:
    return [(word.text, word.space_before) for word in words]


def test_times_are_those_of_the_recording_and_starts_a_little_later_than_attention() -> None:
    assert words_of_chunk([timing(" Hello", 0.5, 0.9)], CHUNK, "en", SPEECH) == [
        Word("Hello", 10.58, 10.9, 0.5, language="en")
    ]


def test_punctuation_joins_its_word() -> None:
    aligned = [timing(" “", 0, 0.1), timing("No", 0.1, 0.3), timing(",", 0.3, 0.4)]
    aligned += [timing(" no", 0.4, 0.6), timing(".", 0.6, 0.7), timing("”", 0.7, 0.7)]

    assert texts(words_of_chunk(aligned, CHUNK, "en", SPEECH)) == [("“No,", True), ("no.”", True)]


def test_half_a_character_that_the_decoder_began_is_no_part_of_a_word() -> None:
    aligned = [timing(" children\ufffd", 0, 0.3), timing(" \ufffd", 0.3, 0.4)]
    aligned += [timing(" I", 0.4, 0.5)]

    assert texts(words_of_chunk(aligned, CHUNK, "en", SPEECH)) == [("children", True), ("I", True)]


def test_parts_of_a_hyphenated_word_have_no_space_between_them() -> None:
    aligned = [timing(" twenty", 0, 0.3), timing("-five", 0.3, 0.6)]

    assert texts(words_of_chunk(aligned, CHUNK, "en", SPEECH)) == [
        ("twenty", True),
        ("-five", False),
    ]


@pytest.mark.parametrize(("language", "space"), [("ja", False), ("en", True)])
def test_a_chunk_begins_with_a_space_only_where_the_language_has_spaces(
    language: str, space: bool
) -> None:
    aligned = [timing("東", 0, 0.3), timing("京", 0.3, 0.6)]

    assert texts(words_of_chunk(aligned, CHUNK, language, SPEECH)) == [("東", space), ("京", False)]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        # seconds  10      13     15      20
        # speech   ━━━━━━━━        ━━━━━━━━
        # a word       ├──────┤             the pause at its end goes
        (12.0, 14.0, (12.0, 13.0)),
        # a word            ├─────────┤     the pause before it goes
        (13.5, 15.5, (15.0, 15.5)),
        # a word       ├──────────────┤     runs over the pause: attention is early
        (12.0, 15.5, (15.0, 15.5)),
        # a word       ├────────────┤       of the part after it there is the margin only
        (12.0, 15.1, (12.0, 13.0)),
        # a word            ├─┤             all in the pause: voice activity may be wrong
        (13.5, 14.0, (13.5, 14.0)),
    ],
)
def test_words_lose_the_pause_they_begin_or_end_with(
    start: float, end: float, expected: tuple[float, float]
) -> None:
    speech = [Interval(10, 13), Interval(15, 20)]

    (word,) = words_of_chunk([timing(" so", start - 10, end - 10)], CHUNK, "en", speech)

    assert (word.start - 0.08, word.end) == pytest.approx(expected)


def test_the_last_word_of_a_sentence_ends_before_the_pause_that_it_runs_over() -> None:
    speech = [Interval(10, 13), Interval(15, 20)]
    aligned = [timing(" is", 1, 2), timing(" so.", 2, 5.5)]

    _, last = words_of_chunk(aligned, CHUNK, "en", speech)

    assert (last.start, last.end) == (12.08, 13)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([timing(" Well", 0, 3)], (11.6, 13.0)),
        ([timing(" it", 0, 0.5), timing(" is.", 0.5, 4)], (10.5, 11.9)),
    ],
    ids=["a sentence begins late", "a sentence ends early"],
)
def test_a_word_that_takes_longer_than_words_do_is_cut_where_it_is_less_sure(
    words: list[WordTiming], expected: tuple[float, float]
) -> None:
    *_, last = words_of_chunk(words, CHUNK, "en", SPEECH)

    assert (last.start - 0.08, last.end) == pytest.approx(expected)


def test_no_word_reaches_past_its_chunk() -> None:
    (word,) = words_of_chunk([timing(" end", 9.9, 10.4)], CHUNK, "en", SPEECH)

    assert (word.start, word.end) == pytest.approx((19.9 + 0.1 / 3, 20))
