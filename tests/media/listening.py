"""Says where there is sound and speech in files, as the transcriber decodes them.

`python listening.py FILE...`, in its own environment, says in JSON for each: stretches louder than
their surroundings, and those of its voice activity, in seconds.
"""

import json
import sys
from pathlib import Path

import numpy as np
from debate_transcriber import audio
from debate_transcriber.audio.peaks import compute_peaks
from debate_transcriber.audio.voice_activity import find_speech
from debate_transcriber.engines.speech import SAMPLE_RATE

FRAME = 160  # 10 ms
LOUD = 0.05  # of the loudest frame
LOUD_PEAK = 0.1  # of the highest peak
PAUSE = 0.4  # seconds; the sentences have none as long
MARGIN = 0.1  # seconds that voice activity adds on either side


def nothing(_done: float, _total: float) -> None:
    """Tell nobody how far it is."""


def sounding(waveform: np.ndarray) -> list[tuple[float, float]]:
    """Stretches of sound with no pause of 0.4 s."""
    frames = waveform[: waveform.size // FRAME * FRAME].reshape(-1, FRAME)
    level = np.sqrt(np.square(frames).mean(axis=1))
    loud = np.flatnonzero(level > LOUD * max(level.max(initial=0.0), 0.01))
    return _spans(loud, FRAME / SAMPLE_RATE)


def _spans(loud: np.ndarray, seconds: float) -> list[tuple[float, float]]:
    """Frames of so many seconds that are loud, put together where there is no pause between."""
    if not loud.size:
        return []
    edges = np.flatnonzero(np.diff(loud) > PAUSE / seconds)
    starts, ends = loud[np.r_[0, edges + 1]] * seconds, (loud[np.r_[edges, -1]] + 1) * seconds
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def peaking(waveform: np.ndarray) -> list[tuple[float, float]]:
    """The same stretches as the waveform on the page shows them."""
    peaks = compute_peaks(waveform)
    heights = np.abs(np.asarray(peaks["data"]).reshape(-1, 2)).max(axis=1)
    loud = np.flatnonzero(heights > LOUD_PEAK * max(heights.max(initial=0), 1))
    return _spans(loud, peaks["samples_per_pixel"] / peaks["sample_rate"])


def listen(file: Path) -> dict[str, object]:
    """What one file holds."""
    waveform = audio.decode(file, None, nothing)
    speech = [(s.start + MARGIN, s.end - MARGIN) for s in find_speech(waveform, nothing)]
    found = {"sound": sounding(waveform), "peaks": peaking(waveform), "speech": speech}
    return found | {"length": audio.duration_of(waveform)}


if __name__ == "__main__":
    json.dump({name: listen(Path(name)) for name in sys.argv[1:]}, sys.stdout)
