"""Says where there is sound and speech in files, as the transcriber decodes them.

`python listening.py FILE...`, in its own environment, says in JSON for each: stretches louder than
their surroundings, and those of its voice activity, in seconds.
"""

import json
import sys
from pathlib import Path

import numpy as np
from debate_transcriber import audio
from debate_transcriber.audio.voice_activity import find_speech

FRAME = 160  # 10 ms
LOUD = 0.05  # of the loudest frame
PAUSE = 40  # frames; the sentences have none as long
MARGIN = 0.1  # seconds that voice activity adds on either side


def nothing(_done: float, _total: float) -> None:
    """Tell nobody how far it is."""


def sounding(waveform: np.ndarray) -> list[tuple[float, float]]:
    """Stretches of sound with no pause of 0.4 s."""
    frames = waveform[: waveform.size // FRAME * FRAME].reshape(-1, FRAME)
    level = np.sqrt(np.square(frames).mean(axis=1))
    loud = np.flatnonzero(level > LOUD * max(level.max(initial=0.0), 0.01))
    if not loud.size:
        return []
    edges = np.flatnonzero(np.diff(loud) > PAUSE)
    starts, ends = loud[np.r_[0, edges + 1]], loud[np.r_[edges, -1]] + 1
    return [(s / 100, e / 100) for s, e in zip(starts.tolist(), ends.tolist(), strict=True)]


def listen(file: Path) -> dict[str, object]:
    """What one file holds."""
    waveform = audio.decode(file, None, nothing)
    speech = [(s.start + MARGIN, s.end - MARGIN) for s in find_speech(waveform, nothing)]
    return {"sound": sounding(waveform), "speech": speech, "length": audio.duration_of(waveform)}


if __name__ == "__main__":
    json.dump({name: listen(Path(name)) for name in sys.argv[1:]}, sys.stdout)
