"""Words of a corrected text: those that stayed keep their time, new ones get a share of it.

Old and new text are cut the same way: at spaces, and in scripts written without spaces at every
character. What both have in common, but for case and punctuation, is the same spoken word.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

# Thai, Lao, Myanmar, Khmer, kana, Han: where a word is a character, as debate-stats counts them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
)
_PIECE = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")

# Of a character: start, end, probability, and which of the recogniser's words it belongs to.
Moment = tuple[float, float, float | None, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """A word as it is written, its time in seconds and the recogniser's probability."""

    text: str
    space_before: bool
    start: float = 0.0
    end: float = 0.0
    # None for what a person wrote: no recogniser heard it, and 1.0 would claim that one did.
    probability: float | None = None
    # The place of the recogniser's word in which it begins.
    place: int = 0

    @property
    def spoken(self) -> str:
        """What tells it from other words: neither case nor punctuation."""
        return "".join(filter(str.isalnum, self.text.casefold())) or self.text


def align_words(
    words: Sequence[dict[str, Any]], text: str, start: float, end: float
) -> list[dict[str, Any]]:
    """The words of `text`, timed by the `words` that were recognised from `start` to `end` seconds.

    Words in and out are the contract's, those out without speaker. A changed word takes the time
    of what it replaces, an added one that between its neighbours. Without times to go by: none.
    """
    old, new = list(_recognised(words)), list(written_words(text))
    if not old:
        return []
    aligned: list[Piece] = []
    matcher = SequenceMatcher(None, [p.spoken for p in old], [p.spoken for p in new])
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal":
            aligned += map(_timed_as, new[j:j_end], old[i:i_end])
        else:
            aligned += _shared(new[j:j_end], *_room(old, i, i_end, (start, end)))
    return [_word(piece) for piece in aligned]


def time_words(
    words: Sequence[dict[str, Any]], text: str, start: float, end: float
) -> list[dict[str, Any]]:
    """The same, but without times to go by the words share `start` to `end` by their length."""
    aligned = align_words(words, text, start, end)
    return aligned or [_word(piece) for piece in _shared(list(written_words(text)), start, end)]


def count_words(text: str) -> int:
    """How many words `align_words` finds in a text."""
    return sum(1 for _ in written_words(text))


def start_of_word(text: str, place: int) -> int:
    """At which character the word with this place begins."""
    return [match.start() for match in _PIECE.finditer(text)][place]


def count_recognised(words: Sequence[dict[str, Any]], before: str, after: str) -> int:
    """How many of the recognised words went into `before`, when all became `before` `after`."""
    old, first = list(_recognised(words)), list(written_words(before))
    new = first + list(written_words(after))
    matcher = SequenceMatcher(None, [p.spoken for p in old], [p.spoken for p in new])
    for _, i, i_end, j, j_end in matcher.get_opcodes():
        if j_end > len(first):
            # Inside of what was replaced the cut lies as far on the one side as on the other.
            at = i + round((len(first) - j) / (j_end - j) * (i_end - i))
            return old[at].place if at < len(old) else len(words)
    return len(words)


def written_words(text: str) -> Iterator[Piece]:
    """The words of a text as they are cut here, without times."""
    for match in _PIECE.finditer(text):
        at = match.start()
        yield Piece(match.group(), at == 0 or text[at - 1].isspace())


def _recognised(words: Sequence[dict[str, Any]]) -> Iterator[Piece]:
    """The recogniser's words as they are written: it may cut one in two, or join characters."""
    line, moments = "", list[Moment]()
    for place, word in enumerate(words):
        if word.get("space_before") is not False:
            line += " "
            moments.append((0.0, 0.0, None, place))
        line += word["word"]
        moments += _moments(word, place)
    for match in _PIECE.finditer(line):
        first, last = moments[match.start()], moments[match.end() - 1]
        heard = [p for _, _, p, _ in moments[match.start() : match.end()] if p is not None]
        yield Piece(match.group(), True, first[0], last[1], min(heard, default=None), first[3])


def _moments(word: dict[str, Any], place: int) -> Iterator[Moment]:
    """The time of each character of a word, all equally long."""
    count = len(word["word"])
    each = (word["end"] - word["start"]) / (count or 1)
    for at in range(count):
        left = count - 1 - at
        start, end = word["start"] + each * at, word["end"] - each * left
        yield start, end, word.get("probability"), place


def _timed_as(piece: Piece, known: Piece) -> Piece:
    return replace(piece, start=known.start, end=known.end, probability=known.probability)


def _room(
    old: Sequence[Piece], i: int, end: int, whole: tuple[float, float]
) -> tuple[float, float]:
    """The time of the words that went, or, where none did, between the neighbours."""
    if i < end:
        return old[i].start, old[end - 1].end
    return old[i - 1].end if i else whole[0], old[i].start if i < len(old) else whole[1]


def _shared(pieces: Sequence[Piece], start: float, end: float) -> Iterator[Piece]:
    """The time shared out by length; where there is none, all at one moment."""
    characters = sum(len(piece.text) for piece in pieces)
    each = max(end - start, 0.0) / (characters or 1)
    for piece in pieces:
        until = start + each * len(piece.text)
        yield replace(piece, start=start, end=until)
        start = until


def _word(piece: Piece) -> dict[str, Any]:
    word = {"word": piece.text, "start": piece.start, "end": piece.end}
    return (
        word
        | {"probability": piece.probability}
        | ({} if piece.space_before else {"space_before": False})
    )
