"""Word times of several windows at once, from the features that decoding used.

The method is Whisper's (`whisper.timing.find_alignment`): the decoder reads the finished text once
more, the cross-attention of some heads shows which audio frame each token looked at, and dynamic
time warping makes one monotone path of it. Stock Whisper does this window by window and encodes the
audio again; here rows share one pass and the encoder has already run. Equal to stock in the tests.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional
from whisper.audio import TOKENS_PER_SECOND
from whisper.model import disable_sdpa
from whisper.timing import WordTiming, dtw_cpu
from whisper.tokenizer import Tokenizer, get_tokenizer

MEDIAN_WIDTH = 7  # frames, as in stock Whisper
# Exchanges after which the median of seven lies in the middle (N. Devillard, "Fast median search").
MEDIAN_NETWORK = (
    *((0, 5), (0, 3), (1, 6), (2, 4), (0, 1), (3, 5), (2, 6)),
    *((2, 3), (3, 6), (4, 5), (1, 4), (1, 3), (3, 4)),
)
# Logits take 200 KB per position, so a pass is bounded to about 250 MB.
POSITIONS_PER_PASS = 1200


@dataclass(frozen=True, slots=True)
class Text:
    """What was recognised in a window whose first `mel_frames` of 3000 frames hold audio."""

    tokens: list[int]
    language: str
    mel_frames: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a pass says of one text: probabilities [tokens], attention [heads, tokens, frames]."""

    probabilities: list[float]
    attention: torch.Tensor


def tokenizer_for(model: Any, language: str) -> Tokenizer:
    """Whisper's tokenizer, with the language's own way of telling words apart."""
    return get_tokenizer(
        model.is_multilingual,
        num_languages=model.num_languages,
        language=language,
        task="transcribe",
    )


def align_rows(model: Any, features: torch.Tensor, texts: Sequence[Text]) -> list[list[WordTiming]]:
    """Words of each row with times in seconds from the window's start and probabilities.

    `features` [rows, 1500, state] as encoded. A row without tokens has no words.
    """
    words: list[list[WordTiming]] = [[] for _ in texts]
    for rows in _passes(texts):
        chosen = [texts[i] for i in rows]
        for i, row_words in zip(rows, _align_pass(model, features[rows], chosen), strict=True):
            words[i] = row_words
    return words


def _passes(texts: Sequence[Text]) -> Iterator[list[int]]:
    """Rows of similar length together, as many as the bound on positions allows."""
    by_length = sorted((len(text.tokens), i) for i, text in enumerate(texts) if text.tokens)
    rows: list[int] = []
    for length, i in by_length:
        if rows and (len(rows) + 1) * length > POSITIONS_PER_PASS:
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows


def _align_pass(
    model: Any, features: torch.Tensor, texts: Sequence[Text]
) -> list[list[WordTiming]]:
    tokenizers = [tokenizer_for(model, text.language) for text in texts]
    evidence = _read_again(model, features, texts, tokenizers)
    return [
        _words(text, tokenizer, row)
        for text, tokenizer, row in zip(texts, tokenizers, evidence, strict=True)
    ]


@torch.no_grad()
def _read_again(
    model: Any, features: torch.Tensor, texts: Sequence[Text], tokenizers: Sequence[Tokenizer]
) -> list[Evidence]:
    rows = [
        [*tokenizer.sot_sequence, tokenizer.no_timestamps, *text.tokens, tokenizer.eot]
        for text, tokenizer in zip(texts, tokenizers, strict=True)
    ]
    with disable_sdpa(), _attention_of_alignment_heads(model) as heads:
        logits = model.decoder(_pad(rows, tokenizers[0].eot).to(model.device), features)
    attention = torch.stack(heads, dim=1)  # rows, heads, positions, frames
    prompt = len(tokenizers[0].sot_sequence)
    return [
        Evidence(
            _token_probabilities(logits[i, prompt:], text.tokens, tokenizers[i].eot),
            attention[i, :, : len(row), : text.mel_frames // 2],
        )
        for i, (row, text) in enumerate(zip(rows, texts, strict=True))
    ]


def _pad(rows: Sequence[Sequence[int]], filler: int) -> torch.Tensor:
    """Rows of unequal length to one tensor: the decoder is causal, so no token sees the filler."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[filler] * (longest - len(row))] for row in rows])


@contextmanager
def _attention_of_alignment_heads(model: Any) -> Iterator[list[torch.Tensor]]:
    """Collect [rows, positions, frames] of each alignment head; other heads are not kept."""
    heads: list[torch.Tensor] = []
    of_layer: dict[int, list[int]] = {}
    for layer, head in model.alignment_heads.indices().T.tolist():
        of_layer.setdefault(layer, []).append(head)

    def keep(chosen: list[int]) -> Any:
        return lambda _module, _inputs, outputs: heads.extend(outputs[1][:, h] for h in chosen)

    hooks = [
        block.cross_attn.register_forward_hook(keep(of_layer[layer]))
        for layer, block in enumerate(model.decoder.blocks)
        if layer in of_layer
    ]
    try:
        yield heads
    finally:
        for hook in hooks:
            hook.remove()


def _token_probabilities(
    logits: torch.Tensor, tokens: Sequence[int], end_of_text: int
) -> list[float]:
    """Probability of each text token among the text tokens."""
    among = logits[: len(tokens), :end_of_text]
    chosen = among[torch.arange(len(tokens)), list(tokens)]
    return (chosen - among.logsumexp(dim=-1)).exp().tolist()


def _words(text: Text, tokenizer: Tokenizer, evidence: Evidence) -> list[WordTiming]:
    words, word_tokens = tokenizer.split_to_word_tokens([*text.tokens, tokenizer.eot])
    if len(word_tokens) <= 1:
        return []
    bounds = np.cumsum([0, *(len(tokens) for tokens in word_tokens[:-1])])
    times = _token_times(evidence.attention, len(tokenizer.sot_sequence))[bounds]
    return [
        WordTiming(
            word,
            tokens,
            times[i],
            times[i + 1],
            float(np.mean(evidence.probabilities[bounds[i] : bounds[i + 1]])),
        )
        for i, (word, tokens) in enumerate(zip(words[:-1], word_tokens[:-1], strict=True))
    ]


def _token_times(attention: torch.Tensor, prompt: int) -> NDArray[np.float64]:
    """When each text token, and the end of the text, begins: seconds from the window's start."""
    weights = attention.softmax(dim=-1)
    std, mean = torch.std_mean(weights, dim=-2, keepdim=True, unbiased=False)
    matrix = median_filter((weights - mean) / std).mean(dim=0)[prompt:-1]
    tokens, frames = dtw_cpu(-matrix.double().cpu().numpy())
    begins = np.diff(tokens, prepend=-1).astype(bool)
    times: NDArray[np.float64] = frames[begins] / TOKENS_PER_SECOND
    return times


def median_filter(weights: torch.Tensor) -> torch.Tensor:
    """Median over 7 frames, mirrored at the ends.

    A sorting network of minima and maxima over whole tensors: on a CPU a third of the time of
    stock Whisper's sort of every frame, on a GPU without the compiler that its kernel needs.
    """
    half = MEDIAN_WIDTH // 2
    if weights.shape[-1] <= half:
        return weights
    padded = functional.pad(weights, (half, half, 0, 0), mode="reflect")
    lanes = list(padded.unfold(-1, MEDIAN_WIDTH, 1).unbind(-1))
    for low, high in MEDIAN_NETWORK:
        pair = lanes[low], lanes[high]
        lanes[low], lanes[high] = torch.minimum(*pair), torch.maximum(*pair)
    return lanes[half]
