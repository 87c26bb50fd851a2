"""From what the alignment heads attended to, when each token was said.

Whisper's method (`whisper.timing.find_alignment`): each head's weights are normalised over the
tokens, smoothed over time by a median of seven frames and averaged; dynamic time warping then makes
one monotone path of tokens against frames.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray
from whisper.timing import dtw_cpu

MEDIAN_WIDTH = 7  # frames, as in stock Whisper


def token_frames(weights: NDArray[np.float32], prompt: int) -> NDArray[np.intp]:
    """The frame at which each token after the `prompt` begins, the end of the text included.

    `weights` [heads, positions, frames] are the softmax over frames of all that the decoder read:
    prompt, text, end of text.
    """
    similarity = smoothed_similarity(weights)[prompt:-1]
    tokens, frames = _warp(-similarity.astype(np.float64))
    begins: NDArray[np.intp] = frames[np.diff(tokens, prepend=-1).astype(bool)]
    return begins


def _compiled(function: Callable[..., Any]) -> Any:
    """Compile, and keep what was compiled where there is a place for it: it takes seconds."""
    try:
        return numba.njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # neither beside the file nor in the user's cache
        return numba.njit(error_model="numpy")(function)


# Whisper's own function, without the threads that it asks for but has no use for.
_warp = _compiled(dtw_cpu.py_func)


@_compiled
def smoothed_similarity(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean over heads of the normalised weights' median over time: [positions, frames].

    One pass over each row instead of a dozen over all of them. Where a frame has the same weight
    for every token, which says nothing, stock Whisper divides by zero; here it counts as 0.
    """
    heads, positions, frames = weights.shape
    total = np.zeros((positions, frames), np.float32)
    mean, scale = np.empty(frames, np.float32), np.empty(frames, np.float32)
    row = np.empty(frames + MEDIAN_WIDTH - 1, np.float32)
    for head in range(heads):
        _measure(weights[head], mean, scale)
        for i in range(positions):
            for j in range(frames):
                row[j + MEDIAN_WIDTH // 2] = (weights[head, i, j] - mean[j]) * scale[j]
            _add_medians(row, total[i])
    for i in range(positions):
        for j in range(frames):
            total[i, j] /= heads
    return total


@_compiled
def _measure(
    weights: NDArray[np.float32], mean: NDArray[np.float32], scale: NDArray[np.float32]
) -> None:
    """Fill in the mean over rows, and one over the standard deviation, of each column."""
    positions, frames = weights.shape
    mean[:] = 0
    scale[:] = 0
    for i in range(positions):
        for j in range(frames):
            mean[j] += weights[i, j] / np.float32(positions)
    for i in range(positions):
        for j in range(frames):
            scale[j] += (weights[i, j] - mean[j]) ** 2
    for j in range(frames):
        scale[j] = np.sqrt(np.float32(positions) / scale[j]) if scale[j] > 0 else 0


@_compiled
def _add_medians(row: NDArray[np.float32], total: NDArray[np.float32]) -> None:
    """Add the median of each seven neighbours in `row`, mirrored at the ends, to `total`.

    The exchanges after which the median lies in the middle are N. Devillard's ("Fast median
    search", 1998); without branches, so that many frames go through them at once.
    """
    frames, half = total.size, MEDIAN_WIDTH // 2
    if frames <= half:  # stock Whisper leaves so few as they are
        for j in range(frames):
            total[j] += row[half + j]
        return
    for j in range(half):
        row[half - 1 - j] = row[half + 1 + j]
        row[half + frames + j] = row[half + frames - 2 - j]
    for j in range(frames):
        a, b, c, d = row[j], row[j + 1], row[j + 2], row[j + 3]
        e, f, g = row[j + 4], row[j + 5], row[j + 6]
        a, f = min(a, f), max(a, f)
        a, d = min(a, d), max(a, d)
        b, g = min(b, g), max(b, g)
        c, e = min(c, e), max(c, e)
        b = max(a, b)
        d, f = min(d, f), max(d, f)
        c, g = min(c, g), max(c, g)
        c, d = min(c, d), max(c, d)
        d = min(d, g)
        e, f = min(e, f), max(e, f)
        b, e = min(b, e), max(b, e)
        d = max(b, d)
        total[j] += min(d, e)
