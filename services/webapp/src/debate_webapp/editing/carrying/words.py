"""Words of two transcriptions of one recording, and which of them are the same spoken word."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from debate_webapp.editing.alignment import Piece, time_words, written_words

# Seconds that two recognisers may be apart about one word; without times of words, a guess.
TOLERANCE = 3.0
# Of the same word within that time as many are looked at on either side: nobody says more of them,
# but a file may.
REPEATS = 12


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is written, its time in seconds, and whether a recogniser gave that time.

    A segment without words has one empty token, so that it has a place among the words.
    """

    text: str
    space: bool = True
    start: float = 0.0
    end: float = 0.0
    timed: bool = False
    # What tells it from other words: neither case nor punctuation.
    spoken: str = ""

    @property
    def middle(self) -> float:
        """Its middle, in seconds."""
        return (self.start + self.end) / 2


def heard_tokens(
    words: Sequence[dict[str, Any]], text: str, start: float, end: float
) -> list[Token]:
    """The words of a segment's text, timed by what was recognised from `start` to `end`."""
    pieces = list(written_words(text))
    found = [
        Token(piece.text, piece.space_before, word["start"], word["end"], bool(words), piece.spoken)
        for piece, word in zip(pieces, _timed(pieces, words, text, start, end), strict=True)
    ]
    return found or [Token("", True, start, end)]


def _timed(
    pieces: Sequence[Piece], words: Sequence[dict[str, Any]], text: str, start: float, end: float
) -> Sequence[dict[str, Any]]:
    """Words with the pieces' times: nearly always those recognised, and that is soon seen."""
    if [piece.text for piece in pieces] == [word["word"].strip() for word in words]:
        return words
    return time_words(words, text, start, end)


def written_tokens(text: str) -> list[Token]:
    """The words of a text, without times."""
    found = [Token(p.text, p.space_before, spoken=p.spoken) for p in written_words(text)]
    return found or [Token("")]


def write_tokens(tokens: Sequence[Token]) -> str:
    """Words as a text, one space where there was any."""
    return "".join((" " if token.space else "") + token.text for token in tokens).strip()


def match_words(old: Sequence[Token], new: Sequence[Token]) -> list[int | None]:
    """For each word of `old` its place in `new`, increasing, or None.

    Pairs are the same spoken word within TOLERANCE; of all sequences of pairs that never cross it
    is the heaviest, a pair weighing up to half more the closer its times are. A transcription and
    its copy are therefore matched word by word.
    """
    places = _places(new)
    best = _Heaviest(len(new))
    pairs: list[tuple[int, int, int]] = []
    for at, token in enumerate(old):
        # From the last to the first, so that no word is matched twice.
        for place in reversed(_near(places.get(token.spoken, []), token.middle)):
            weight, before = best.up_to(place)
            pairs.append((at, place, before))
            closeness = 1 - abs(token.middle - new[place].middle) / TOLERANCE
            best.put(place, weight + 1 + closeness / 2, len(pairs) - 1)
    matched: list[int | None] = [None] * len(old)
    pair = best.up_to(len(new))[1]
    while pair >= 0:
        at, place, pair = pairs[pair]
        matched[at] = place
    return matched


def _places(tokens: Sequence[Token]) -> dict[str, list[tuple[float, int]]]:
    """Where each word is said: times in order, each with the place among the tokens."""
    places: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for at, token in enumerate(tokens):
        places[token.spoken].append((token.middle, at))
    return {spoken: sorted(found) for spoken, found in places.items()}


def _near(places: Sequence[tuple[float, int]], middle: float) -> list[int]:
    """Those that are within TOLERANCE of a time, in order, the nearest REPEATS on either side."""
    at = bisect_left(places, (middle, -1))
    low = max(bisect_left(places, (middle - TOLERANCE, -1)), at - REPEATS)
    high = min(bisect_left(places, (middle + TOLERANCE, -1)), at + REPEATS)
    return sorted(place for _, place in places[low:high])


class _Heaviest:
    """The heaviest chain of pairs that ends before a place (a Fenwick tree of maxima)."""

    def __init__(self, size: int) -> None:
        self._tree: list[tuple[float, int]] = [(0.0, -1)] * (size + 1)

    def up_to(self, place: int) -> tuple[float, int]:
        """Its weight and its last pair, -1 for none."""
        best = (0.0, -1)
        while place > 0:
            best = max(best, self._tree[place])
            place -= place & -place
        return best

    def put(self, place: int, weight: float, pair: int) -> None:
        """A chain that ends at this place."""
        place += 1
        while place < len(self._tree):
            self._tree[place] = max(self._tree[place], (weight, pair))
            place += place & -place
