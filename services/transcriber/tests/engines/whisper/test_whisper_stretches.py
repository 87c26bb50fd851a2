from collections.abc import Callable

import pytest
from debate_transcriber.engines.speech import Interval
from debate_transcriber.engines.whisper.decoding.passes import EncodedAudio, read_audio
from debate_transcriber.engines.whisper.input import stretches
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.input.language import Probabilities
from debate_transcriber.engines.whisper.input.mel import encode, stack_mels
from debate_transcriber.engines.whisper.input.stretches import (
    cut_by_language,
    likeliest_languages,
    stretches_of,
)
from generated import sound
from whisper.model import Whisper

CHUNK = Chunk(10, 38, 24)
# seconds   10        24    26   30      38
# speech    ━━━━━━━━━━━     ━━━━━  ━━━━━━━
# language  English         German German
SPEECH = [Interval(0, 8), Interval(10, 24), Interval(26, 30), Interval(31, 40)]


def english(share: float) -> Probabilities:
    return {"en": share, "de": 0.98 - share, "la": 0.02}


@pytest.fixture(scope="module")
def audio(model: Whisper) -> EncodedAudio:
    return read_audio(model, encode(model, stack_mels(model, sound(40), [CHUNK])))


def saying(*shares: float) -> Callable[..., list[Probabilities]]:
    """A detection that finds so much English in one stretch after the other."""
    answers = iter(shares)
    return lambda _model, _audio: [english(next(answers))]


def test_stretches_are_the_speech_of_a_chunk_between_pauses() -> None:
    speech = [*SPEECH, Interval(40.1, 41)]

    assert stretches_of(Chunk(10, 41, 28), speech) == [
        Chunk(10, 24, 14),
        Chunk(26, 30, 4),
        Chunk(31, 41, pytest.approx(9.9)),
    ]


def test_a_chunk_in_two_languages_is_cut_where_they_change(
    model: Whisper, audio: EncodedAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "detect_languages", saying(0.97, 0.05, 0.02))

    parts = cut_by_language(model, audio, CHUNK, SPEECH)

    assert parts == [Chunk(10, 24, 14), Chunk(26, 38, 11)]


def test_a_chunk_in_one_language_stays_whole_whatever_a_word_sounds_like(
    model: Whisper, audio: EncodedAudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stretches, "detect_languages", saying(0.97, 0.3, 0.9))

    assert cut_by_language(model, audio, CHUNK, SPEECH) == [CHUNK]


def test_real_detection_of_a_part_of_the_frames_runs(model: Whisper, audio: EncodedAudio) -> None:
    parts = cut_by_language(model, audio, CHUNK, SPEECH)

    assert (parts[0].start, parts[-1].end) == (10, 38)
    assert audio.between(100, 150).keys[0].shape[2] == 50


@pytest.mark.parametrize(
    ("shares", "seconds", "languages"),
    [
        ((0.97, 0.9, 0.02, 0.05), (5, 3, 4, 6), ["en", "en", "de", "de"]),
        ((0.97, 0.2, 0.97), (5, 1, 5), ["en", "en", "en"]),
        ((0.97, 0.0, 0.97), (9, 9, 9), ["en", "de", "en"]),
        ((0.6, 0.6), (5, 5), ["en", "en"]),
    ],
    ids=["a change", "a borrowed phrase", "an answer in between", "one candidate"],
)
def test_languages_change_where_the_evidence_outweighs_a_change(
    shares: tuple[float, ...], seconds: tuple[float, ...], languages: list[str]
) -> None:
    assert likeliest_languages([english(share) for share in shares], seconds) == languages
