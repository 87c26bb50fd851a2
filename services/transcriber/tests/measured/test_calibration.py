"""Probabilities on a curve: in order as before, never certain; other models' untouched."""

import numpy as np
import pytest
from debate_transcriber.engines.speech import Word
from debate_transcriber.measured import read_table
from debate_transcriber.measured.calibration import Curve, calibrate
from hypothesis import given
from hypothesis import strategies as st

CURVES = [
    Curve(**curve) for curves in read_table("calibration").values() for curve in curves.values()
]


def word(probability: float, language: str | None = "en") -> Word:
    return Word("word", 0.0, 1.0, probability, language=language)


def test_a_slope_of_one_without_offset_changes_nothing() -> None:
    assert Curve(1.0, 0.0).shares([0.2, 0.5, 0.9]) == pytest.approx([0.2, 0.5, 0.9])


def test_an_offset_moves_the_odds() -> None:
    # odds of 1 become 3 where the offset is ln 3
    assert Curve(1.0, float(np.log(3))).shares([0.5]) == pytest.approx([0.75])


def test_words_of_a_model_that_nobody_measured_stay_as_they_are() -> None:
    words = [word(0.3), word(0.9, "de")]

    assert calibrate("a model that nobody measured", words) == words
    assert calibrate("base", []) == []


def test_every_word_goes_by_the_curve_of_its_language() -> None:
    english, german, unknown = calibrate("base", [word(0.7), word(0.7, "de"), word(0.7, None)])

    assert english.probability != german.probability
    assert german.probability == unknown.probability


@pytest.mark.parametrize("curve", CURVES)
@given(probabilities=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_every_curve_that_is_shipped_keeps_the_order_and_is_never_certain(
    curve: Curve, probabilities: list[float]
) -> None:
    found = curve.shares(sorted(probabilities))

    assert (np.diff(found) >= 0).all()
    assert ((found > 0) & (found < 1)).all()
