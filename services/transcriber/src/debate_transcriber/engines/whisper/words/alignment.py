"""Word times of several windows at once, from what decoding has computed.

The method is Whisper's (`whisper.timing.find_alignment`, see attention.py): the cross-attention of
some heads shows which audio frame each token looked at. Stock Whisper encodes the audio again and
has the decoder read the finished text for that, window by window. Here the encoder has run, and
what the decoder looked for is at hand from decoding; only where it is not, because the text is of
a later attempt or came after a prompt, is the text read again, many rows at once. Equal to stock in
the tests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from whisper.audio import TOKENS_PER_SECOND
from whisper.timing import WordTiming
from whisper.tokenizer import Tokenizer, get_tokenizer

from debate_transcriber.engines.whisper.decoding.greedy import Trace
from debate_transcriber.engines.whisper.decoding.passes import EncodedAudio, Passes, alignment_heads
from debate_transcriber.engines.whisper.words.attention import token_frames

# Logits take 200 KB per position, so a pass is bounded to about 250 MB.
POSITIONS_PER_PASS = 1200


@dataclass(frozen=True, slots=True)
class Text:
    """What was recognised in a window whose first `mel_frames` of 3000 frames hold audio.

    `trace` is what greedy decoding left of it.
    """

    tokens: list[int]
    language: str
    mel_frames: int
    trace: Trace | None = field(default=None, repr=False)


def tokenizer_for(model: Any, language: str) -> Tokenizer:
    """Whisper's tokenizer, with the language's own way of telling words apart."""
    return get_tokenizer(
        model.is_multilingual,
        num_languages=model.num_languages,
        language=language,
        task="transcribe",
    )


@torch.no_grad()
def align_rows(model: Any, audio: EncodedAudio, texts: Sequence[Text]) -> list[list[WordTiming]]:
    """Words of each row with times in seconds from the window's start and probabilities.

    A row without tokens has no words.
    """
    traces = dict(_read_again(model, audio, texts))
    return [
        _words(model, audio, row, text, text.trace or traces[row]) if text.tokens else []
        for row, text in enumerate(texts)
    ]


def _read_again(
    model: Any, audio: EncodedAudio, texts: Sequence[Text]
) -> Iterator[tuple[int, Trace]]:
    """Traces of the texts that have none, by row."""
    for rows in _passes(texts):
        yield from zip(rows, _read(model, audio[rows], [texts[i] for i in rows]), strict=True)


def _passes(texts: Sequence[Text]) -> Iterator[list[int]]:
    """Rows of similar length together, as many as the bound on positions allows."""
    by_length = sorted(
        (len(text.tokens), i) for i, text in enumerate(texts) if text.tokens and not text.trace
    )
    rows: list[int] = []
    for length, i in by_length:
        if rows and (len(rows) + 1) * length > POSITIONS_PER_PASS:
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows


def _read(model: Any, audio: EncodedAudio, texts: Sequence[Text]) -> list[Trace]:
    tokenizers = [tokenizer_for(model, text.language) for text in texts]
    rows = [
        [*tokenizer.sot_sequence, tokenizer.no_timestamps, *text.tokens, tokenizer.eot]
        for text, tokenizer in zip(texts, tokenizers, strict=True)
    ]
    passes = Passes(model, audio, keeps_queries=True)
    hidden = passes.read(_pad(rows, tokenizers[0].eot).to(model.device))
    prompt = len(tokenizers[0].sot_sequence)  # what comes after it predicts the text
    probabilities = [
        _probabilities(passes.vocabulary(row[prompt:][: len(text.tokens)]), text, tokenizers[0].eot)
        for row, text in zip(hidden, texts, strict=True)
    ]
    queries = {layer: parts[0] for layer, parts in passes.queries.items()}
    return [
        Trace(probabilities[i], {layer: q[i, :, : len(row)] for layer, q in queries.items()})
        for i, row in enumerate(rows)
    ]


def _pad(rows: Sequence[Sequence[int]], filler: int) -> torch.Tensor:
    """Rows of unequal length to one tensor: the decoder is causal, so no token sees the filler."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


def _probabilities(logits: torch.Tensor, text: Text, end_of_text: int) -> list[float]:
    """Probability of each text token among the text tokens."""
    among = logits[:, :end_of_text]
    chosen = among[torch.arange(len(text.tokens)), list(text.tokens)]
    return (chosen - among.logsumexp(dim=-1)).exp().tolist()


def _words(model: Any, audio: EncodedAudio, row: int, text: Text, trace: Trace) -> list[WordTiming]:
    tokenizer = tokenizer_for(model, text.language)
    words, word_tokens = tokenizer.split_to_word_tokens([*text.tokens, tokenizer.eot])
    if len(word_tokens) <= 1:
        return []
    bounds = np.cumsum([0, *(len(tokens) for tokens in word_tokens[:-1])])
    weights = _attention(model, audio, row, trace, text.mel_frames // 2)
    prompt = len(tokenizer.sot_sequence)
    times = (token_frames(weights, prompt) / TOKENS_PER_SECOND)[bounds]
    return [
        WordTiming(
            word,
            tokens,
            times[i],
            times[i + 1],
            float(np.mean(trace.probabilities[bounds[i] : bounds[i + 1]])),
        )
        for i, (word, tokens) in enumerate(zip(words[:-1], word_tokens[:-1], strict=True))
    ]


def _attention(
    model: Any, audio: EncodedAudio, row: int, trace: Trace, frames: int
) -> NDArray[np.float32]:
    """Where the alignment heads looked: [heads, positions, frames], each row adding up to 1."""
    heads = alignment_heads(model)
    parts = [
        (queries * queries.shape[-1] ** -0.5)
        @ audio.keys[layer][audio.rows[row], heads[layer], :frames].transpose(1, 2)
        for layer, queries in trace.queries.items()
    ]
    weights: NDArray[np.float32] = torch.cat(parts).float().softmax(dim=-1).cpu().numpy()
    return weights
