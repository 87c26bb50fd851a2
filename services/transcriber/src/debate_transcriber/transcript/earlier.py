"""The words of a finished transcript: another number of speakers costs no recognition.

A transcript holds all that recognition found, times to the millisecond and probabilities to four
digits. Words are rounded before anything is made from them (`as_written`), so what follows is the
same whether they come from the recogniser or from a file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from debate_transcriber.engines.speech import EngineInfo, Quality, Recognition, Unheard, Word

TIME_DIGITS = 3
PROBABILITY_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Heard:
    """The words of a recording and the engine that recognised them."""

    recognition: Recognition
    asr: EngineInfo


def as_written(recognition: Recognition) -> Recognition:
    """Round the words, and what has none, as a transcript has them."""
    return replace(
        recognition,
        words=[_rounded(word) for word in recognition.words],
        unheard=[replace(u, **_rounded_times(u)) for u in recognition.unheard],
    )


def _rounded(word: Word) -> Word:
    probability = round(word.probability, PROBABILITY_DIGITS)
    return replace(word, probability=probability, **_rounded_times(word))


def _rounded_times(item: Word | Unheard) -> dict[str, Any]:
    return {"start": round(item.start, TIME_DIGITS), "end": round(item.end, TIME_DIGITS)}


def parse_heard(transcript: dict[str, Any]) -> Heard:
    """Take the words out of a transcript by contract, this version's."""
    recognition = Recognition(
        [word for segment in transcript["transcription"] for word in _words_of(segment)],
        transcript["language"],
        transcript["language_probability"],
        [Unheard(u["start"], u["end"], u["why"]) for u in transcript.get("unheard", ())],
    )
    return Heard(recognition, _engine_of(transcript))


def _words_of(segment: dict[str, Any]) -> Iterator[Word]:
    for word in segment["words"]:
        yield Word(
            word["word"],
            word["start"],
            word["end"],
            word["probability"],
            word.get("space_before", True),
            segment["language"],
        )


def _engine_of(transcript: dict[str, Any]) -> EngineInfo:
    # The words alone make a draft: the voices of every diarizer are of standard quality.
    quality: Quality = transcript["quality"]
    model = transcript["model"]
    return EngineInfo(model["asr"], model["asr_version"], quality, model["parameters"]["asr"])
