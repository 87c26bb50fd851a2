"""How many voices there are, and whose each vector is.

1. Vectors with enough speech of one person alone are clustered: the two clusters whose centres are
   nearest are joined for as long as they are nearer than `APART` (centroid linkage).
2. A cluster is a voice if it is heard for long enough; the others were coughs, laughter and noise.
3. A number of speakers that is given is a wish. Too many voices: the nearest two are joined. Too
   few: short remarks that are unlike every voice make another one, after voices that turn out to
   be two people have been split (`resegmentation.py`).
4. Every vector goes to the nearest voice, two of one window never to the same.

The constants were chosen on mixtures of read voices and on public clips (see the README).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.campplus.embedding import Vectors
from debate_transcriber.engines.speech import SpeakerCount

APART = 0.75  # distance of two centres (of vectors of length 1) below which they are one voice
LEAST_CLEAN = 2.0  # s heard alone within a window, for a vector to be clustered
SMALLEST = 1.0  # s that make a voice at least …
SHARE = 0.015  # … and of all clean speech …
ENOUGH = 8.0  # … and s that are enough in any case
LEAST_REMARK = 0.4  # s of a remark that may be another voice, if one is missing …
NEW_VOICE = 0.9  # … and its least distance to all there are
MOST_POINTS = 4000  # pairs of which are compared; of a longer recording every so many windows

Floats = NDArray[np.floating]
Labels = NDArray[np.int64]  # [windows, speakers], -1 where nobody is heard


@dataclass(frozen=True, slots=True)
class Centre:
    """The mean of a voice's vectors and the seconds it was heard alone."""

    vector: Floats
    seconds: float


def cluster(
    vectors: Vectors,
    clean: Floats,
    own: Floats,
    count: SpeakerCount,
    split: Callable[[Labels, Floats], Floats] = lambda _labels, centres: centres,
) -> tuple[Labels, Floats]:
    """The voice of each local speaker, and the voices' centres, [voices, 192], at length 1.

    `clean` are the seconds that each is heard alone, `own` the same with each moment counted once;
    `split` gives the centres once voices that are two people are split.
    """
    there = np.asarray(~np.isnan(vectors).any(2))
    if not there.any():
        return np.full(there.shape, -1), np.zeros((0, vectors.shape[2]))
    points = unit(vectors)
    good = there & (clean >= min(LEAST_CLEAN, clean[there].max()))
    centres = find_voices(points[good], own[good])
    most, least = count.exact or count.maximum, count.exact or count.minimum
    if most:
        centres = joined(centres, most)
    found = unit(np.stack([centre.vector for centre in centres]))
    found = split(assigned(points, there, found), found)
    if least:
        rest = there & (clean >= LEAST_REMARK)
        found = enlarged(found, points[rest], clean[rest], least)
    return assigned(points, there, found), found


def unit(vectors: Floats) -> Floats:
    """Scale rows to length 1."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def find_voices(points: Floats, seconds: Floats) -> list[Centre]:
    """The clusters that are heard for long enough; the largest, where none is."""
    every = -(-len(points) // MOST_POINTS)
    points, seconds = points[::every], seconds[::every] * every
    labels = _linked(points)
    found = [
        Centre(points[labels == label].mean(0), float(seconds[labels == label].sum()))
        for label in np.unique(labels)
    ]
    least = max(SMALLEST, min(ENOUGH, SHARE * float(seconds.sum())))
    large = [centre for centre in found if centre.seconds >= least]
    return large or [max(found, key=lambda centre: centre.seconds)]


def _linked(points: Floats) -> Labels:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    if len(points) == 1:
        return np.zeros(1, np.int64)
    tree = linkage(pdist(points), method="centroid")
    tree[:, 2] = np.maximum.accumulate(tree[:, 2])  # centres may draw nearer as clusters join
    return np.asarray(fcluster(tree, APART, "distance"))


def joined(centres: list[Centre], most: int) -> list[Centre]:
    """At most so many voices: the nearest two become one until there are no more."""
    while len(centres) > most:
        vectors = unit(np.stack([centre.vector for centre in centres]))
        likeness = vectors @ vectors.T - 2 * np.eye(len(vectors))
        i, j = np.unravel_index(int(likeness.argmax()), likeness.shape)
        a, b = centres[i], centres[j]
        seconds = a.seconds + b.seconds
        mean = (a.vector * a.seconds + b.vector * b.seconds) / seconds
        rest = [centre for k, centre in enumerate(centres) if k not in (i, j)]
        centres = [*rest, Centre(mean, seconds)]
    return centres


def enlarged(centres: Floats, rest: Floats, clean: Floats, least: int) -> Floats:
    """As many voices as are wanted, where remarks are unlike all that there are."""
    while len(centres) < least and len(rest):
        away = np.linalg.norm(rest[:, None] - centres[None], axis=2).min(1)
        if away.max() < NEW_VOICE:
            break
        seed = rest[np.where(away >= NEW_VOICE, clean, -1).argmax()]
        near = (np.linalg.norm(rest - seed, axis=1) < APART) & (away >= NEW_VOICE)
        centres = np.concatenate([centres, unit(rest[near].mean(0, keepdims=True))])
    return centres


def assigned(points: Floats, there: NDArray[np.bool_], centres: Floats) -> Labels:
    """The voice of each vector: windows' speakers apart, all of a window as near as can be."""
    from scipy.optimize import linear_sum_assignment

    likeness = np.nan_to_num(points) @ centres.T
    labels = np.full(there.shape, -1)
    for window, heard in enumerate(there):
        rows = np.flatnonzero(heard)
        for row, voice in zip(
            *linear_sum_assignment(likeness[window, rows], maximize=True), strict=True
        ):
            labels[window, rows[row]] = voice
        for row in rows[labels[window, rows] < 0]:  # more speakers than voices
            labels[window, row] = likeness[window, row].argmax()
    return labels
