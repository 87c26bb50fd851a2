"""Which word is whose: the words of the recogniser against the turns of the diarizer.

1. A word takes the exclusive turn that covers most of it; without one, the nearest turn at most
   `REACH` away; else it is SPEAKER_UNKNOWN.
2. A change of speaker inside a sentence is honoured only with evidence. The words of a sentence
   form runs of one label; a run is *strong* when it has at least two words and its own turns cover
   at least `EVIDENCE` seconds of them, or `INSIDE` seconds where it neither begins nor ends the
   sentence. A weak run takes the label of the nearer strong run of its sentence; without any strong
   run, that of the sentence's best covered label. Blind splitting does harm: a turn's edge is
   rarely exact to the word, so a lone first or last word mostly belongs to its sentence, and a
   short turn in the middle is more often the diarizer's mistake than an interjection.
3. A sentence ends at its mark, or at a pause longer than `PAUSE`: there a change costs nothing.

Every step is one pass over sorted lists: O(n log n) with the sorting.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from debate_transcriber.engines.speech import Turn, Word
from debate_transcriber.transcript.sentences import split_sentences

UNKNOWN = "SPEAKER_UNKNOWN"
REACH = 1.0  # seconds from a word to the nearest turn that may still be its
EVIDENCE = 0.5  # seconds of words inside the turns of another label that make a change believable
INSIDE = 1.0  # the same for a label that comes and goes inside a sentence
FEWEST_WORDS = 2


@dataclass(frozen=True, slots=True)
class LabelledWord:
    """A word, its speaker, and how much of it that speaker's turns cover (0-1)."""

    word: Word
    label: str
    covered: float


@dataclass(slots=True)
class _Run:
    """Neighbouring words of one sentence with one label."""

    label: str
    words: list[LabelledWord]
    least: float = EVIDENCE  # seconds that make it strong

    @property
    def evidence(self) -> float:
        if self.label == UNKNOWN:
            return 0.0
        return sum(w.covered * (w.word.end - w.word.start) for w in self.words)

    @property
    def strong(self) -> bool:
        return len(self.words) >= FEWEST_WORDS and self.evidence >= self.least


def assign_words(words: Sequence[Word], exclusive: Sequence[Turn]) -> list[LabelledWord]:
    """Give every word its speaker; `exclusive` has one label at a time."""
    turns = sorted((t for t in exclusive if t.end > t.start), key=lambda turn: turn.start)
    starts = [turn.start for turn in turns]
    own = [_by_coverage(word, turns, starts) for word in words]
    settled = [
        labelled for sentence in split_sentences(own, _word_of) for labelled in _settle(sentence)
    ]
    return [_covered_by(item, turns, starts) for item in settled]


def _word_of(labelled: LabelledWord) -> Word:
    return labelled.word


def _by_coverage(word: Word, turns: Sequence[Turn], starts: Sequence[float]) -> LabelledWord:
    shares: dict[str, float] = defaultdict(float)
    for turn in _turns_near(word, turns, starts):
        shares[turn.label] += max(0.0, min(word.end, turn.end) - max(word.start, turn.start))
    label, seconds = max(shares.items(), key=lambda item: item[1], default=(UNKNOWN, 0.0))
    if seconds <= 0:
        return LabelledWord(word, _nearest(word, turns, starts), 0.0)
    return LabelledWord(word, label, min(1.0, seconds / max(word.end - word.start, 1e-9)))


def _turns_near(word: Word, turns: Sequence[Turn], starts: Sequence[float]) -> Iterator[Turn]:
    """Yield the turns that may touch the word, from the last that begins before it ends."""
    for position in range(bisect_right(starts, word.end) - 1, -1, -1):
        yield turns[position]
        if turns[position].start <= word.start:
            return


def _nearest(word: Word, turns: Sequence[Turn], starts: Sequence[float]) -> str:
    position = bisect_right(starts, word.start)
    distances = [
        (max(turn.start - word.end, word.start - turn.end, 0.0), turn.label)
        for turn in turns[max(0, position - 1) : position + 1]
    ]
    distance, label = min(distances, key=lambda item: item[0], default=(REACH + 1, UNKNOWN))
    return label if distance <= REACH else UNKNOWN


def _settle(sentence: Sequence[LabelledWord]) -> Iterator[LabelledWord]:
    """Yield the sentence's words with weak runs given to the strong ones (rule 2)."""
    runs = [_Run(label, list(words)) for label, words in groupby(sentence, lambda item: item.label)]
    for run in runs[1:-1]:
        run.least = INSIDE
    strong = [i for i, run in enumerate(runs) if run.strong]
    fallback = _best_covered(runs)
    for i, run in enumerate(runs):
        label = run.label
        if not run.strong:
            label = runs[_nearest_strong(runs, strong, i)].label if strong else fallback
        yield from (LabelledWord(item.word, label, item.covered) for item in run.words)


def _best_covered(runs: Sequence[_Run]) -> str:
    evidence: dict[str, float] = defaultdict(float)
    for run in runs:
        evidence[run.label] += run.evidence
    known = {label: seconds for label, seconds in evidence.items() if label != UNKNOWN}
    return max(known, key=known.__getitem__, default=UNKNOWN)


def _nearest_strong(runs: Sequence[_Run], strong: Sequence[int], weak: int) -> int:
    """Return the strong neighbour with the smaller pause to the weak run."""
    after = bisect_right(strong, weak)
    neighbours = strong[max(0, after - 1) : after + 1]
    return min(neighbours, key=lambda i: _pause(runs[min(i, weak)], runs[max(i, weak)]))


def _pause(earlier: _Run, later: _Run) -> float:
    return later.words[0].word.start - earlier.words[-1].word.end


def _covered_by(item: LabelledWord, turns: Sequence[Turn], starts: Sequence[float]) -> LabelledWord:
    """Measure the coverage anew: the word may have been given to another label."""
    near = (turn for turn in _turns_near(item.word, turns, starts) if turn.label == item.label)
    seconds = sum(max(0.0, min(item.word.end, t.end) - max(item.word.start, t.start)) for t in near)
    length = max(item.word.end - item.word.start, 1e-9)
    return LabelledWord(item.word, item.label, min(1.0, seconds / length))
