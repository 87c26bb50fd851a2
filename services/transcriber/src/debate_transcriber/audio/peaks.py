"""The waveform overview of the web page, in audiowaveform's JSON format, version 2."""

import numpy as np

from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform

MOST_PIXELS = 4000


def compute_peaks(waveform: Waveform) -> dict[str, object]:
    """Return the lowest and highest sample of each of at most 4,000 pixels, as 8-bit integers."""
    per_pixel = max(1, -(-waveform.size // MOST_PIXELS))
    edges = np.arange(0, waveform.size, per_pixel)
    data = np.zeros((edges.size, 2), np.int64)
    if edges.size:
        data[:, 0] = np.floor(np.minimum.reduceat(waveform, edges) * 128)
        data[:, 1] = np.floor(np.maximum.reduceat(waveform, edges) * 128)
    return {
        "version": 2,
        "channels": 1,
        "sample_rate": SAMPLE_RATE,
        "samples_per_pixel": per_pixel,
        "bits": 8,
        "length": int(edges.size),
        "data": np.clip(data, -128, 127).ravel().tolist(),
    }
