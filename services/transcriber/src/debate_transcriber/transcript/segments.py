"""Labelled words to segments: the lines that a reader sees."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from debate_transcriber.engines.speech import Interval, Turn, Word
from debate_transcriber.transcript.assignment import LabelledWord
from debate_transcriber.transcript.sentences import split_sentences

LONGEST = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class Segment:
    """What one speaker says without a break; see contracts/transcript."""

    words: list[LabelledWord]
    overlapped: list[bool]  # for each word: whether another label speaks too

    @property
    def overlap(self) -> bool:
        """Whether another label speaks during any word."""
        return any(self.overlapped)

    @property
    def label(self) -> str:
        """The one speaker of all words."""
        return self.words[0].label

    @property
    def language(self) -> str | None:
        """The one language of all words."""
        return self.words[0].word.language

    @property
    def start(self) -> float:
        """The first word's start."""
        return self.words[0].word.start

    @property
    def end(self) -> float:
        """The latest end of a word."""
        return max(item.word.end for item in self.words)

    @property
    def text(self) -> str:
        """The words put together."""
        first, *others = (item.word for item in self.words)
        return first.text + "".join(" " * w.space_before + w.text for w in others)

    @property
    def confidence(self) -> float:
        """The recogniser's: mean word probability."""
        return sum(item.word.probability for item in self.words) / len(self.words)

    @property
    def speaker_confidence(self) -> float:
        """The share of words of which at least half lies in the speaker's turns."""
        return sum(item.covered >= 0.5 for item in self.words) / len(self.words)


def cut_segments(words: Sequence[LabelledWord], speech: Sequence[Turn]) -> list[Segment]:
    """Cut where speaker or language changes, at sentence ends and pauses, and after 30 s."""
    overlaps = find_overlaps(speech)
    starts = [overlap.start for overlap in overlaps]
    return [
        Segment(part, [_touches(item.word, overlaps, starts) for item in part])
        for sentence in split_sentences(words, _word_of)
        for _, group in groupby(sentence, lambda item: (item.label, item.word.language))
        for part in _limit(list(group))
    ]


def _word_of(item: LabelledWord) -> Word:
    return item.word


def _limit(words: list[LabelledWord]) -> Iterator[list[LabelledWord]]:
    """Halve what is too long at the longest pause of its middle half."""
    if len(words) < 4 or words[-1].word.end - words[0].word.start <= LONGEST:
        yield words
        return
    quarter = len(words) // 4
    cut = max(
        range(quarter, len(words) - quarter),
        key=lambda i: words[i].word.start - words[i - 1].word.end,
    )
    yield from _limit(words[:cut])
    yield from _limit(words[cut:])


def find_overlaps(speech: Sequence[Turn]) -> list[Interval]:
    """Return where two or more labels speak at once, sorted, apart from each other."""
    found: list[Interval] = []
    active: dict[str, int] = {}
    since = 0.0
    # At equal times ends (0) come before starts (1): turns that touch do not overlap.
    events = sorted([(t.start, 1, t.label) for t in speech] + [(t.end, 0, t.label) for t in speech])
    for time, is_start, label in events:
        if len(active) > 1 and time > since:
            _extend(found, Interval(since, time))
        active[label] = active.get(label, 0) + (1 if is_start else -1)
        if not active[label]:
            del active[label]
        since = time
    return found


def _extend(found: list[Interval], following: Interval) -> None:
    if found and found[-1].end == following.start:
        following = Interval(found.pop().start, following.end)
    found.append(following)


def _touches(word: Word, overlaps: Sequence[Interval], starts: Sequence[float]) -> bool:
    """Whether the word shares time with an overlap."""
    last = bisect_left(starts, word.end) - 1  # the last one that begins before the word ends
    return last >= 0 and overlaps[last].end > word.start
