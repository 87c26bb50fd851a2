from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from debate_contract.errors import UsageFault
from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.speech import Hints, Interval, Recognition, Word
from debate_transcriber.engines.whisper import load, task
from debate_transcriber.engines.whisper.decoding.fallback import Limits
from debate_transcriber.engines.whisper.decoding.rows import Row
from debate_transcriber.engines.whisper.hearing import Hearing
from debate_transcriber.engines.whisper.input.language import MainLanguage, Probabilities
from debate_transcriber.engines.whisper.model import LoadedModel
from debate_transcriber.engines.whisper.recogniser import WhisperRecogniser
from debate_transcriber.engines.whisper.task import Setup
from generated import sound
from whisper.decoding import DecodingOptions
from whisper.model import Whisper
from whisper.tokenizer import LANGUAGES

SPEECH = [Interval(0, 12), Interval(15, 40), Interval(41, 52), Interval(60, 75)]
WAVEFORM = sound(80)
SHORT = DecodingOptions(without_timestamps=True, sample_len=20)
ENGLISH = Hints(language="en")
ONE_ATTEMPT = Limits(no_speech_prob=1, hears_again=False, retries=())


def recogniser(model: Whisper, size: int = 8, limits: Limits = ONE_ATTEMPT) -> WhisperRecogniser:
    return WhisperRecogniser(
        LoadedModel(model, "random", False), limits=limits, size=size, options=SHORT
    )


def ignore(done: float, total: float) -> None:
    """For calls that want to tell how far they are."""


def recognise(engine: WhisperRecogniser, hints: Hints = ENGLISH) -> Recognition:
    return engine.recognise(WAVEFORM, SPEECH, hints, ignore)


def test_words_come_in_order_and_lie_inside_the_chunks_of_speech(model: Whisper) -> None:
    words = recognise(recogniser(model)).words

    assert len(words) > 20
    assert all(a.start <= b.start and a.start <= a.end for a, b in pairwise(words))
    chunks = [(0, 12), (15, 40), (41, 52), (60, 75)]
    assert all(any(s <= w.start and w.end <= e for s, e in chunks) for w in words)
    assert all(0 <= w.probability <= 1 and w.text == w.text.strip() for w in words)


def test_the_batch_size_does_not_change_the_result(model: Whisper) -> None:
    one_by_one = recognise(recogniser(model, size=1)).words
    together = recognise(recogniser(model, size=8)).words

    assert [(w.text, w.start, w.end) for w in one_by_one] == [
        (w.text, w.start, w.end) for w in together
    ]
    assert [w.probability for w in one_by_one] == pytest.approx(
        [w.probability for w in together], abs=1e-5
    )


def test_kept_batches_and_their_vote_are_gone_on_from(model: Whisper) -> None:
    kept: dict[str, object] = {}
    undisturbed = recogniser(model, size=2).recognise(WAVEFORM, SPEECH, Hints(), ignore, kept)
    seen: list[float] = []
    first = dict(list(kept.items())[:3])  # a batch of two and the language it voted for
    assert "language" in first

    again = recogniser(model, size=2).recognise(
        WAVEFORM, SPEECH, Hints(), lambda done, _total: seen.append(done), first
    )

    assert again == undisturbed
    assert first == kept
    assert seen[0] > 0


def test_silence_gives_no_words_and_no_language(model: Whisper) -> None:
    silence = np.zeros(16_000 * 5, np.float32)

    result = recogniser(model).recognise(silence, [], Hints(), ignore)

    assert result == Recognition([], None, None)


def test_what_the_model_holds_for_silence_leaves_no_words(model: Whisper) -> None:
    everything_is_silence = Limits(no_speech_prob=-1, avg_logprob=0, hears_again=False, retries=())

    assert recognise(recogniser(model, limits=everything_is_silence)).words == []


def test_a_given_language_is_used_and_has_no_probability(model: Whisper) -> None:
    result = recognise(recogniser(model), Hints(language="Czech"))

    assert (result.language, result.language_probability) == ("cs", None)


def test_the_language_is_found_out_when_none_is_given(model: Whisper) -> None:
    result = recognise(recogniser(model), Hints())

    assert result.language in LANGUAGES
    assert result.language_probability is not None
    assert 0 < result.language_probability <= 1


@pytest.mark.parametrize("size", [1, 2, 8])
def test_several_windows_vote_on_the_language_however_small_a_batch(
    model: Whisper, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Probabilities] = []

    def listen(windows: Sequence[Probabilities]) -> MainLanguage:
        heard.extend(windows)
        return MainLanguage("cs", 0.9)

    monkeypatch.setattr(task, "vote", listen)
    result = recognise(recogniser(model, size=size), Hints())

    assert (len(heard), result.language) == (4, "cs")  # four chunks, fewer than five


