"""Where words begin and end in a text: Unicode's default word boundaries (UAX #29).

The rules look at two characters on either side of a place, so for most texts they are a few
operations on whole columns of characters. Texts with characters that need more (combining marks,
joiners, Hebrew, katakana, flags) go to the regex module, which knows all the rules.
"""

import numpy as np
import regex

from debate_stats.timeline.intervals import Bools, Ints
from debate_stats.transcript.characters import (
    HARD,
    IN_LETTERS,
    IN_NUMBERS,
    JOINS,
    LETTER,
    NUMBER,
    WORD,
    Kinds,
    encode,
    find_kinds,
)

# A stretch between two default word boundaries of Unicode (UAX #29, which (?w) switches on) that
# begins with a letter, digit or ideograph. "can't" and "3.5" are one word, "well-known" two.
_WORD = regex.compile(r"(?w)\b(?=\w).+?\b", regex.DOTALL)
# Where no letter comes before it (an ideograph is none here), a quotation mark belongs to no word;
# the regex module takes it for an elision when a vowel follows, and would lose the word.
_AFTER_LETTER = r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}][\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}]*"
_OPENING_QUOTE = regex.compile(rf"(?<!{_AFTER_LETTER})['\u2019](?=\p{{L}})")


def find_bounds(text: str, kinds: Kinds | None = None) -> tuple[Ints, Ints]:
    """Where each word starts and ends, in characters; `kinds` are those of the text, if known."""
    kinds = find_kinds(encode(text)) if kinds is None else kinds
    if (kinds & HARD).any():
        start, end = np.array(find_bounds_slowly(text), dtype=np.int64).reshape(-1, 2).T
        return start, end
    breaks = np.flatnonzero(~_joined(kinds))
    ends = np.append(breaks[1:], len(kinds))[: len(breaks)]
    begins = (kinds[breaks] & WORD) > 0
    return breaks[begins], ends[begins]


def find_bounds_slowly(text: str) -> list[tuple[int, int]]:
    """The same, word by word and by all the rules."""
    return [match.span() for match in _WORD.finditer(_OPENING_QUOTE.sub(" ", text))]


def _joined(kinds: Kinds) -> Bools:
    """For each character whether no boundary lies before it (rules WB5 to WB13b)."""
    joins = (kinds & JOINS) > 0
    joined = np.zeros(len(kinds), dtype=np.bool_)
    joined[1:] = joins[1:] & joins[:-1]
    inner = np.flatnonzero(kinds[1:-1] & (IN_LETTERS | IN_NUMBERS)) + 1
    around = kinds[inner - 1] & kinds[inner + 1]
    for outer, within in ((LETTER, IN_LETTERS), (NUMBER, IN_NUMBERS)):
        held = inner[((around & outer) > 0) & ((kinds[inner] & within) > 0)]
        joined[held] = True
        joined[held + 1] = True
    return joined
