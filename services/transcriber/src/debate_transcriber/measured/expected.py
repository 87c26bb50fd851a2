"""What to expect of the engines that made a transcript: their errors where they were measured."""

from collections.abc import Mapping
from typing import Any

from debate_transcriber.measured import read_table


def expect(model: str | None, diarizer: str, language: str | None) -> dict[str, Any] | None:
    """The transcript's `expected`; None where neither engine was measured.

    `model` is Whisper's, `language` the recording's main one: a language without figures of its
    own has those of all others but English together.
    """
    return look_up(read_table("errors"), model, diarizer, language)


def look_up(
    table: Mapping[str, Any], model: str | None, diarizer: str, language: str | None
) -> dict[str, Any] | None:
    """The same from a table of `words` (by model and language) and `voices` (by diarizer)."""
    by_language = table["words"].get(model or "", {})
    words = by_language.get(language or "", by_language.get("other") if language != "en" else None)
    voices = table["voices"].get(diarizer)
    measured = [rates for rates in (words, voices) if rates]
    if not measured:
        return None
    rates = {key: value for one in measured for key, value in one.items() if key != "on"}
    return {**rates, "measured_on": "; ".join(one["on"] for one in measured)}
