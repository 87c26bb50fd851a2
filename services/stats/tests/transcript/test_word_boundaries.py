"""Words found on columns are the words that the regex module finds, one by one."""

import pytest
from debate_stats.transcript.word_boundaries import find_bounds, find_bounds_slowly
from hypothesis import example, given, settings
from hypothesis import strategies as st

# What the rules turn on: letters, digits, all that joins or stands between them, and the rest.
TRICKY = "abžЖß09٣_‿'\u2019.·:,;\u066b -\n\r?!\u00a0\u2060中あアー한ไא\"\u0301\u200d🇨🇿👍ªº\u037e"


def by_columns(text):
    return list(zip(*(column.tolist() for column in find_bounds(text)), strict=True))


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from(TRICKY), max_size=12))
@example("")
@example("a")
@example("can't 3.5 1,000 well-known a.b. 'tis a''b l'état 3a.b5")
@example("中'a é'a 한'a")  # after a letter it may be an elision, after an ideograph never
@example("中\u0301'a e\u0301'a")
def test_tricky_texts_are_cut_by_all_the_rules(text):
    assert by_columns(text) == find_bounds_slowly(text)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_cut_as_the_regex_module_does(text):
    assert by_columns(text) == find_bounds_slowly(text)


@pytest.mark.parametrize("text", ["'I am'", "\u2019I am", "x 'I am'", "1'I am", "e\u0301 'I am"])
def test_a_vowel_after_a_quotation_mark_begins_a_word(text):
    assert [text[start:end] for start, end in by_columns(text)][-2:] == ["I", "am"]


@pytest.mark.parametrize("block", range(0, 0x20000, 0x1000))
def test_every_character_is_of_the_kind_that_unicode_says(block):
    for code in range(block, block + 0x1000, 7):
        text = f"a{chr(code)}a 1{chr(code)}1 {chr(code)}"
        assert by_columns(text) == find_bounds_slowly(text), hex(code)
