"""What is left to do where decoding again did not break a loop, or could not see one.

In a chunk whose text still goes round after every attempt, one round is kept. And where several
chunks one after another, long ones, are all the same few words ("Thank you for watching."), Whisper
heard music or noise: decoded apart, with probabilities above every limit, each of them looks right.
Roll calls ("Present.") are short chunks and stay.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import TypeVar

from whisper.timing import WordTiming
from whisper.utils import compression_ratio

from debate_transcriber.engines.speech import Word
from debate_transcriber.engines.whisper.decoding.fallback import Limits
from debate_transcriber.engines.whisper.input.chunks import Chunk

REPETITIVE = Limits().compression_ratio
FEWEST_ECHOES = 3  # chunks in a row
LONG = 5.0  # s of speech in each
FEW_WORDS = 0.5  # words per second of speech; people speak 2 to 4

Item = TypeVar("Item")


def break_loop(words: Sequence[WordTiming]) -> list[WordTiming]:
    """Keep one round of what goes round, in a text that compresses as only loops do."""
    text = "".join(word.word for word in words).strip()
    if not text or compression_ratio(text) <= REPETITIVE:
        return list(words)
    said = [word.word.strip().strip(".,!?").lower() for word in words]
    first, last = longest_repetition(said)
    return [*words[:first], *words[last:]]


def longest_repetition(items: Sequence[Item]) -> tuple[int, int]:
    """Return where the longest stretch of repeats of what went just before it begins and ends.

    a b c b c b c d
          ┝━━━━━┥      "b c" is repeated from 3 to 7
    """
    best = (0, 0)
    for period in range(1, len(items) // 2 + 1):
        start = period
        for i in range(period, len(items) + 1):
            if i == len(items) or items[i] != items[i - period]:
                if i - start > best[1] - best[0]:
                    best = (start, i)
                start = i + 1
    return best


def drop_echoes(chunks: Sequence[Chunk], words: Sequence[list[Word]]) -> list[Word]:
    """Return the words of all chunks but of those that only say the same few words again."""
    pairs = list(zip(chunks, words, strict=True))
    runs = [list(run) for _, run in groupby(pairs, lambda pair: [w.text.lower() for w in pair[1]])]
    return [
        word
        for run in runs
        if len(run) < FEWEST_ECHOES or not all(_is_thin(*pair) for pair in run)
        for _, words_said in run
        for word in words_said
    ]


def _is_thin(chunk: Chunk, words: Sequence[Word]) -> bool:
    return chunk.speech_seconds >= LONG and len(words) < FEW_WORDS * chunk.speech_seconds
