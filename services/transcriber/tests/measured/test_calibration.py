"""Probabilities on a curve: in order as before, between 0 and 1, those of other models untouched."""

import pytest
from debate_transcriber.measured import read_table
from debate_transcriber.measured.calibration import Curve, curve_of
from debate_transcriber.speech import Word
from hypothesis import given
from hypothesis import strategies as st

CURVE = Curve((0.2, 0.6, 1.0), (0.4, 0.5, 0.98))


def words(*probabilities: float) -> list[Word]:
    return [Word("word", 0.0, 1.0, probability) for probability in probabilities]


def test_between_two_knots_the_curve_is_straight_and_beyond_them_flat() -> None:
    found = CURVE.apply(words(0.0, 0.2, 0.4, 0.8, 1.0))

    assert [word.probability for word in found] == pytest.approx([0.4, 0.4, 0.45, 0.74, 0.98])
    assert CURVE.apply([]) == []


def test_a_model_without_a_curve_has_none() -> None:
    assert curve_of("a model that nobody measured") is None


@pytest.mark.parametrize("model", read_table("calibration"))
@given(probabilities=st.lists(st.floats(0, 1), max_size=20))
def test_every_curve_keeps_the_order(model: str, probabilities: list[float]) -> None:
    curve = curve_of(model)
    assert curve
    found = [word.probability for word in curve.apply(words(*sorted(probabilities)))]

    assert found == sorted(found)
    assert all(0 < probability < 1 for probability in found)
