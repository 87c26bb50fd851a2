"""Aligned words of a window to words of the recording."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from whisper.timing import WordTiming, merge_punctuations

from debate_transcriber.engines.whisper.chunks import Chunk
from debate_transcriber.engines.whisper.loops import break_loop
from debate_transcriber.speech import Interval, Word

# Punctuation joined to the word after and before it; the sets of whisper.transcribe.
OPENING = "\"'“¿([{-"
CLOSING = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001  # Chinese and Japanese marks
# Languages written without spaces; the set of whisper.tokenizer.
UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})


def words_of_chunk(
    aligned: Sequence[WordTiming], chunk: Chunk, language: str, speech: Sequence[Interval]
) -> list[Word]:
    """Words with times of the recording: joined to their marks, loops broken, pauses cut off."""
    timings = break_loop(aligned)
    merge_punctuations(timings, OPENING, CLOSING)
    words = [_word(timing, chunk, language) for timing in timings if timing.word.strip()]
    if words and language not in UNSPACED:
        words[0] = replace(words[0], space_before=True)
    return [_trim_pauses(word, speech) for word in words]


def _word(timing: WordTiming, chunk: Chunk, language: str) -> Word:
    start = min(chunk.start + timing.start, chunk.end)
    return Word(
        timing.word.strip(),
        float(start),
        float(max(start, min(chunk.start + timing.end, chunk.end))),
        float(timing.probability),
        space_before=timing.word.startswith(" "),
        language=language,
    )


def _trim_pauses(word: Word, speech: Sequence[Interval]) -> Word:
    """Take away the pause that a word begins or ends with.

    speech   ━━━━━━━        ━━━━━━━
    word            ├─────────┤        attention drifts into the pause
    becomes                 ├─┤
    """
    first = bisect_right(speech, word.start, key=lambda interval: interval.end)
    last = bisect_left(speech, word.end, key=lambda interval: interval.start) - 1
    if first > last:  # all of it in a pause: voice activity detection may be the one that erred
        return word
    return replace(
        word,
        start=max(word.start, speech[first].start),
        end=min(word.end, speech[last].end),
    )
