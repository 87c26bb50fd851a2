"""Words, their times and their sureness; questions. Unicode decides what a word is."""

from dataclasses import dataclass

import numpy as np
import regex

from debate_stats.timeline.intervals import Bools, Ints, to_us
from debate_stats.transcript.characters import ASKS, EXCLAIMS, UNSPACED, encode, find_kinds
from debate_stats.transcript.timed_text import Lines, Texts
from debate_stats.transcript.word_boundaries import find_bounds

# Below this probability a word counts as uncertain; docs/accuracy.md says how it was chosen.
UNCERTAIN_BELOW = 0.75

_GREEK = ("el", "ell", "gre", "Greek", "greek")

# An end of a sentence in any script. A full stop inside a number or an abbreviation is none.
_SENTENCE_END = regex.compile(
    r"(?:\p{Sentence_Terminal}|[\u037e\u055e])(?!\w)|[\u3002\uff01\uff1f]"
)


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


def find_words(texts: Texts, language: str | None = None) -> Words:
    """All words of the transcript, in order, each placed within its piece's time.

    A segment is read as one text, so that a word which the recogniser cut in two counts once, with
    the time and the probability of the piece it begins in.
    """
    lines = texts.lines
    start, end = find_bounds(lines.whole, lines.kinds)
    piece = _piece_at(lines, start)
    along = np.minimum(((start + end) / 2 - lines.offset[piece]) / lines.length[piece], 1.0)
    duration = texts.end[piece] - texts.start[piece]
    unspaced = np.count_nonzero(lines.kinds & UNSPACED)
    return Words(
        piece=piece,
        segment=texts.segment[piece],
        at_us=to_us(texts.start[piece] + along * duration),
        is_timed=texts.is_word[piece],
        uncertain=_uncertain(texts, piece),
        questions=_find_questions(texts, language),
        unit="character" if 2 * unspaced > len(start) else "word",
    )


def _find_questions(texts: Texts, language: str | None) -> Ints | None:
    """One question per run of end marks that holds a question mark ("Really?!" asks once).

    Greek asks by a semicolon, which has a code point of its own that hardly anybody types.
    """
    whole, kinds = texts.lines.whole, texts.lines.kinds
    if language is not None and language.partition("-")[0] in _GREEK:
        whole = whole.replace(";", "\u037e")
        kinds = find_kinds(encode(whole))
    if not is_punctuated(whole):
        return None
    mark = np.flatnonzero(kinds & (ASKS | EXCLAIMS))
    begins = np.diff(mark, prepend=-2) > 1
    asking = np.unique((np.cumsum(begins) - 1)[(kinds[mark] & ASKS) > 0])
    return texts.segment[_piece_at(texts.lines, mark[begins][asking])]


def _piece_at(lines: Lines, place: Ints) -> Ints:
    """The piece that holds each place of the text, or else the one before it."""
    return np.searchsorted(lines.offset, place, side="right") - 1


def _uncertain(texts: Texts, piece: Ints) -> Bools | None:
    if np.isnan(texts.probability).all():
        return None
    return texts.probability[piece] < UNCERTAIN_BELOW
