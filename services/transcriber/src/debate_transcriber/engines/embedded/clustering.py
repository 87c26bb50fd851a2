"""How many voices, and whose is each vector: spectral clustering of voice vectors.

The number of voices is read from the eigenvalues of the affinity's Laplacian, with the pruning
chosen by the normalised maximum eigengap (Park et al., 2020, arXiv:2003.02405).
"""

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.embedded.encoder import Vectors
from debate_transcriber.speech import SpeakerCount

MOST_POINTS = 2000  # more vectors than this are averaged over time first: the matrix has n² entries
MOST_SPEAKERS = 20

Labels = NDArray[np.int64]


def cluster(vectors: Vectors, count: SpeakerCount) -> Labels:
    """Return a cluster for each row of `vectors`, numbered from 0.

    Few vectors cannot tell voices apart: fewer than 4 are one voice unless a count is given.
    """
    lowest, highest = bounds(count, len(vectors))
    if highest <= 1 or len(vectors) < 4:
        return np.arange(len(vectors)) % max(1, min(lowest, len(vectors)))
    points = average_runs(vectors, MOST_POINTS)
    labels = spectral_labels(points, lowest, highest)
    centroids = centroids_of(points, labels)
    return np.asarray((vectors @ centroids.T).argmax(axis=1), np.int64)


def bounds(count: SpeakerCount, available: int) -> tuple[int, int]:
    """Return the least and the greatest number of voices to look for."""
    if count.exact is not None:
        return min(count.exact, available), min(count.exact, available)
    highest = min(count.maximum or MOST_SPEAKERS, available)
    return min(count.minimum or 1, highest), highest


def average_runs(vectors: Vectors, most: int) -> Vectors:
    """Return at most `most` vectors, each the mean direction of a run of neighbours in time."""
    runs = np.array_split(vectors, min(most, len(vectors)))
    return unit(np.stack([run.mean(axis=0) for run in runs]))


def unit(vectors: Vectors) -> Vectors:
    """Scale rows to unit length."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def centroids_of(vectors: Vectors, labels: Labels) -> Vectors:
    """Return the mean direction of each cluster."""
    return unit(np.stack([vectors[labels == k].mean(axis=0) for k in range(labels.max() + 1)]))


def spectral_labels(points: Vectors, lowest: int, highest: int) -> Labels:
    """Cluster by the Laplacian's first eigenvectors; their number within the bounds."""
    similarity = points @ points.T
    best = min(
        (
            _eigengap(similarity, neighbours, lowest, highest)
            for neighbours in _prunings(len(points))
        ),
        key=lambda found: found[0],
    )
    _, voices, eigenvectors = best
    return kmeans(eigenvectors[:, :voices], voices)


def _prunings(size: int) -> NDArray[np.int64]:
    """Numbers of neighbours to try: 2 % to 25 % of all points."""
    return np.unique(np.linspace(max(3, size * 0.02), max(4, size * 0.25), 12).astype(np.int64))


def _eigengap(
    similarity: NDArray[np.float32], neighbours: int, lowest: int, highest: int
) -> tuple[float, int, NDArray[np.float64]]:
    """Return the ratio of pruning to eigengap (less is better), the voices, the eigenvectors."""
    values, eigenvectors = _laplacian_spectrum(_prune(similarity, neighbours), highest + 1)
    gaps = np.diff(values)[lowest - 1 : highest]
    voices = lowest + int(gaps.argmax()) if gaps.size else lowest
    normalised = gaps.max(initial=0.0) / max(float(values[-1]), 1e-9)
    return neighbours / len(similarity) / max(normalised, 1e-9), voices, eigenvectors


def _prune(similarity: NDArray[np.float32], neighbours: int) -> NDArray[np.float64]:
    """Keep each row's nearest neighbours as 1, all else 0, made symmetric."""
    nearest = np.argpartition(-similarity, neighbours - 1, axis=1)[:, :neighbours]
    graph = np.zeros(similarity.shape)
    np.put_along_axis(graph, nearest, 1.0, axis=1)
    return (graph + graph.T) / 2


def _laplacian_spectrum(
    graph: NDArray[np.float64], most: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    from scipy.linalg import eigh

    laplacian = np.diag(graph.sum(axis=1)) - graph
    last = min(most, len(graph)) - 1
    values, vectors = eigh(laplacian, subset_by_index=(0, last))
    return values, vectors


def kmeans(points: NDArray[np.float64], voices: int) -> Labels:
    """Cluster rows; the same rows always give the same clusters."""
    from sklearn.cluster import KMeans

    labels = KMeans(voices, n_init=10, random_state=0).fit_predict(points)
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)
