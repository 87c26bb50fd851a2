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
# What a spacing sign of kana makes of the character before it.
_VOICED = "\u3099\u309a"
# Letters by Unicode, apostrophes where others type one.
_APOSTROPHES = "\u02b9-\u02bf\u02ee"
# Python's \w leaves out marks (accents that stand by themselves, vowel signs) and what nobody sees
# (soft hyphens, joiners). Those beyond U+FFFF are of scripts that nobody speaks in.
_ASSIGNED = list(map(chr, range(0x10000)))
_MARKS = "".join(c for c in _ASSIGNED if unicodedata.category(c) in ("Mn", "Mc", "Me", "Cf"))
_INSIDE = f"(?![{_ALONE}{_APOSTROPHES}])(?:[^\\W_]|[{_MARKS}])"
_RUN = re.compile(f"[{_ALONE}][{_VOICED}]?|(?:{_INSIDE})+")
# Letters that Unicode does not take apart, as people type them who do not have them.
_LETTERS = str.maketrans(
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


def _is_dropped(character: str) -> bool:
    """Accents, points, what nobody sees; not what makes another sound of kana, Thai or Lao."""
    place = unicodedata.combining(character)
    if place:
        return place != 8 and not 84 <= place <= 132
    return (
        unicodedata.category(character) in ("Cf", "Me")
        or "VARIATION SELECTOR" in unicodedata.name(character, "")
        or character in "\N{ARABIC TATWEEL}\N{COMBINING GRAPHEME JOINER}"
    )


_PLAIN = dict.fromkeys(map(ord, filter(_is_dropped, _ASSIGNED))) | _LETTERS


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


def spaced(words: str) -> str:
    """Words as `fold` returns them, each between two spaces of its own."""
    return f" {words.replace(' ', '  ')} "


def _plain(text: str) -> str:
    if text.isascii():
        return text.lower()
    # Bold letters and the like are capitals only once they are taken apart.
    lower = unicodedata.normalize("NFKD", text).casefold()
    kept = unicodedata.normalize("NFKD", lower).translate(_PLAIN)
    # Hangul's syllables are together again, as are vowel signs that belong to a letter.
    return unicodedata.normalize("NFC", kept)
