"""What counts as a word and as a question, and when a word is said."""

import pytest
from debate_stats.transcript.words import count_words
from timelines import by_speaker, compute, segment, transcript, word


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("— … !", 0),
        ("Hello, world.", 2),
        ("can't stop, won\u2019t stop", 4),
        ("a well-known 3.5 million", 5),
        ("Jak se máte? Dobře.", 4),
        ("हिन्दी भाषा", 2),
        ("다음 질문입니다", 2),
        ("мы против этого", 3),
        # without spaces: a word per ideograph or kana, a run of katakana is one
        ("我们反对这个提案。", 8),
        ("テレビを見る", 4),
        # no dictionary, no Thai words: a character with its marks each
        ("สวัสดี", 4),
        ("very good 😀", 2),
    ],
)
def test_words_are_counted_by_unicode_boundaries(text, words):
    assert count_words(text) == words


@pytest.mark.parametrize(
    ("text", "unit"), [("Well, yes.", "word"), ("我们反对", "character"), ("รับ", "character")]
)
def test_the_unit_says_when_characters_were_counted(text, unit):
    assert compute(transcript([segment(0, 2, "A", text)])).totals.word_unit == unit


def test_a_word_the_recogniser_cut_in_two_counts_once():
    one = segment(0, 2, "A", "x") | {
        "text": "I can't",
        "words": [word(0, 1, " I"), word(1, 1.5, " can"), word(1.5, 2, "'t")],
    }
    assert by_speaker(compute(transcript([one])))["A"].word_count == 2


def test_words_spelled_without_spaces_are_kept_apart():
    one = segment(0, 2, "A", "x") | {
        "text": "free buses now",
        "words": [word(0, 1, "free"), word(1, 1.5, "buses"), word(1.5, 2, "now")],
    }
    assert by_speaker(compute(transcript([one])))["A"].word_count == 3


def test_text_without_word_times_is_counted_too():
    one = {"start": 0.0, "end": 2.0, "speaker": "A", "text": "free buses now"}
    row = by_speaker(compute(transcript([one])))["A"]
    assert row.word_count == 3
    assert row.wpm == 90.0
    assert (row.articulation_rate, row.pause_seconds, row.words_uncertain) == (None, None, None)


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Why? Because. Really?!", 2),
        ("Why ??? Because.", 1),
        ("No. Never!", 0),
        ("为什么\uff1f因为。", 1),
        ("لماذا؟ لأن.", 1),
        ("Γιατί\u037e Διότι.", 1),
        ("no marks at all 3.5 times", None),
    ],
)
def test_questions_are_counted_by_their_marks_or_not_at_all(text, questions):
    statistics = compute(transcript([segment(0, 4, "A", text)]))
    assert by_speaker(statistics)["A"].questions == questions
    assert statistics.totals.questions == questions


@pytest.mark.parametrize(("language", "questions"), [("el", 1), ("el-GR", 1), ("en", 0), (None, 0)])
def test_a_semicolon_asks_in_greek_only(language, questions):
    obj = transcript([segment(0, 4, "A", "Γιατί; Διότι.")], language=language)
    assert by_speaker(compute(obj))["A"].questions == questions


def test_words_are_written_as_one_where_the_text_says_so():
    one = segment(0, 3, "A", "x") | {
        "text": "I can't wait",
        "words": [word(0, 1, "I"), word(1, 1.5, "can"), word(1.5, 2, "'t"), word(2, 3, "wait")],
    }
    assert by_speaker(compute(transcript([one])))["A"].word_count == 3


def test_words_that_do_not_make_up_the_text_are_counted_by_themselves():
    one = segment(0, 3, "A", "x") | {
        "text": "corrected by hand since",
        "words": [word(0, 1, "free"), word(1, 3, "buses")],
    }
    two = segment(3, 4, "A", "yes")
    assert by_speaker(compute(transcript([one, two])))["A"].word_count == 3


def test_punctuation_anywhere_makes_no_questions_a_true_zero_for_everybody():
    rows = by_speaker(
        compute(transcript([segment(0, 4, "A", "So?"), segment(4, 8, "B", "so what")]))
    )
    assert (rows["A"].questions, rows["B"].questions) == (1, 0)


def test_words_below_three_quarters_are_uncertain():
    one = segment(0, 3, "A", "x") | {
        "text": "free buses now",
        "words": [word(0, 1, " free", 0.74), word(1, 2, " buses", 0.75), word(2, 3, " now", 0.1)],
    }
    statistics = compute(transcript([one]))
    assert by_speaker(statistics)["A"].words_uncertain == 2
    assert statistics.totals.words_uncertain == 2
