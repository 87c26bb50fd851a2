"""Where a sentence ends: at its mark or at a pause."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from debate_transcriber.engines.speech import Word

T = TypeVar("T")

PAUSE = 1.0  # seconds of silence that end a sentence whatever its words
MARK = re.compile(r"[.?!…。？！][\"'”’»)\]]*$")  # noqa: RUF001 - the marks of other scripts
# A dot that belongs to the word: titles, single initials, and what ends in a number's dot.
ABBREVIATION = re.compile(
    r"^(?:\w|Mr|Mrs|Ms|Dr|Prof|St|Sen|Rep|Gov|Gen|vs|No|e\.g|i\.e|[A-Z](?:\.[A-Z])+)\.$"
)


def split_sentences(items: Sequence[T], word_of: Callable[[T], Word]) -> Iterator[list[T]]:
    """Yield the items sentence by sentence; each item has one word."""
    sentence: list[T] = []
    for item in items:
        if sentence and ends_between(word_of(sentence[-1]), word_of(item)):
            yield sentence
            sentence = []
        sentence.append(item)
    if sentence:
        yield sentence


def ends_between(word: Word, following: Word) -> bool:
    """Whether a sentence ends with `word` when `following` comes next."""
    if following.start - word.end > PAUSE:
        return True
    if not MARK.search(word.text) or ABBREVIATION.match(word.text):
        return False
    return not following.text[:1].islower()
