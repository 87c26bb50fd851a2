"""Where words begin and end in a text: Unicode's default word boundaries (UAX #29).

The rules look at two characters on either side of a place, so for most texts they are a few
operations on whole columns of characters. Texts with characters that need more (combining marks,
joiners, Hebrew, katakana, flags) go to the regex module, which knows all the rules.
"""

from functools import cache

import numpy as np
import regex
from numpy.typing import NDArray

from debate_stats.intervals import Bools, Ints

# A stretch between two default word boundaries of Unicode (UAX #29, which (?w) switches on) that
# begins with a letter, digit or ideograph. "can't" and "3.5" are one word, "well-known" two.
_WORD = regex.compile(r"(?w)\b(?=\w).+?\b", regex.DOTALL)
# Where no letter comes before it, a quotation mark belongs to no word; the regex module takes it
# for an elision when a vowel follows, and would lose the word.
_OPENING_QUOTE = regex.compile(r"(?<![\p{L}\p{M}])['\u2019](?=\p{L})")

_BIT = {"letter": 1, "number": 2, "joins": 4, "in_letters": 8, "in_numbers": 16, "word": 32}
_HARD = 64
_CLASSES = {
    regex.compile(r"\p{WB=ALetter}"): _BIT["letter"] | _BIT["joins"],
    regex.compile(r"\p{WB=Numeric}"): _BIT["number"] | _BIT["joins"],
    regex.compile(r"\p{WB=ExtendNumLet}"): _BIT["joins"],
    regex.compile(r"\p{WB=MidLetter}"): _BIT["in_letters"],
    regex.compile(r"\p{WB=MidNum}"): _BIT["in_numbers"],
    regex.compile(r"\p{WB=MidNumLet}|\p{WB=Single_Quote}"): _BIT["in_letters"] | _BIT["in_numbers"],
    regex.compile(
        r"\p{WB=Extend}|\p{WB=Format}|\p{WB=ZWJ}|\p{WB=Hebrew_Letter}|\p{WB=Katakana}"
        r"|\p{WB=Regional_Indicator}"
    ): _HARD,
    regex.compile(r"\w"): _BIT["word"],
}


def find_bounds(text: str) -> tuple[Ints, Ints]:
    """Where each word starts and ends, in characters."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    kinds = _kinds(codes)
    if (kinds & _HARD).any():
        start, end = np.array(find_bounds_slowly(text), dtype=np.int64).reshape(-1, 2).T
        return start, end
    breaks = np.flatnonzero(~_joined(kinds))
    ends = np.append(breaks[1:], len(kinds))[: len(breaks)]
    begins = (kinds[breaks] & _BIT["word"]) > 0
    return breaks[begins], ends[begins]


def find_bounds_slowly(text: str) -> list[tuple[int, int]]:
    """The same, word by word and by all the rules."""
    return [match.span() for match in _WORD.finditer(_OPENING_QUOTE.sub(" ", text))]


def _joined(kinds: NDArray[np.uint8]) -> Bools:
    """For each character whether no boundary lies before it (rules WB5 to WB13b)."""
    joins = (kinds & _BIT["joins"]) > 0
    joined = np.zeros(len(kinds), dtype=np.bool_)
    joined[1:] = joins[1:] & joins[:-1]
    for outer, inner in (("letter", "in_letters"), ("number", "in_numbers")):
        around = (kinds & _BIT[outer]) > 0
        held = np.flatnonzero((kinds[1:-1] & _BIT[inner] > 0) & around[:-2] & around[2:]) + 1
        joined[held] = True
        joined[held + 1] = True
    return joined


def _kinds(codes: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The bits of each character."""
    seen = np.bincount(codes)
    table = np.zeros(len(seen), dtype=np.uint8)
    for code in np.flatnonzero(seen).tolist():
        table[code] = _kind(code)
    return table[codes]


@cache
def _kind(code: int) -> int:
    character = chr(code)
    return sum(bits for pattern, bits in _CLASSES.items() if pattern.match(character))
