"""A transcript says what to expect of the engines that made it, unless nobody measured them."""

import pytest
from debate_transcriber.measured import read_table
from debate_transcriber.measured.expected import look_up

TABLE = {
    "words": {
        "base": {
            "en": {"wer": 0.08, "on": "English talks (2,000 words)"},
            "other": {"wer": 0.13, "on": "four languages (500 words)"},
        },
        "tiny.en": {"en": {"wer": 0.09, "on": "English talks (2,000 words)"}},
    },
    "voices": {"campplus": {"der": 0.2, "speaking_time_error": 0.1, "on": "12 conversations"}},
}


def test_words_and_voices_are_said_together() -> None:
    assert look_up(TABLE, "base", "campplus", "en") == {
        "wer": 0.08,
        "der": 0.2,
        "speaking_time_error": 0.1,
        "measured_on": "English talks (2,000 words); 12 conversations",
    }


@pytest.mark.parametrize("language", ["de", "fi", None])
def test_other_languages_have_the_figures_of_all_others(language: str | None) -> None:
    found = look_up(TABLE, "base", "pyannote", language)

    assert found == {"wer": 0.13, "measured_on": "four languages (500 words)"}


@pytest.mark.parametrize(
    ("model", "diarizer", "language"),
    [("large-v3-turbo", "pyannote", "en"), (None, "pyannote", "en"), ("tiny.en", "", "de")],
)
def test_what_was_not_measured_has_no_figures(model, diarizer, language) -> None:
    assert look_up(TABLE, model, diarizer, language) is None


def test_the_table_that_is_shipped_has_a_rate_and_a_source_for_each() -> None:
    table = read_table("errors")
    entries = [one for each in table["words"].values() for one in each.values()]
    entries += table["voices"].values()

    assert entries
    for rates in entries:
        assert rates["on"]
        assert all(0 <= rate <= 1 for key, rate in rates.items() if key != "on")
