"""Pieces of half a second and the local speaker that each is of.

A window's vectors are right on average and coarse in time: where segmentation takes two people for
one local speaker, they hold both. A piece belongs to the window whose middle is nearest and to the
speaker who is heard alone in it for longest; its vector is taken from there and a little around.

window 0   0 ─────┴─┴─┴─┴───── 10 s      the four pieces in its middle (the first window also has
window 1        2 ─────┴─┴─┴─┴───── 12 s   those before them, the last one those behind them)
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.campplus.windows import STEP, WINDOW

PIECE = 0.5  # s
AROUND = 0.75  # s on either side that are listened to as well
LEAST_ALONE = 0.5  # s heard alone there that make a vector
PER_STEP, WHOLE = round(STEP / PIECE), round(WINDOW / PIECE)
LEAD = (WHOLE - PER_STEP) // 2  # pieces of a window that belong to the windows before it

Masks = NDArray[np.bool_]  # [windows, speakers, frames]


@dataclass(frozen=True, slots=True)
class Pieces:
    """Where pieces are: window and local speaker of each, -1 where nobody is heard alone."""

    windows: NDArray[np.int64]
    speakers: NDArray[np.int64]
    masks: NDArray[np.bool_]  # [pieces, frames of the window] that a vector is taken from
    seconds: NDArray[np.float64]  # of the piece in which its speaker is heard alone
    listened: NDArray[np.float64]  # seconds that the vector is taken from


def numbers_of(which: range, count: int) -> range:
    """The pieces that belong to windows that follow each other, of `count` in all."""
    last = which.stop * PER_STEP + LEAD if which.stop < count else (count - 1) * PER_STEP + WHOLE
    return range(which.start * PER_STEP + LEAD if which.start else 0, last)


def find_pieces(alone: Masks, which: range, count: int) -> Pieces:
    """The pieces of windows that follow each other; `alone` is who is heard alone in these."""
    numbers = numbers_of(which, count)
    every = np.arange(numbers.start, numbers.stop)
    windows = np.clip((every - LEAD) // PER_STEP, which.start, which.stop - 1)
    begin = (every - windows * PER_STEP) * PIECE
    heard = alone[windows - which.start]
    frames, rows = alone.shape[2], np.arange(len(every))
    seconds = _seconds(heard & _around(begin, 0.0, frames)[:, None])
    longest = seconds.argmax(1)
    masks = heard[rows, longest] & _around(begin, AROUND, frames)
    listened = _seconds(masks)
    there = (seconds[rows, longest] > 0) & (listened >= LEAST_ALONE)
    masks &= there[:, None]
    return Pieces(windows, np.where(there, longest, -1), masks, seconds[rows, longest], listened)


def _around(begin: NDArray[np.floating], margin: float, frames: int) -> NDArray[np.bool_]:
    """The frames of pieces that begin at so many seconds of their window, [pieces, frames]."""
    times = (np.arange(frames) + 0.5) * WINDOW / frames
    first = begin[:, None] - margin
    return np.asarray((first <= times) & (times < first + PIECE + 2 * margin))


def _seconds(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.asarray(masks.sum(-1) * (WINDOW / masks.shape[-1]))
