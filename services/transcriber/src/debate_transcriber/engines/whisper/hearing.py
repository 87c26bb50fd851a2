"""What was heard in a chunk, whether that can be all, and what to do where it cannot.

A text without time marks may leave out whole sentences where voices or languages change, and looks
right. So the words are held against voice activity. A chunk in which seconds of speech have no
word, or whose text is doubtful, is decoded again with time marks, as stock Whisper does: the marks
make the decoder account for all of the window, and where they end, decoding goes on.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from debate_transcriber.engines.speech import Interval, Unheard, Word
from debate_transcriber.engines.whisper.decoding.fallback import Limits
from debate_transcriber.engines.whisper.decoding.rows import Row
from debate_transcriber.engines.whisper.input.chunks import LONGEST_PAUSE, Chunk

LOST = 3.0  # s of speech without a word that are too many
FEWEST_TOKENS = 1.5  # per second of speech; people say 3 to 6
BREATH = 1.0  # s; less speech than this is not worth going on for
# Why words are missing, as it stands in the transcript.
NO_WORDS = "no words found"
UNSURE = "not sure enough"
REPETITION = "only a repetition"
REST = 0.2  # s of a stretch of speech that remain after its last word


@dataclass(frozen=True, slots=True)
class Hearing:
    """The text of a chunk and its words, with times of the recording."""

    chunk: Chunk
    row: Row
    words: list[Word]

    @property
    def until(self) -> float | None:
        """Where the time marks of the text end, None where they hold to the chunk's end."""
        return None if self.row.until is None else self.chunk.start + self.row.until


def find_gaps(
    words: Sequence[Word], speech: Sequence[Interval], start: float, end: float, least: float = LOST
) -> list[Interval]:
    """Where between `start` and `end` at least `least` seconds of speech pass without a word.

    speech   ━━━━━━━━━━━━━  ━━━━━━━━━━  ━━━━━━━
    words    ├─┤├──┤                    ├──┤├─┤
    gap             ┝━━━━━━━━━━━━━━━━┥
    """
    edges = [start, *(time for word in words for time in (word.start, word.end)), end]
    found = []
    for before, after in zip(edges[::2], edges[1::2], strict=True):
        inside = clip(speech, before, after)
        if sum(i.end - i.start for i in inside) >= least:
            found.append(Interval(inside[0].start, inside[-1].end))
    return found


def clip(speech: Sequence[Interval], start: float, end: float) -> list[Interval]:
    """The parts of stretches of speech that lie between two times."""
    parts = (Interval(max(start, i.start), min(end, i.end)) for i in speech)
    return [part for part in parts if part.end > part.start]


def is_doubtful(hearing: Hearing, speech: Sequence[Interval], limits: Limits) -> bool:
    """Whether speech seems to be lost in a chunk, or its text is little more than a guess."""
    chunk = hearing.chunk
    if find_gaps(hearing.words, speech, chunk.start, chunk.end):
        return True
    few = len(hearing.row.tokens) < FEWEST_TOKENS * chunk.speech_seconds
    return bool(hearing.words) and (few or hearing.row.avg_logprob < limits.doubtful)


def hear_on(
    listen: Callable[[list[Chunk]], Sequence[Hearing]],
    first: Sequence[Hearing],
    speech: Sequence[Interval],
) -> list[list[Hearing]]:
    """Hear what is left of each chunk where the time marks end, all together, until nothing is."""
    accounts = [[hearing] for hearing in first]
    going_on = accounts
    while left := [(a, rest) for a in going_on if (rest := _rest(a[-1], speech))]:
        going_on = [account for account, _ in left]
        heard = listen([rest for _, rest in left])
        for account, hearing in zip(going_on, heard, strict=True):
            account.append(hearing)
    return accounts


def _rest(hearing: Hearing, speech: Sequence[Interval]) -> Chunk | None:
    chunk = hearing.chunk
    if hearing.until is None or hearing.until < chunk.start + BREATH:
        return None
    left = clip(speech, hearing.until, chunk.end)
    if left and left[0].start == hearing.until and left[0].end - left[0].start < REST:
        left = left[1:]
    seconds = sum(i.end - i.start for i in left)
    return Chunk(left[0].start, chunk.end, seconds) if seconds >= BREATH else None


def better(
    first: list[Hearing], again: list[Hearing], speech: Sequence[Interval], limits: Limits
) -> list[Hearing]:
    """The account of a chunk that leaves out less speech; of equal ones the likelier.

    After the end of its first text the second one counts where it is no guess.
    """
    again = [again[0], *(h for h in again[1:] if h.row.avg_logprob >= limits.doubtful)]
    if any(limits.is_repetitive(hearing.row) for hearing in again):
        return first
    lost, lost_again = (_lost_seconds(account, speech) for account in (first, again))
    sure, sure_again = (_mean_logprob(account) for account in (first, again))
    if abs(lost - lost_again) < BREATH:
        return again if sure_again > sure else first
    return again if lost_again < lost and sure_again > limits.avg_logprob else first


def _lost_seconds(account: Sequence[Hearing], speech: Sequence[Interval]) -> float:
    words = [word for hearing in account for word in hearing.words]
    start, end = account[0].chunk.start, account[0].chunk.end
    gaps = find_gaps(words, speech, start, end, BREATH)
    return sum(i.end - i.start for gap in gaps for i in clip(speech, gap.start, gap.end))


def _mean_logprob(account: Sequence[Hearing]) -> float:
    """Per token; marks and the end of the text count as one."""
    lengths = [len(hearing.row.tokens) + 1 for hearing in account]
    total = sum(h.row.avg_logprob * n for h, n in zip(account, lengths, strict=True))
    return total / sum(lengths)


def find_unheard(
    words: Sequence[Word],
    speech: Sequence[Interval],
    unsure: Sequence[Chunk],
    recognised: Sequence[Word],
) -> list[Unheard]:
    """Where speech has no words, and why: gaps without their long pauses.

    `unsure` are the chunks whose text was dropped, `recognised` the words with those that were
    dropped as repetition.
    """
    end = max((interval.end for interval in speech), default=0.0)

    def reason(gap: Interval) -> str:
        if any(gap.start < word.end and word.start < gap.end for word in recognised):
            return REPETITION
        if any(gap.start < chunk.end and chunk.start < gap.end for chunk in unsure):
            return UNSURE
        return NO_WORDS

    parts = [
        part
        for gap in find_gaps(words, speech, 0.0, end)
        for part in _passages(clip(speech, gap.start, gap.end))
        if part.end - part.start >= BREATH
    ]
    return [Unheard(part.start, part.end, reason(part)) for part in parts]


def _passages(speech: Sequence[Interval]) -> list[Interval]:
    """Stretches of speech, those joined between which there is no long pause."""
    joined: list[Interval] = []
    for stretch in speech:
        near = joined and stretch.start - joined[-1].end <= LONGEST_PAUSE
        start = joined.pop().start if near else stretch.start
        joined.append(Interval(start, stretch.end))
    return joined
