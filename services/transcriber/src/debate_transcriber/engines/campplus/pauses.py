"""Pauses: where the sound falls to the background's level, nobody speaks.

Segmentation was trained on references that run on through a speaker's pauses, so its turns do. A
turn is cut where it is quiet for `PAUSE`, and begins and ends with sound. Quiet is what lies within
`ABOVE` dB of the softest twentieth of a minute; so in steady noise and in music nothing is cut.

sound    ▇▇▆▇▂▁▁▁▁▂▇▆▇▇▂▁▂▆▇▇▂▁▁
turn     ███████████████████████
cut      ████      █████████████      the short pause stays, the quiet end goes
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.speech import SAMPLE_RATE, Turn, Waveform

FRAME = 0.01  # s
SMOOTH = 5  # frames whose mean is a frame's level
STRETCH = 6000  # frames that have one background: a minute
SOFTEST, LOUDEST = 5, 95  # percentiles that stand for background and speech
ABOVE = 4.0  # dB above the background …
SHARE = 0.2  # … and of the way from there to speech, where that is less
PAUSE = 0.4  # s of quiet that end a turn: with the edges of words a pause of half a second
EDGE = 0.1  # s of quiet that are taken off a turn's ends

Quiet = NDArray[np.bool_]  # [frames of 10 ms]


def quiet_frames(waveform: Waveform) -> Quiet:
    """Which frames are as soft as the background."""
    level = _level(waveform)
    quiet = np.zeros(len(level), np.bool_)
    for first in range(0, len(level), STRETCH):
        piece = level[first : first + STRETCH]
        low, high = np.percentile(piece, (SOFTEST, LOUDEST))
        quiet[first : first + STRETCH] = piece < low + min(ABOVE, SHARE * (high - low))
    return quiet


def _level(waveform: Waveform) -> NDArray[np.float64]:
    """Decibels of each frame of 10 ms."""
    size = round(FRAME * SAMPLE_RATE)
    frames = waveform[: len(waveform) // size * size].reshape(-1, size)
    power = np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / size
    if len(power) >= SMOOTH:
        power = np.convolve(power, np.full(SMOOTH, 1 / SMOOTH), "same")
    return np.asarray(10 * np.log10(power + 1e-10))


def without_pauses(turns: Sequence[Turn], quiet: Quiet) -> list[Turn]:
    """The turns cut at pauses, in the order of the turns."""
    return [part for turn in turns for part in _cut(turn, quiet)]


def _cut(turn: Turn, quiet: Quiet) -> list[Turn]:
    first, last = round(turn.start / FRAME), round(turn.end / FRAME)
    inside = quiet[first:last]
    edges = [(0, 0), *_runs(inside, len(inside)), (last - first, last - first)]
    parts = []
    for (_, begin), (end, _) in pairwise(edges):
        start = turn.start if begin == 0 else (first + begin) * FRAME
        stop = turn.end if end == last - first else (first + end) * FRAME
        if stop > start and end > begin:
            parts.append(Turn(start, stop, turn.label))
    return parts


def _runs(quiet: Quiet, length: int) -> list[tuple[int, int]]:
    """Stretches of quiet that are long enough for where they are, in frames."""
    edges = np.flatnonzero(np.diff(np.r_[0, quiet.astype(np.int8), 0])).reshape(-1, 2)
    return [
        (begin, end)
        for begin, end in edges.tolist()
        if (end - begin) * FRAME >= (EDGE if begin == 0 or end == length else PAUSE) - 1e-9
    ]
