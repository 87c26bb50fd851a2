"""Whose voice each piece is, after all voices are known, and whether a voice is really two people.

1. A piece goes to another voice than its window's speaker did if it is clearly nearer to that one.
2. The pieces of a voice are divided in two (2-means from the first principal component). If pieces
   of different halves are much less alike than pieces of one half, they are two people, whom
   segmentation never told apart. Of one person's pieces the likeness across halves was 0.74 to
   0.97 of that within them, of two people's 0.27 to 0.53 (see bench/accuracy/voices.md).
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.campplus.voices.clustering import Floats, Labels, unit
from debate_transcriber.engines.campplus.voices.pieces import Pieces

CLEARLY = 0.1  # of cosine, by which another voice has to be nearer
TWO_PEOPLE = 0.6  # likeness across halves, as a share of that within, below which they are two
LEAST_HALF = 6.0  # s of the smaller half …
SHARE = 0.015  # … and of all pieces
LEAST_LISTENED = 1.0  # s that a piece's vector is taken from, to count in this test
ROUNDS = 20  # of 2-means; it settles in a few


def pieces_voices(
    pieces: Pieces, vectors: Floats, labels: Labels, centres: Floats
) -> tuple[Labels, Labels]:
    """The voice of each piece by its window, and by its own sound; -1 where nobody is alone."""
    heard = (pieces.speakers >= 0) & ~np.isnan(vectors).any(1)
    before = np.where(heard, labels[pieces.windows, pieces.speakers], -1)
    if not heard.any():
        return before, before
    likeness = np.nan_to_num(vectors) @ centres.T
    nearest, rows = likeness.argmax(1), np.arange(len(before))
    gain = likeness[rows, nearest] - likeness[rows, before]
    return before, np.where(heard & (gain > CLEARLY), nearest, before)


def split_voices(
    pieces: Pieces,
    vectors: Floats,
    labels: Labels,
    centres: Floats,
    most: int | None,
    assign: Callable[[Floats], Labels],
) -> Floats:
    """The centres with every voice that is two people split, up to `most` voices.

    `assign` gives the windows' labels for other centres.
    """
    voice = 0
    least = max(LEAST_HALF, SHARE * float(pieces.seconds.sum()))
    while voice < len(centres) and (most is None or len(centres) < most):
        _before, after = pieces_voices(pieces, vectors, labels, centres)
        its = (after == voice) & (pieces.listened >= LEAST_LISTENED)
        halves = two_people(vectors[its], pieces.seconds[its], least)
        if halves is None:
            voice += 1
            continue
        centres = np.concatenate(
            [centres[:voice], halves[:1], centres[voice + 1 :], halves[1:]], dtype=centres.dtype
        )
        labels = assign(centres)
    return centres


def two_people(vectors: Floats, seconds: Floats, least: float) -> Floats | None:
    """The two voices' centres, [2, 192], at length 1; None where it is one person.

    `seconds` are those of each vector, `least` those of the smaller half.
    """
    second = _divided(vectors)
    if min(seconds[~second].sum(), seconds[second].sum()) < least:
        return None
    if min((~second).sum(), second.sum()) < 2 or _likeness(vectors, second) >= TWO_PEOPLE:
        return None
    return unit(np.stack([vectors[~second].mean(0), vectors[second].mean(0)]))


def _divided(vectors: Floats) -> NDArray[np.bool_]:
    """Which vectors are in the second half."""
    if len(vectors) < 2:
        return np.zeros(len(vectors), np.bool_)
    away = vectors - vectors.mean(0)
    _values, axes = np.linalg.eigh(away.T @ away)
    second = np.asarray(away @ axes[:, -1] > 0)
    for _round in range(ROUNDS):
        if second.all() or not second.any():
            break
        centres = unit(np.stack([vectors[~second].mean(0), vectors[second].mean(0)]))
        before, second = second, np.asarray(vectors @ (centres[1] - centres[0]) > 0)
        if (before == second).all():
            break
    return second


def _likeness(vectors: Floats, second: NDArray[np.bool_]) -> float:
    """Mean cosine of pairs across the halves, as a share of that of pairs within one."""
    n, m = int((~second).sum()), int(second.sum())
    a, b = vectors[~second].sum(0), vectors[second].sum(0)
    within = (a @ a - n + b @ b - m) / (n * (n - 1) + m * (m - 1))
    return float(a @ b / (n * m) / max(within, 1e-3))
