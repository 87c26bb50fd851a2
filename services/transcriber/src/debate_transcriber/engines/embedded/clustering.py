"""How many voices, and whose is each vector.

1. Spectral clustering (Ng, Jordan and Weiss, 2001) on a pruned affinity finds more clusters than
   there can be voices.
2. The two nearest clusters are merged while their mean directions differ by less than `APART` in
   cosine distance. Means of many windows are compared, not windows: within one voice windows differ
   as much as voices do. Counting by the largest eigengap did worse on every set that was measured.
3. Two voices on one telephone line lie closer than `APART`. So where one cluster is left, a
   direct division in two is accepted if both halves are large and further apart than the halves of
   any single voice that was measured (`TWO_VOICES`).

4. Every window goes to the voice that explains it best (`fits_of`): a voice of few windows has a
   mean that lies anywhere, so it must fit better by what its rarity makes unlikely.

A count given by the user says how long to merge in 2, or into how many to divide in 3. Where the
halves of 3 are no two voices, one voice speaks nearly all the time: the others are then the
clusters that merging leaves for last, since a division in equal parts would cut the one voice up.
Everything is deterministic.
"""

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.embedded.encoder import Vectors
from debate_transcriber.speech import SpeakerCount

MOST_POINTS = 3000  # the affinity has n² entries: of longer recordings a sample is clustered
RUN = 4  # windows averaged to a point, at most: 2.8 s
NEIGHBOURS = 0.2  # share of the points that a point keeps its affinity to
WEAK = 0.01  # what is left of the other affinities
APART = 0.24  # cosine distance: nearer clusters are one voice
TWO_VOICES = 0.105  # same, for two large halves; single voices measured 0.04-0.097
ENOUGH = 20  # windows without which halves say nothing
SMALLEST_HALF = 0.2  # share of the windows
SHARPNESS = 20.0  # how much a difference in cosine says against how often a voice is heard
FEWEST = 4  # windows of a voice in a recording of more than `LONG` windows: a cough is no speaker
LONG = 100

Labels = NDArray[np.int64]
Matrix = NDArray[np.float64]


def cluster(vectors: Vectors, count: SpeakerCount) -> Labels:
    """Return the voice of each vector, numbered from 0; vectors are in order of time.

    Fewer than 4 vectors are one voice each if so many are asked for, else one voice in all.
    """
    if len(vectors) < 4:
        return np.arange(len(vectors)) % max(
            1, min(count.exact or count.minimum or 1, len(vectors))
        )
    points = sample_points(vectors)
    count = _within(count, len(points))
    labels = _cluster_points(points, count)
    fits = fits_of(vectors, points, labels)
    return _numbered(_with_all(fits.argmax(axis=1), fits, count.exact or count.minimum or 1))


def fits_of(vectors: Vectors, points: Vectors, labels: Labels) -> Matrix:
    """Return [vectors, voices]: how well the voice of each cluster of points explains each vector.

    That is the logarithm of a mixture of von Mises-Fisher distributions of one concentration, up to
    a constant and in units of cosine (Banerjee et al., 2005, "Clustering on the Unit Hypersphere").
    """
    shares = np.bincount(labels) / len(labels)
    return vectors @ centroids_of(points, labels).T + np.log(shares) / SHARPNESS


def _with_all(found: Labels, fits: Matrix, wanted: int) -> Labels:
    """Give voices that won no vector the one they fit best, until there are as many as wanted."""
    missing = sorted(set(range(fits.shape[1])) - set(found.tolist()))
    for voice in missing[: max(0, wanted - (fits.shape[1] - len(missing)))]:
        found[fits[:, voice].argmax()] = voice
    return found


def _within(count: SpeakerCount, available: int) -> SpeakerCount:
    """Turn equal bounds into a count, and ask for no more voices than there are points."""
    exact = count.exact or (count.minimum if count.minimum == count.maximum else None)
    return SpeakerCount(
        min(exact, available) if exact else None, min(count.minimum or 1, available), count.maximum
    )


