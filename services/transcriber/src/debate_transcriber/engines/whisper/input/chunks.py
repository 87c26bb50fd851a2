"""Cuts the speech of a recording into chunks that fit Whisper's window of 30 s.

speech   ━━━━━   ━━━━━━━━      ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━
chunks   ┝━━━━━━━━━━━━━━┥      ┝━━━━━━━━━━━━━━━━━━┥┝━━━━━━━━━━━━━━━━┥
         short pauses stay     no pause in 30 s: cut where it is quietest
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from debate_transcriber.engines.speech import SAMPLE_RATE, Interval, Waveform

LONGEST = 30.0  # s, Whisper's window
LONGEST_PAUSE = 2.0  # s; Whisper invents text on silences, so longer ones stay outside the chunks
SHORTEST = 0.1  # s; below this there is nothing to recognise, nor to align words with
SEARCH = 10.0  # s before the end of a full window in which the quietest moment is looked for
FRAME = 0.05  # s over which loudness is measured


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of at most 30 s, `speech_seconds` of which are speech."""

    start: float
    end: float
    speech_seconds: float

    @property
    def duration(self) -> float:
        """Length in seconds, pauses included."""
        return self.end - self.start

    @property
    def name(self) -> str:
        """What tells it from the recording's other chunks."""
        return f"{self.start:.3f}-{self.end:.3f}"

    def samples(self, waveform: Waveform) -> Waveform:
        """The chunk's part of the waveform."""
        return waveform[round(self.start * SAMPLE_RATE) : round(self.end * SAMPLE_RATE)]


def cut_chunks(waveform: Waveform, speech: Sequence[Interval]) -> list[Chunk]:
    """Pack `speech` (seconds, sorted) into as few chunks as its pauses allow, in order."""
    total = len(waveform) / SAMPLE_RATE
    inside = [Interval(max(0.0, i.start), min(i.end, total)) for i in speech]
    pieces = [piece for interval in inside for piece in _split_long(waveform, interval)]
    return list(_pack(piece for piece in pieces if piece.end - piece.start >= SHORTEST))


def _split_long(waveform: Waveform, interval: Interval) -> Iterable[Interval]:
    start = interval.start
    while interval.end - start > LONGEST:
        cut = quietest_moment(waveform, start + LONGEST - SEARCH, start + LONGEST)
        yield Interval(start, cut)
        start = cut
    yield Interval(start, interval.end)


def quietest_moment(waveform: Waveform, start: float, end: float) -> float:
    """Middle of the 50 ms of least energy between two times, in seconds."""
    size = round(FRAME * SAMPLE_RATE)
    samples = waveform[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    energy = np.square(frames, dtype=np.float64).sum(axis=1)
    return start + (int(energy.argmin()) + 0.5) * FRAME


def _pack(pieces: Iterable[Interval]) -> Iterable[Chunk]:
    chunk: Chunk | None = None
    for piece in pieces:
        alone = Chunk(piece.start, piece.end, piece.end - piece.start)
        if chunk is None or not _fits(chunk, piece):
            if chunk is not None:
                yield chunk
            chunk = alone
        else:
            chunk = Chunk(chunk.start, piece.end, chunk.speech_seconds + alone.speech_seconds)
    if chunk is not None:
        yield chunk


def _fits(chunk: Chunk, piece: Interval) -> bool:
    return piece.end - chunk.start <= LONGEST and piece.start - chunk.end <= LONGEST_PAUSE
