"""From clustered windows of 1.6 s to turns with finer boundaries."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.embedded import encoder
from debate_transcriber.engines.embedded.clustering import Labels, Matrix, fits_of
from debate_transcriber.engines.embedded.encoder import Vectors
from debate_transcriber.speech import SAMPLE_RATE, Interval, Turn

GRID = 0.1  # seconds: the finest boundary
CHANGE_COST = 0.25  # how much better another voice must fit, summed over the grid, to be believed
ANCHOR = 2.0  # more than any fit and the price of two changes: it cannot be outbid
SIGMA = 0.4  # seconds: how far a window's middle counts
AROUND = 4  # windows on either side that are looked at


def turns_of(
    speech: Sequence[Interval], starts: NDArray[np.int64], vectors: Vectors, labels: Labels
) -> list[Turn]:
    """Return turns, labelled SPEAKER_00, SPEAKER_01, … in order of first appearance."""
    if not starts.size:
        return []
    fits = _anchored(fits_of(vectors, vectors, labels), labels)
    middles = (starts + encoder.WINDOW / 2) / SAMPLE_RATE
    turns = [turn for stretch in speech for turn in _stretch_turns(stretch, middles, fits)]
    return _named(turns)


def _anchored(fits: Matrix, labels: Labels) -> Matrix:
    """Let every voice keep the window that is most its own: clustering decided that it is there."""
    for voice in range(fits.shape[1]):
        own = np.where(labels == voice, fits[:, voice], -np.inf)
        fits[own.argmax(), voice] += ANCHOR
    return fits


def _stretch_turns(
    stretch: Interval, middles: NDArray[np.float64], fits: Matrix
) -> list[tuple[float, float, int]]:
    """Return (start, end, voice) within one stretch of speech."""
    cells = max(1, round((stretch.end - stretch.start) / GRID))
    edges = np.linspace(stretch.start, stretch.end, cells + 1)
    path = _cheapest_path(_cell_fits((edges[:-1] + edges[1:]) / 2, middles, fits))
    cuts = np.flatnonzero(np.diff(path)) + 1
    bounds = pairwise([0, *cuts.tolist(), cells])
    return [(float(edges[a]), float(edges[b]), int(path[a])) for a, b in bounds]


def _cell_fits(
    times: NDArray[np.float64], middles: NDArray[np.float64], fits: Matrix
) -> NDArray[np.float64]:
    """Return [cells, voices]: the fits of the windows around, the nearer ones counting more."""
    after = np.searchsorted(middles, times)[:, None]
    near = np.clip(after + np.arange(-AROUND, AROUND), 0, middles.size - 1)
    weights = np.exp(-0.5 * np.square((times[:, None] - middles[near]) / SIGMA)) + 1e-12
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("cw,cwv->cv", weights, fits[near]))


def _cheapest_path(fits: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the voice of each cell: best fit with a price on every change (Viterbi)."""
    cells, voices = fits.shape
    came_from = np.empty((cells, voices), np.int64)
    score = fits[0].copy()
    for cell in range(1, cells):
        best = int(score.argmax())
        changed = score[best] - CHANGE_COST
        came_from[cell] = np.where(score >= changed, np.arange(voices), best)
        score = np.maximum(score, changed) + fits[cell]
    path = np.empty(cells, np.int64)
    path[-1] = score.argmax()
    for cell in range(cells - 1, 0, -1):
        path[cell - 1] = came_from[cell, path[cell]]
    return path


def _named(turns: Sequence[tuple[float, float, int]]) -> list[Turn]:
    names: dict[int, str] = {}
    for _, _, voice in turns:
        names.setdefault(voice, f"SPEAKER_{len(names):02d}")
    return [Turn(start, end, names[voice]) for start, end, voice in turns]
