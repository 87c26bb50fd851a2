"""Word probabilities that mean what they say: of words at 0.8, four in five are right.

The decoder's own are no such shares (Guo et al., On Calibration of Modern Neural Networks, 2017).
A curve with two numbers, for English and for other languages, maps one to the other (Platt,
Probabilistic Outputs for Support Vector Machines, 1999); it was fitted to words with a reference
by `bench/accuracy/calibration.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.speech import Word
from debate_transcriber.measured import read_table

# What the decoder gives is never taken as certain.
NEAREST = 1e-4


@dataclass(frozen=True, slots=True)
class Curve:
    """Log-odds of being right: `slope` times those of the decoder, and `offset`."""

    slope: float
    offset: float

    def shares(self, probabilities: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
        """Shares of right words, in the order of the decoder's `probabilities` (any 0-1)."""
        clipped = np.clip(np.asarray(probabilities, np.float64), NEAREST, 1 - NEAREST)
        odds = self.slope * np.log(clipped / (1 - clipped)) + self.offset
        return np.asarray(1 / (1 + np.exp(-odds)))


def calibrate(model: str, words: Sequence[Word]) -> list[Word]:
    """The words with probabilities on the curves of a Whisper model, each by its language.

    Words of a model that was not measured keep the decoder's.
    """
    curves = {
        group: Curve(**curve) for group, curve in read_table("calibration").get(model, {}).items()
    }
    if not curves:
        return list(words)
    found = {group: curve.shares([w.probability for w in words]) for group, curve in curves.items()}
    return [
        replace(word, probability=float(found[group_of(word.language)][at]))
        for at, word in enumerate(words)
    ]


def group_of(language: str | None) -> str:
    """The curve that a language goes by."""
    return "en" if language == "en" else "other"
