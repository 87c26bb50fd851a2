from dataclasses import replace

import pytest
import torch
from debate_transcriber.engines.whisper.decoding.fallback import (
    Attempt,
    Limits,
    decode_with_retries,
)
from debate_transcriber.engines.whisper.decoding.passes import EncodedAudio, read_audio
from debate_transcriber.engines.whisper.decoding.rows import Row, decode_rows
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.input.mel import encode, stack_mels
from generated import random_whisper, sound
from whisper.decoding import DecodingOptions
from whisper.model import Whisper

OPTIONS = DecodingOptions(without_timestamps=True, fp16=False, sample_len=30)
LANGUAGES = ["en", "en", "en"]
GOOD = Row("en", [1, 2], "fine words", -0.3, 0.1, 1.2, 0.0)


def features_for(model: Whisper) -> EncodedAudio:
    chunks = [Chunk(0, 20, 20), Chunk(20, 30, 10), Chunk(30, 35, 5)]
    return read_audio(model, encode(model, stack_mels(model, sound(36), chunks)))


@pytest.fixture(scope="module")
def looping() -> Whisper:
    """A model that says the same token for ever: each token predicts itself."""
    model = random_whisper()
    with torch.no_grad():
        model.decoder.positional_embedding.mul_(0.01)
        model.decoder.token_embedding.weight.mul_(0.35)
        for block in model.decoder.blocks:
            block.cross_attn.out.weight.mul_(0.01)
    return model


@pytest.mark.parametrize(
    ("row", "good"),
    [
        (GOOD, True),
        (replace(GOOD, compression_ratio=2.5), False),
        (replace(GOOD, avg_logprob=-1.1), False),
        (replace(GOOD, avg_logprob=-1.1, no_speech_prob=0.7), True),
        (replace(GOOD, no_speech_prob=0.7), True),
    ],
    ids=["good", "repetitive", "a guess", "silence needs no retry", "likely text on low voices"],
)
def test_a_row_is_decoded_again_when_it_loops_or_guesses(row: Row, good: bool) -> None:
    assert Limits().is_good(row) is good


def test_good_rows_stay_and_only_the_bad_ones_are_decoded_again(model: Whisper) -> None:
    features = features_for(model)
    greedy = decode_rows(model, features, LANGUAGES, OPTIONS)
    worst = min(range(3), key=lambda i: greedy[i].avg_logprob)
    limit = sorted(row.avg_logprob for row in greedy)[1]  # the worst row alone lies below
    limits = Limits(avg_logprob=limit, retries=(Attempt(beam_size=4),))

    rows = decode_with_retries(model, features, LANGUAGES, OPTIONS, limits)

    beam = decode_rows(model, features, LANGUAGES, replace(OPTIONS, beam_size=4))
    for i in range(3):
        expected = max(greedy[i], beam[i], key=lambda row: row.avg_logprob)
        assert rows[i].tokens == (expected if i == worst else greedy[i]).tokens
    assert rows[worst].avg_logprob > greedy[worst].avg_logprob


def test_a_repetition_loop_is_broken(looping: Whisper) -> None:
    features = features_for(looping)
    limits = Limits(avg_logprob=-1000)

    greedy = decode_rows(looping, features, LANGUAGES, OPTIONS)
    rows = decode_with_retries(looping, features, LANGUAGES, OPTIONS, limits)

    assert all(limits.is_repetitive(row) for row in greedy)
    assert not any(limits.is_repetitive(row) for row in rows)
    assert all(row.temperature > 0 for row in rows)


def test_sampled_attempts_give_the_same_text_on_every_run(looping: Whisper) -> None:
    features = features_for(looping)
    limits = Limits(retries=(Attempt(temperature=1.0),))

    first = decode_with_retries(looping, features, LANGUAGES, OPTIONS, limits)
    torch.manual_seed(99)
    second = decode_with_retries(looping, features, LANGUAGES, OPTIONS, limits)

    assert [row.tokens for row in first] == [row.tokens for row in second]


def test_text_made_up_on_silence_is_dropped(model: Whisper) -> None:
    limits = Limits(no_speech_prob=-1, avg_logprob=0, retries=())

    rows = decode_with_retries(model, features_for(model), LANGUAGES, OPTIONS, limits)

    assert [(row.tokens, row.text) for row in rows] == [([], "")] * 3