def let_the_third_be_czech(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four chunks, by most speech: from 15 to 40 s, 60 to 75, 0 to 12, 41 to 52."""
    windows = [{language: 0.99} for language in ("en", "en", "cs", "en")]
    monkeypatch.setattr(task, "detect_languages", lambda _model, audio: windows[: len(audio)])
    monkeypatch.setattr(task, "cut_by_language", lambda _model, _audio, chunk, _speech: [chunk])


def test_a_chunk_in_another_language_keeps_it(
    model: Whisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_the_third_be_czech(monkeypatch)
    result = recognise(recogniser(model), Hints())

    assert result.language == "en"
    assert {w.language for w in result.words if w.start < 12} == {"cs"}
    assert {w.language for w in result.words if w.start >= 12} == {"en"}


def test_the_initial_prompt_reaches_the_model(model: Whisper) -> None:
    plain = recognise(recogniser(model))
    prompted = recognise(recogniser(model), Hints("en", "Ursula, Guy, Ska"))

    assert [w.text for w in plain.words] != [w.text for w in prompted.words]


def test_progress_counts_seconds_of_chunks_up_to_the_total(model: Whisper) -> None:
    seen: list[tuple[float, float]] = []

    recogniser(model, size=2).recognise(
        WAVEFORM, SPEECH, ENGLISH, lambda done, total: seen.append((done, total))
    )

    assert seen[0] == (0, 63)
    assert seen[-1] == (63, 63)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_the_factory_loads_a_model_by_settings_and_says_how_it_runs(whisper_file: Path) -> None:
    engine = load(EngineSettings("cpu", "random", whisper_file.parent.parent))

    assert (engine.info.name, engine.info.quality) == ("whisper", "standard")
    assert engine.info.parameters == {
        "model": "random",
        "device": "cpu",
        "precision": "fp32",
        "batch_size": 16,
        "beam_size": None,
        "official_alignment_heads": False,
    }


def test_a_gpu_that_is_not_there_is_a_usage_fault(whisper_file: Path) -> None:
    with pytest.raises(UsageFault, match=r"DEVICE=cuda:7 .* no CUDA device"):
        load(EngineSettings("cuda:7", str(whisper_file)))


def test_speech_that_gave_no_words_is_listed(model: Whisper) -> None:
    everything_is_silence = Limits(no_speech_prob=-1, avg_logprob=0, retries=())

    result = recognise(recogniser(model, limits=everything_is_silence))

    assert not result.words
    assert [(u.start, u.end, u.why) for u in result.unheard] == [
        (0, 12, "not sure enough"),
        (15, 52, "not sure enough"),
        (60, 75, "not sure enough"),
    ]


def test_doubtful_chunks_are_heard_again_with_time_marks_and_others_are_not(
    model: Whisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def again(listen: object, first: list[Hearing], speech: object) -> list[list[Hearing]]:
        chunks = [hearing.chunk for hearing in first]
        asked.extend(chunk.start for chunk in chunks)
        return [[Hearing(c, sure, [Word("sure", c.start, c.end, 1.0)])] for c in chunks]

    monkeypatch.setattr(task, "is_doubtful", lambda hearing, *_: hearing.chunk.start == 15)
    monkeypatch.setattr(task, "hear_on", again)
    sure = Row("en", [1], "sure", 0.0, 0.0, 1.0, 0.0)

    words = recognise(recogniser(model, limits=Limits(no_speech_prob=1, retries=()))).words

    assert asked == [15]
    assert [w.text for w in words if 15 <= w.start < 41] == ["sure"]
    assert len([w for w in words if w.start < 15]) > 1


def test_a_second_hearing_reads_the_time_marks_and_goes_on(model: Whisper) -> None:
    always = Limits(no_speech_prob=1, doubtful=1.0, retries=())

    words = recognise(recogniser(model, limits=always)).words

    assert all(a.start <= b.start for a, b in pairwise(words))
    assert all(any(s.start <= w.start and w.end <= s.end for s in SPEECH) for w in words)


@pytest.mark.parametrize(
    ("given", "language", "beams"),
    [(None, "cs", 5), (None, "en", None), (1, "cs", None), (3, "en", 3)],
)
def test_beams_are_for_other_languages_than_english_unless_given(
    model: Whisper, given: int | None, language: str, beams: int | None
) -> None:
    setup = Setup(model, torch.float32, SHORT, ONE_ATTEMPT, given)

    assert setup.beams(language) == beams


def test_a_batch_in_two_languages_is_decoded_as_each_needs(
    model: Whisper, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_the_third_be_czech(monkeypatch)
    asked = []
    decode = task.decode_with_retries

    def note(model: object, audio: object, languages: list[str], options: DecodingOptions, *more):
        asked.append((languages, options.beam_size))
        return decode(model, audio, languages, options, *more)

    monkeypatch.setattr(task, "decode_with_retries", note)
    recognise(recogniser(model), Hints())

    assert asked == [(["en", "en", "en"], None), (["cs"], 5)]