def sample_points(vectors: Vectors) -> Vectors:
    """Return at most 3,000 points: short runs averaged, then evenly spaced ones taken."""
    run = min(RUN, -(-len(vectors) // MOST_POINTS))
    means = np.add.reduceat(vectors, np.arange(0, len(vectors), run), axis=0)
    taken = np.linspace(0, len(means) - 1, min(len(means), MOST_POINTS)).astype(np.int64)
    return unit(means[taken])


def unit(vectors: Vectors) -> Vectors:
    """Scale rows to unit length."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def centroids_of(vectors: Vectors, labels: Labels) -> Vectors:
    """Return the mean direction of each cluster."""
    return unit(np.stack([vectors[labels == k].mean(axis=0) for k in range(labels.max() + 1)]))


def _cluster_points(points: Vectors, count: SpeakerCount) -> Labels:
    spectrum = Spectrum(points)
    found = spectrum.divide(_starting_clusters(len(points), count))
    lowest, highest = count.minimum or 1, count.maximum or len(points)
    if merge_clusters(points, found, 1, len(points)).max() > 0:
        bounds = (count.exact, count.exact) if count.exact else (lowest, highest)
        return merge_clusters(points, found, *bounds)
    # All voices are alike, so merging would keep noise apart: divide directly.
    if highest > 1 and _are_two_voices(points, spectrum.divide(2)):
        return spectrum.divide(count.exact or max(lowest, 2))
    wanted = count.exact or lowest
    return merge_clusters(points, found, wanted, wanted)


def _starting_clusters(size: int, count: SpeakerCount) -> int:
    """More clusters than voices, but with three points each; up to 30 in a long recording."""
    usual = min(max(15, size // 50), 30, size // 3 + 1)
    wanted = count.exact or max(count.minimum or 1, min(count.maximum or 1, usual))
    return min(size, max(usual, wanted))


class Spectrum:
    """The points as eigenvectors of their normalised graph Laplacian see them."""

    def __init__(self, points: Vectors) -> None:
        affinity = prune(np.clip(points @ points.T, 0, 1))
        scale = 1 / np.sqrt(affinity.sum(axis=1))
        self.graph: Matrix = affinity * scale[:, None] * scale[None, :]
        self.vectors: Matrix | None = None

    def divide(self, clusters: int) -> Labels:
        """Return so many clusters; the same points always give the same ones."""
        from sklearn.cluster import KMeans

        if clusters <= 1:
            return np.zeros(len(self.graph), np.int64)
        rows = self._leading_vectors(clusters)
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return _numbered(KMeans(clusters, n_init=10, random_state=0).fit_predict(rows))

    def _leading_vectors(self, clusters: int) -> Matrix:
        """Return the `clusters` leading eigenvectors of D^-1/2 A D^-1/2, the greatest last."""
        from scipy.linalg import eigh

        if self.vectors is None or self.vectors.shape[1] < clusters:
            size = len(self.graph)
            _, self.vectors = eigh(self.graph, subset_by_index=(size - clusters, size - 1))
        return self.vectors[:, -clusters:]


def prune(affinity: NDArray[np.float32]) -> Matrix:
    """Weaken all but each point's nearest neighbours, and make the result symmetric."""
    kept = min(len(affinity), max(6, round(NEIGHBOURS * len(affinity))))
    least = np.partition(affinity, -kept, axis=1)[:, -kept, None]
    pruned = np.where(affinity >= least, affinity, affinity * WEAK).astype(np.float64)
    return (pruned + pruned.T) / 2 + 1e-9


def merge_clusters(points: Vectors, labels: Labels, lowest: int, highest: int) -> Labels:
    """Merge the nearest clusters until they are `APART`, within the bounds on their number."""
    while (number := int(labels.max()) + 1) > lowest:
        sizes = np.bincount(labels)
        distances = _distances(points, labels)
        if lowest != highest and len(points) >= LONG and sizes.min() < FEWEST:
            first = int(sizes.argmin())
            second = int(distances[first].argmin())
        else:
            first, second = divmod(int(distances.argmin()), number)
            if number <= highest and distances[first, second] >= APART and lowest != highest:
                break
        labels = _numbered(np.where(labels == first, second, labels))
    return labels


def _distances(points: Vectors, labels: Labels) -> NDArray[np.float32]:
    """Return the cosine distances of the clusters' mean directions; to itself: 2, the greatest."""
    centroids = centroids_of(points, labels)
    return np.asarray(1 - centroids @ centroids.T + 2 * np.eye(len(centroids)), np.float32)


def _nearest(points: Vectors, labels: Labels) -> float:
    return float(_distances(points, labels).min())


def _are_two_voices(points: Vectors, halves: Labels) -> bool:
    sizes = np.bincount(halves, minlength=2)
    large = len(points) >= ENOUGH and sizes.min() >= SMALLEST_HALF * len(points)
    return bool(large and _nearest(points, halves) >= TWO_VOICES)


def _numbered(labels: NDArray[np.signedinteger]) -> Labels:
    """Number the clusters from 0 without gaps."""
    return np.asarray(np.unique(labels, return_inverse=True)[1], np.int64)
