import pytest
from debate_contract.errors import UsageFault
from debate_transcriber.engines.whisper.decoding.passes import read_audio
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.input.language import (
    MainLanguage,
    chunk_language,
    detect_languages,
    language_code,
    vote,
)
from debate_transcriber.engines.whisper.input.mel import encode, stack_mels
from generated import sound
from whisper.model import Whisper

CZECH = MainLanguage("cs", 0.7)


def test_windows_vote_with_their_probabilities() -> None:
    windows = [{"cs": 0.9, "sk": 0.1}, {"cs": 0.3, "sk": 0.7}, {"cs": 0.6, "sk": 0.4}]

    winner = vote(windows)

    assert (winner.code, winner.probability) == ("cs", pytest.approx(0.6))


@pytest.mark.parametrize(
    ("seconds", "probability", "language"),
    [(20, 0.85, "en"), (20, 0.6, "cs"), (3, 0.85, "cs"), (3, 0.97, "en"), (1, 0.97, "cs")],
    ids=["sure and long", "unsure", "a few words", "very sure", "one word"],
)
def test_a_chunk_keeps_its_own_language_on_strong_evidence_only(
    seconds: float, probability: float, language: str
) -> None:
    own = {"en": probability, "cs": 1 - probability}

    assert chunk_language(Chunk(0, seconds, seconds), own, CZECH) == language


def test_detection_gives_each_window_what_stock_detection_gives_it_alone(model: Whisper) -> None:
    chunks = [Chunk(0, 20, 20), Chunk(25, 30, 5)]
    mels = stack_mels(model, sound(31), chunks)

    together = detect_languages(model, read_audio(model, encode(model, mels)))

    for window, mel in zip(together, mels, strict=True):
        _, alone = model.detect_language(mel)
        assert window == pytest.approx(alone, abs=1e-6)
    assert together[0] != pytest.approx(together[1], abs=1e-3)


@pytest.mark.parametrize("name", ["cs", "CS", "Czech"])
def test_a_language_may_be_given_as_code_or_name(name: str) -> None:
    assert language_code(name) == "cs"


def test_an_unknown_language_is_a_usage_fault_that_says_what_to_give() -> None:
    with pytest.raises(UsageFault, match=r"klingon.*two-letter code"):
        language_code("klingon")
