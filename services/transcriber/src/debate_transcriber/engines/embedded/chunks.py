"""Cutting speech into chunks that a recogniser takes at once."""

from collections.abc import Sequence

import numpy as np

from debate_transcriber.speech import SAMPLE_RATE, Interval, Waveform

LONGEST = 20.0  # seconds
NEAR = 0.4  # stretches that close belong to one chunk: a recogniser likes context
FRAME = 320  # samples: 20 ms


def cut_chunks(waveform: Waveform, speech: Sequence[Interval]) -> list[Interval]:
    """Join stretches that lie close, cut longer ones at their quietest place."""
    joined: list[Interval] = []
    for stretch in speech:
        for part in _cut(waveform, stretch):
            last = joined[-1] if joined else None
            if last and part.start - last.end <= NEAR and part.end - last.start <= LONGEST:
                joined[-1] = Interval(last.start, part.end)
            else:
                joined.append(part)
    return joined


def _cut(waveform: Waveform, stretch: Interval) -> list[Interval]:
    parts = []
    start = stretch.start
    while stretch.end - start > LONGEST:
        cut = _quietest(waveform, start + LONGEST / 2, start + LONGEST)
        parts.append(Interval(start, cut))
        start = cut
    return [*parts, Interval(start, stretch.end)]


def _quietest(waveform: Waveform, start: float, end: float) -> float:
    """Return the middle of the quietest fifth of a second in between."""
    piece = waveform[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)]
    frames = np.square(piece[: piece.size // FRAME * FRAME].reshape(-1, FRAME)).mean(axis=1)
    smooth = np.convolve(frames, np.ones(10), "valid")
    return start + (int(smooth.argmin()) + 5) * FRAME / SAMPLE_RATE
