"""Batched results against the stock functions on the same windows, on random weights."""

from dataclasses import dataclass, replace

import pytest
import torch
from debate_transcriber.engines.whisper.decoding.passes import EncodedAudio, Passes, read_audio
from debate_transcriber.engines.whisper.decoding.rows import Row, decode_rows, finished
from debate_transcriber.engines.whisper.input.chunks import Chunk
from debate_transcriber.engines.whisper.input.mel import encode, mel_frames, stack_mels
from debate_transcriber.engines.whisper.model import keep_weights_as
from debate_transcriber.engines.whisper.words.alignment import Text, align_rows, tokenizer_for
from debate_transcriber.engines.whisper.words.attention import smoothed_similarity
from generated import sound
from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim
from whisper.decoding import DecodingOptions
from whisper.model import Whisper
from whisper.timing import find_alignment
from whisper.timing import median_filter as stock_median_filter

CHUNKS = [Chunk(0, 30, 30), Chunk(30, 52.3, 20), Chunk(53, 61, 5), Chunk(62, 80, 10)]
LANGUAGES = ["en", "de", "cs", "ja"]
WAVEFORM = sound(85)
GREEDY = DecodingOptions(without_timestamps=True, fp16=False, sample_len=60)
# Random weights say marks in the middle of a text, which are no part of it; trained ones do not.
MARKS = ",".join(map(str, (-1, *range(50258, 51865))))
TEXT_ONLY = replace(GREEDY, suppress_tokens=MARKS, sample_len=40)
BEAM = DecodingOptions(without_timestamps=True, fp16=False, sample_len=12, beam_size=5)
MARKED_BEAM = DecodingOptions(fp16=False, sample_len=20, beam_size=2)


@dataclass
class Batch:
    mels: torch.Tensor
    audio: EncodedAudio
    rows: list[Row]


@pytest.fixture(scope="module")
def batch(model: Whisper) -> Batch:
    mels = stack_mels(model, WAVEFORM, CHUNKS)
    audio = read_audio(model, encode(model, mels))
    return Batch(mels, audio, decode_rows(model, audio, LANGUAGES, GREEDY))


def test_windows_are_those_of_stock_whisper(batch: Batch) -> None:
    for mel, chunk in zip(batch.mels, CHUNKS, strict=True):
        alone = log_mel_spectrogram(pad_or_trim(chunk.samples(WAVEFORM), N_SAMPLES))
        assert torch.equal(mel, alone)


@pytest.mark.parametrize(
    "options", [GREEDY, BEAM, MARKED_BEAM], ids=["greedy", "beam search", "with time marks"]
)
def test_a_batch_decodes_each_window_as_stock_whisper_does_alone(
    model: Whisper, batch: Batch, options: DecodingOptions
) -> None:
    rows = decode_rows(model, batch.audio, LANGUAGES, options)

    for row, mel, language in zip(rows, batch.mels, LANGUAGES, strict=True):
        alone = model.decode(mel, options, language=language)
        assert (row.language, row.text) == (language, alone.text)
        said = alone.tokens
        if not options.without_timestamps:
            said, _until = finished(said, 50364)
        assert row.tokens == [t for t in said if t < 50257]
        assert row.avg_logprob == pytest.approx(alone.avg_logprob, abs=1e-5)
        assert row.no_speech_prob == pytest.approx(alone.no_speech_prob, abs=1e-6)
        assert row.compression_ratio == alone.compression_ratio


def test_the_windows_of_these_tests_hold_different_texts_of_different_length(batch: Batch) -> None:
    assert len({tuple(row.tokens) for row in batch.rows}) == len(CHUNKS)
    assert len({len(row.tokens) for row in batch.rows}) > 1


def assert_aligned_as_in_stock_whisper(model: Whisper, batch: Batch, texts: list[Text]) -> None:
    aligned = align_rows(model, batch.audio, texts)

    for words, text, mel in zip(aligned, texts, batch.mels, strict=True):
        tokenizer = tokenizer_for(model, text.language)
        stock = find_alignment(model, tokenizer, text.tokens, mel, text.mel_frames)
        assert [(w.word, w.tokens) for w in words] == [(w.word, w.tokens) for w in stock]
        assert [(w.start, w.end) for w in words] == [(w.start, w.end) for w in stock]
        # Sums of float32 in another order: 1.5e-5 was seen on one processor, less on others.
        assert [w.probability for w in words] == pytest.approx(
            [w.probability for w in stock], abs=5e-5
        )
        assert len({w.start for w in words}) > 1


def test_words_times_and_probabilities_equal_stock_alignment(model: Whisper, batch: Batch) -> None:
    texts = [
        Text(row.tokens[: 9 * (i + 1)], row.language, mel_frames(chunk))
        for i, (row, chunk) in enumerate(zip(batch.rows, CHUNKS, strict=True))
    ]

    assert_aligned_as_in_stock_whisper(model, batch, texts)


