"""Timed pieces of text, and where in the text of their segments they stand."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from debate_stats.timeline.intervals import Bools, Ints
from debate_stats.transcript.characters import Kinds, encode, find_kinds

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Lines:
    """The text of a transcript, `whole`, a line for each segment, and what stands where in it.

    `kinds` are the characters' bits; `offset` and `length` tell the characters of each piece,
    without the spaces around it.
    """

    whole: str
    kinds: Kinds
    offset: Ints
    length: Ints


@dataclass(frozen=True, slots=True)
class Texts:
    """Timed pieces of text: a word each where the recogniser gave words, else a whole segment.

    `probability` is NaN where unknown, `segment` the row of the segment, `is_word` whether the
    times are a word's own.
    """

    lines: Lines
    start: Floats
    end: Floats
    probability: Floats
    segment: Ints
    is_word: NDArray[np.bool_]


def find_pieces(texts: Sequence[str], said: bytes, length: Ints, is_last: Bools) -> Lines | None:
    """Find the pieces of each segment in its text; None where some text is made of others.

    `said` is all pieces put together, in UTF-8, `length` tells the bytes of each, `is_last` whether
    it is its segment's last. Pieces and texts may differ by spaces: recognisers keep the space
    before a word in the word or leave it out, and only the text tells which words are one.
    """
    whole = "\n".join(texts)
    codes = encode(whole)
    solid = np.flatnonzero((codes != ord(" ")) & (codes != ord("\n")))
    end = _count_solid(said, np.cumsum(length, dtype=np.int64))
    line_end = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
    made_of_them = without_spaces(whole.encode("utf-8", "surrogatepass")) == without_spaces(said)
    if not made_of_them or not np.array_equal(np.searchsorted(solid, line_end), end[is_last]):
        return None
    begin = np.append(0, end[:-1])[: len(end)]
    # Where the next solid character is, and how far it is from there past the last one.
    first = np.append(solid, len(whole))[begin]
    length = np.where(begin < end, solid[end - 1] - first + 1, 0) if len(solid) else 0 * end
    return Lines(whole, find_kinds(codes), first, length)


def without_spaces(written: bytes) -> bytes:
    """The text without spaces and ends of lines, which pieces need not share with their line."""
    return written.translate(None, b" \n")


def _count_solid(written: bytes, before: Ints) -> Ints:
    """How many characters but spaces and ends of lines lie before some bytes."""
    codes = np.frombuffer(written, dtype=np.uint8)
    begins = (codes != ord(" ")) & (codes != ord("\n")) & ((codes & 0xC0) != 0x80)
    count = np.cumsum(begins, dtype=np.int32)
    return np.where(before > 0, count[before - 1], 0) if len(count) else 0 * before
