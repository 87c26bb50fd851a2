"""Words as they are compared: without case and accents, of every script.

Where a script has no spaces between words each character is a word: asked for together they are a
phrase. Both databases index what `fold` returns, so that they find the same.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

# Thai, Lao, Burmese, Khmer; kana and Chinese characters.
_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_ALONE += "\U00020000-\U0003ffff"
# Python's \w leaves out marks: accents that stand by themselves, vowel signs of Indian scripts.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff"
_RUN = re.compile(f"[{_ALONE}]|(?:(?![{_ALONE}])(?:[^\\W_]|[{_MARKS}]))+")
# Letters that Unicode does not take apart, as people type them who do not have them.
_PLAIN = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "æ": "ae",
        "œ": "oe",
    }
)


class Token(NamedTuple):
    """A word as it is compared, and where in the text it stands."""

    word: str
    start: int
    end: int


def tokens(text: str) -> Iterator[Token]:
    """The words of a text in order."""
    for run in _RUN.finditer(text):
        for word in _RUN.findall(_plain(run.group())):
            yield Token(word, run.start(), run.end())


def fold(text: str) -> str:
    """The words of a text as they are compared, with single spaces between them."""
    if text.isascii():
        return " ".join(_RUN.findall(text.lower()))
    return " ".join(token.word for token in tokens(text))


def _plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_PLAIN))
    kept = "".join(c for c in apart if not unicodedata.combining(c))
    # Hangul's syllables are together again, as are vowel signs that belong to a letter.
    return unicodedata.normalize("NFC", kept)