@pytest.mark.parametrize(
    ("options", "all_traced"), [(TEXT_ONLY, True), (GREEDY, False)], ids=["text", "with marks"]
)
def test_what_decoding_leaves_aligns_words_as_stock_whisper_does_by_reading_again(
    model: Whisper, batch: Batch, options: DecodingOptions, all_traced: bool
) -> None:
    rows = decode_rows(model, batch.audio, LANGUAGES, options)
    texts = [
        Text(row.tokens, row.language, mel_frames(chunk), row.trace)
        for row, chunk in zip(rows, CHUNKS, strict=True)
    ]

    assert all(text.trace for text in texts) is all_traced
    assert any(text.trace for text in texts)
    assert_aligned_as_in_stock_whisper(model, batch, texts)


def count_rows_left(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows there still are, each time that some have left the batch."""
    left: list[int] = []
    select = Passes.select
    monkeypatch.setattr(
        Passes, "select", lambda self, rows: (left.append(len(rows)), select(self, rows))
    )
    return left


def decode_alone(model: Whisper, batch: Batch, options: DecodingOptions) -> list[Row]:
    """Each window by itself."""
    return [
        decode_rows(model, batch.audio[[i]], [language], options)[0]
        for i, language in enumerate(LANGUAGES)
    ]


def test_rows_that_end_early_leave_the_batch_and_change_nothing_for_the_others(
    model: Whisper, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = count_rows_left(monkeypatch)
    alone = decode_alone(model, batch, TEXT_ONLY)
    alone.sort(key=lambda row: len(row.tokens))
    pair = [LANGUAGES.index(row.language) for row in (alone[0], alone[-1])]

    rows = decode_rows(model, batch.audio[pair], [LANGUAGES[i] for i in pair], TEXT_ONLY)

    assert left == [1]
    for row, expected in zip(rows, (alone[0], alone[-1]), strict=True):
        assert row.tokens == expected.tokens
        assert row.avg_logprob == pytest.approx(expected.avg_logprob, abs=1e-5)
        assert row.trace
        assert expected.trace
        assert row.trace.probabilities == pytest.approx(expected.trace.probabilities, abs=1e-5)


def test_windows_whose_beams_are_done_leave_and_change_nothing_for_the_others(
    model: Whisper, batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = replace(TEXT_ONLY, beam_size=2)
    left = count_rows_left(monkeypatch)
    alone = decode_alone(model, batch, options)

    together = decode_rows(model, batch.audio, LANGUAGES, options)

    assert left
    assert [row.tokens for row in together] == [row.tokens for row in alone]
    assert [row.avg_logprob for row in together] == pytest.approx(
        [row.avg_logprob for row in alone], abs=1e-5
    )


def test_a_text_that_came_after_a_prompt_is_read_again_for_its_words(
    model: Whisper, batch: Batch
) -> None:
    prompted = replace(GREEDY, prompt="Ada Lovelace, Babbage", sample_len=20)
    rows = decode_rows(model, batch.audio, LANGUAGES, prompted)
    texts = [
        Text(row.tokens, row.language, mel_frames(chunk), row.trace)
        for row, chunk in zip(rows, CHUNKS, strict=True)
    ]

    assert not any(text.trace for text in texts)
    assert rows[0].text == model.decode(batch.mels[0], prompted, language="en").text
    assert_aligned_as_in_stock_whisper(model, batch, texts)


def test_rows_without_text_have_no_words_and_leave_the_others_as_they_are(
    model: Whisper, batch: Batch
) -> None:
    texts = [Text(row.tokens, row.language, 2000) for row in batch.rows]

    alone = align_rows(model, batch.audio[1:2], texts[1:2])
    among_empty = align_rows(
        model, batch.audio, [Text([], "en", 2000), texts[1], *[Text([], "en", 2000)] * 2]
    )

    assert [len(words) for words in among_empty] == [0, len(alone[0]), 0, 0]
    assert [w.start for w in among_empty[1]] == [w.start for w in alone[0]]


@pytest.mark.parametrize("frames", [3, 4, 50])
def test_attention_is_smoothed_as_in_stock_whisper(frames: int) -> None:
    weights = torch.randn(4, 9, frames).softmax(dim=-1)

    std, mean = torch.std_mean(weights, dim=-2, keepdim=True, unbiased=False)
    expected = stock_median_filter((weights - mean) / std, 7).mean(dim=0)

    assert torch.allclose(
        torch.from_numpy(smoothed_similarity(weights.numpy())), expected, atol=1e-5
    )


def test_weights_kept_as_half_precision_give_the_features_of_stock_fp16(batch: Batch) -> None:
    from generated import random_whisper

    stock, ours = random_whisper(), random_whisper()
    keep_weights_as(ours, torch.float16)

    audio = read_audio(ours, encode(ours, batch.mels[:1].half()))

    assert audio.features.dtype == torch.float16
    with torch.no_grad():
        assert torch.equal(audio.features, stock.encoder(batch.mels[:1].half()))
    rows = decode_rows(ours, audio, ["en"], DecodingOptions(without_timestamps=True))
    assert rows[0].tokens == [
        t
        for t in stock.decode(
            batch.mels[0], DecodingOptions(without_timestamps=True, language="en")
        ).tokens
        if t < 50257
    ]
