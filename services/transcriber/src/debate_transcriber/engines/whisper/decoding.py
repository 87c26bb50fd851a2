"""Batched decoding of encoded windows, each row in its own language.

Stock `whisper.decode` takes a batch, but one language for all of it, and its beam search and
best-of-n fail on more than one window because the audio features are not repeated per candidate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from whisper.decoding import DecodingOptions, DecodingResult, DecodingTask

from debate_transcriber.engines.whisper.greedy import GreedySearch, Trace
from debate_transcriber.engines.whisper.passes import EncodedAudio, Passes


@dataclass(frozen=True, slots=True)
class Row:
    """The text of one window. `tokens` are text only, without the end-of-text mark.

    `trace` is there where decoding left what the words can be aligned by.
    """

    language: str
    tokens: list[int]
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float
    trace: Trace | None = field(default=None, compare=False, repr=False)


class RowDecoding(DecodingTask):  # type: ignore[misc]  # whisper has no types
    """Whisper's own decoding with a language per row and any number of candidates per row."""

    def __init__(
        self, model: Any, options: DecodingOptions, languages: Sequence[str], audio: EncodedAudio
    ) -> None:
        super().__init__(model, options)
        self.languages = list(languages)
        self.is_greedy = not options.temperature and options.beam_size is None
        # Word times are those of the text alone: after a prompt it is read anew for them.
        traced = self.is_greedy and not options.prompt and not options.prefix
        self.inference = Passes(model, audio, self.n_group, keeps_queries=traced)
        self.decoder.inference = self.inference  # beam search rearranges what it holds
        self.traces: Sequence[Trace | None] = [None] * len(audio)

    def _get_audio_features(self, features: torch.Tensor) -> torch.Tensor:
        return features.repeat_interleave(self.n_group, dim=0)

    def _detect_language(
        self, _features: torch.Tensor, tokens: torch.Tensor
    ) -> tuple[list[str], None]:
        if self.model.is_multilingual:
            ids = [self.tokenizer.to_language_token(language) for language in self.languages]
            tokens[:, self.sot_index + 1] = torch.tensor(ids)
        return self.languages, None

    def _main_loop(self, features: torch.Tensor, tokens: torch.Tensor) -> Any:
        """Tokens, summed log-probability and no-speech probability of each row."""
        if not self.is_greedy:
            return super()._main_loop(features, tokens)
        search = GreedySearch(self.inference, tokens, self.logit_filters, self.tokenizer.eot)
        search.run(self.sample_len, self.n_ctx)
        if self.inference.keeps_queries:
            self.traces = search.traces()
        return search.found, search.logprobs, self._no_speech(search.hidden)

    def _no_speech(self, hidden: Any) -> list[float]:
        logits = self.inference.vocabulary(hidden[:, self.sot_index])
        probabilities: list[float] = logits.softmax(dim=-1)[:, self.tokenizer.no_speech].tolist()
        return probabilities


def decode_rows(
    model: Any, audio: EncodedAudio, languages: Sequence[str], options: DecodingOptions
) -> list[Row]:
    """Decode windows together; rows come back in order."""
    task = RowDecoding(model, options, languages, audio)
    results = task.run(audio.features)
    rows = zip(results, task.traces, strict=True)
    return [_row(result, trace, task.tokenizer.eot) for result, trace in rows]


def _row(result: DecodingResult, trace: Trace | None, end_of_text: int) -> Row:
    tokens = [token for token in result.tokens if token < end_of_text]
    return Row(
        result.language,
        tokens,
        result.text,
        result.avg_logprob,
        result.no_speech_prob,
        result.compression_ratio,
        result.temperature,
        trace if len(tokens) == len(result.tokens) else None,
    )
