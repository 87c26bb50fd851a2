"""Word probabilities that mean what they say: of words at 0.8, four in five are right.

The decoder's own probabilities are no such shares (Guo et al., On Calibration of Modern Neural
Networks, 2017). A curve per model, rising throughout, maps one to the other; it was fitted by
isotonic regression to words with a reference (`bench/calibration.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from debate_transcriber.measured import read_table
from debate_transcriber.speech import Word


@dataclass(frozen=True, slots=True)
class Curve:
    """Knots in rising order: the decoder's probabilities, and the share of such words right."""

    decoder: tuple[float, ...]
    right: tuple[float, ...]

    def apply(self, words: Sequence[Word]) -> list[Word]:
        """The words with probabilities on the curve, which is straight between its knots."""
        found = np.interp([word.probability for word in words], self.decoder, self.right)
        pairs = zip(words, found, strict=True)
        return [replace(word, probability=float(share)) for word, share in pairs]


def curve_of(model: str) -> Curve | None:
    """The curve of a Whisper model; None where it was not measured: its probabilities stay."""
    knots = read_table("calibration").get(model)
    return Curve(tuple(knots["decoder"]), tuple(knots["right"])) if knots else None
