"""pyannote's annotations to turns and voices."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.speech import Turn, Voice


def turns_of(annotation: Any, duration: float) -> list[Turn]:
    """Turns of a pyannote Annotation in order of start, none past the end of the recording."""
    turns = [
        Turn(float(span.start), min(float(span.end), duration), str(label))
        for span, _track, label in annotation.itertracks(yield_label=True)
        if span.start < duration
    ]
    return sorted(turns, key=lambda turn: (turn.start, turn.end, turn.label))


def voices_of(
    labels: Sequence[str],
    vectors: NDArray[np.floating[Any]],
    names: Mapping[str, str],
    speech: Sequence[Turn],
) -> list[Voice]:
    """One voice per label, at unit length; `labels` are those of the rows.

    A label has none where pyannote gives it a vector of zeros: it heard two people at once but
    could tell only one voice.
    """
    voices = []
    for label, vector in zip(labels, vectors, strict=True):
        length = float(np.linalg.norm(vector))
        if label in names and np.isfinite(length) and length > 0:
            seconds = sum(t.end - t.start for t in speech if t.label == names[label])
            voices.append(Voice(names[label], (vector / length).astype(np.float32), seconds))
    return sorted(voices, key=lambda voice: voice.label)
