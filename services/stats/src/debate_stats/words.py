"""Words, their times and their sureness; questions. Unicode decides what a word is."""

from dataclasses import dataclass

import numpy as np
import regex

from debate_stats.boundaries import find_bounds
from debate_stats.intervals import Bools, Ints, to_us
from debate_stats.transcript import Texts

# Below this probability of the recogniser a word counts as uncertain.
UNCERTAIN_BELOW = 0.5

# One question per run of end marks that holds a question mark ("Really?!" asks once). The Greek
# mark looks like a semicolon and is told by its own code point.
# The other marks: Arabic, reversed, Armenian, Ethiopic, Vai, doubled ones, interrobang, full width.
_ASK = r"?\u061f\u2e2e\u037e\u055e\u1367\ua60f\u2047-\u2049\u203d\uff1f"
_MARKS = regex.compile(rf"[{_ASK}!\uff01]+")
_ASKS = regex.compile(rf"[{_ASK}]")

# An end of a sentence in any script. A full stop inside a number or an abbreviation is none.
_SENTENCE_END = regex.compile(
    r"(?:\p{Sentence_Terminal}|[\u037e\u055e])(?!\w)|[\u3002\uff01\uff1f]"
)

# Scripts written without spaces, where without a dictionary a "word" is one character.
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


@dataclass(frozen=True, slots=True)
class Words:
    """Every word of a transcript: the row of its piece and segment, and the middle of its time.

    `is_timed` says that the time is the word's own and not a guess within its segment's.
    `uncertain` is None when the transcript holds no probabilities; `questions` holds the row of the
    segment of each question, or is None in a text without punctuation. `unit` is `word`, or
    `character` where most are written without spaces.
    """

    piece: Ints
    segment: Ints
    at_us: Ints
    is_timed: Bools
    uncertain: Bools | None
    questions: Ints | None
    unit: str

    def __len__(self) -> int:
        return len(self.piece)


def count_words(text: str) -> int:
    """Number of words by Unicode's default word boundaries."""
    return len(find_bounds(text)[0])


def is_punctuated(text: str) -> bool:
    """Whether any sentence ends in the text, so that the absence of questions means something."""
    return _SENTENCE_END.search(text) is not None


def find_words(texts: Texts) -> Words:
    """All words of the transcript, in order, each placed within its piece's time.

    A segment is read as one text, so that a word which the recogniser cut in two counts once, with
    the time and the probability of the piece it begins in.
    """
    length = np.fromiter(map(len, texts.text), np.int64, len(texts.text))
    whole, offset = _one_text(texts, length)
    start, end = find_bounds(whole)
    piece = np.searchsorted(offset, start, side="right") - 1
    along = np.minimum(((start + end) / 2 - offset[piece]) / length[piece], 1.0)
    duration = texts.end[piece] - texts.start[piece]
    return Words(
        piece=piece,
        segment=texts.segment[piece],
        at_us=to_us(texts.start[piece] + along * duration),
        is_timed=texts.is_word[piece],
        uncertain=_uncertain(texts, piece),
        questions=_find_questions(whole, offset, texts.segment),
        unit="character" if _is_unspaced(whole, len(start)) else "word",
    )


def _find_questions(whole: str, offset: Ints, segment: Ints) -> Ints | None:
    if not is_punctuated(whole):
        return None
    marks = [m.start() for m in _MARKS.finditer(whole) if _ASKS.search(m.group())]
    return segment[np.searchsorted(offset, np.array(marks, dtype=np.int64), "right") - 1]


def _one_text(texts: Texts, length: Ints) -> tuple[str, Ints]:
    """The whole transcript, a line per segment, and the offset of each piece in it."""
    lines = np.diff(texts.segment, prepend=0)
    parts = [
        f"\n{text}" if new else text for text, new in zip(texts.text, lines.tolist(), strict=True)
    ]
    return "".join(parts), np.cumsum(length) - length + np.cumsum(lines)


def _uncertain(texts: Texts, piece: Ints) -> Bools | None:
    if np.isnan(texts.probability).all():
        return None
    return texts.probability[piece] < UNCERTAIN_BELOW


def _is_unspaced(text: str, words: int) -> bool:
    # Asking each character once, not each time it occurs, spares most texts the search.
    return bool(_UNSPACED.search("".join(set(text)))) and 2 * len(_UNSPACED.findall(text)) > words
