"""Aligned words of a window to words of the recording."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace

from whisper.timing import WordTiming, merge_punctuations

from debate_transcriber.engines.speech import Interval, Word
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.words.loops import break_loop

# Punctuation joined to the word after and before it; the sets of whisper.transcribe.
OPENING = "\"'“¿([{-"
CLOSING = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001  # Chinese and Japanese marks
SENTENCE_ENDS = (".", "?", "!", "。", "？", "！")  # noqa: RUF001
HALF = "\N{REPLACEMENT CHARACTER}"  # bytes of a character that the decoder did not end
LONGEST = 1.4  # s; stock Whisper's bound on a word beside a pause
EARLY = 0.08  # s; measured, see bench/accuracy/words.md
LEAST_PART = 0.15  # s of a word on one side of a pause, 0.1 s of which are margin
# Languages written without spaces; the set of whisper.tokenizer.
UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "yue"})


def words_of_chunk(
    aligned: Sequence[WordTiming], chunk: Chunk, language: str, speech: Sequence[Interval]
) -> list[Word]:
    """Words with times of the recording: joined to their marks, loops broken, pauses cut off."""
    timings = break_loop(aligned)
    merge_punctuations(timings, OPENING, CLOSING)
    words = [word for timing in timings if (word := _word(timing, chunk, language)).text]
    if words and language not in UNSPACED:
        words[0] = replace(words[0], space_before=True)
    ends = [True, *(word.text.endswith(SENTENCE_ENDS) for word in words)]
    return [
        _start_later(_cap(_without_pause(word, speech, begins), begins))
        for word, begins in zip(words, ends, strict=False)  # a sentence begins where one ended
    ]


def _word(timing: WordTiming, chunk: Chunk, language: str) -> Word:
    start = min(chunk.start + timing.start, chunk.end)
    return Word(
        timing.word.replace(HALF, "").strip(),
        float(start),
        float(max(start, min(chunk.start + timing.end, chunk.end))),
        float(timing.probability),
        space_before=timing.word.startswith(" "),
        language=language,
    )


def _without_pause(word: Word, speech: Sequence[Interval], begins_sentence: bool) -> Word:
    """Take away the pause that a word begins or ends with, or runs over.

    speech   ━━━━━━━        ━━━━━━━
    word            ├─────────┤        attention drifts into the pause
    becomes                 ├─┤

    Of a word on both sides of a pause the part after it is left, for attention is early; of one
    that ends a sentence the part before it.
    """
    first = bisect_right(speech, word.start, key=lambda interval: interval.end)
    last = bisect_left(speech, word.end, key=lambda interval: interval.start) - 1
    if first > last:  # all of it in a pause: voice activity detection may be the one that erred
        return word
    ends_sentence = word.text.endswith(SENTENCE_ENDS) and not begins_sentence
    late = word.end - speech[last].start >= LEAST_PART
    early = speech[first].end - word.start >= LEAST_PART
    if (ends_sentence or not late) and early:
        last = first
    else:
        first = last
    return replace(
        word,
        start=max(word.start, speech[first].start),
        end=min(word.end, speech[last].end),
    )


def _start_later(word: Word) -> Word:
    """Attention turns to a word while the one before it ends, so that its start is early."""
    return replace(word, start=word.start + min(EARLY, (word.end - word.start) / 3))


def _cap(word: Word, begins_sentence: bool) -> Word:
    """Shorten a word that takes longer than words do, at the end that is less sure."""
    if word.end - word.start <= LONGEST:
        return word
    if word.text.endswith(SENTENCE_ENDS) and not begins_sentence:
        return replace(word, end=word.start + LONGEST)
    return replace(word, start=word.end - LONGEST)
