"""What Unicode says of every character of a text, as bits, for operations on whole columns."""

import numpy as np
import regex
from numpy.typing import NDArray

Codes = NDArray[np.uint32]
Kinds = NDArray[np.uint16]

# Of the default word boundaries (UAX #29): what may begin a word, what joins, what joins only
# between letters or between digits, and what needs more than its neighbours to decide.
LETTER, NUMBER, JOINS, IN_LETTERS, IN_NUMBERS, WORD, HARD = (1 << bit for bit in range(7))
# Of questions: a mark that asks; one that ends a sentence with emphasis.
ASKS, EXCLAIMS = 1 << 7, 1 << 8
# Of a script without spaces, where without a dictionary a "word" is one character.
UNSPACED = 1 << 9
_KNOWN = 1 << 15

# Question marks beside "?": Arabic, reversed, Armenian, Ethiopic, Vai, doubled ones, interrobang,
# full width. The Greek one looks like a semicolon and is told by its own code point.
_ASK = r"?\u061f\u2e2e\u037e\u055e\u1367\ua60f\u2047-\u2049\u203d\uff1f"

_CLASSES = {
    regex.compile(r"\p{WB=ALetter}"): LETTER | JOINS,
    regex.compile(r"\p{WB=Numeric}"): NUMBER | JOINS,
    regex.compile(r"\p{WB=ExtendNumLet}"): JOINS,
    regex.compile(r"\p{WB=MidLetter}"): IN_LETTERS,
    regex.compile(r"\p{WB=MidNum}"): IN_NUMBERS,
    regex.compile(r"\p{WB=MidNumLet}|\p{WB=Single_Quote}"): IN_LETTERS | IN_NUMBERS,
    regex.compile(
        r"\p{WB=Extend}|\p{WB=Format}|\p{WB=ZWJ}|\p{WB=Hebrew_Letter}|\p{WB=Katakana}"
        r"|\p{WB=Regional_Indicator}"
    ): HARD,
    regex.compile(r"\w"): WORD,
    regex.compile(rf"[{_ASK}]"): ASKS,
    regex.compile(r"[!\uff01]"): EXCLAIMS,
    regex.compile(
        r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
    ): UNSPACED,
}

# Filled as characters come along; a language has some hundreds.
_kind_of = np.zeros(0x110000, dtype=np.uint16)


def encode(text: str) -> Codes:
    """The code point of each character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def find_kinds(codes: Codes) -> Kinds:
    """The bits of each character."""
    kinds: Kinds = _kind_of[codes]
    if not kinds.all():
        for code in np.unique(codes[kinds == 0]).tolist():
            _kind_of[code] = _KNOWN | _classify(chr(code))
        kinds = _kind_of[codes]
    return kinds


def _classify(character: str) -> int:
    return sum(bits for pattern, bits in _CLASSES.items() if pattern.match(character))
