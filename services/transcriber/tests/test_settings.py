import pytest
from debate_contract.errors import UsageFault
from debate_transcriber.engines.speech import SpeakerCount
from debate_transcriber.settings import parse_language, validate_count


def test_a_count_and_bounds_contradict_each_other() -> None:
    with pytest.raises(UsageFault, match="not both"):
        validate_count(2, 1, None)
    with pytest.raises(UsageFault, match="MIN_SPEAKERS=3 is more"):
        validate_count(None, 3, 2)
    assert validate_count(None, 2, 4) == SpeakerCount(None, 2, 4)


@pytest.mark.parametrize(
    ("value", "code"), [("en", "en"), ("EN-us", "en"), ("", None), ("auto", None)]
)
def test_a_language_is_a_code(value: str, code: str | None) -> None:
    assert parse_language(value) == (code, None)


def test_the_desktop_s_language_is_left_aside_with_a_remark() -> None:
    code, remark = parse_language("en_US:en")
    assert code is None
    assert "left aside" in (remark or "")


def test_anything_else_is_refused() -> None:
    with pytest.raises(UsageFault, match="not a language code"):
        parse_language("english!")
