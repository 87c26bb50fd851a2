"""Batched decoding of encoded windows, each row in its own language.

Stock `whisper.decode` takes a batch, but one language for all of it, and its beam search and
best-of-n fail on more than one window because the audio features are not repeated per candidate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from whisper.decoding import DecodingOptions, DecodingResult, DecodingTask


@dataclass(frozen=True, slots=True)
class Row:
    """The text of one window. `tokens` are text only, without the end-of-text mark."""

    language: str
    tokens: list[int]
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float


class RowDecoding(DecodingTask):  # type: ignore[misc]  # whisper has no types
    """Whisper's own decoding with a language per row and any number of candidates per row."""

    def __init__(self, model: Any, options: DecodingOptions, languages: Sequence[str]) -> None:
        super().__init__(model, options)
        self.languages = list(languages)

    def _get_audio_features(self, mel: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = super()._get_audio_features(mel)
        return features.repeat_interleave(self.n_group, dim=0)

    def _detect_language(
        self, _features: torch.Tensor, tokens: torch.Tensor
    ) -> tuple[list[str], None]:
        if self.model.is_multilingual:
            ids = [self.tokenizer.to_language_token(language) for language in self.languages]
            tokens[:, self.sot_index + 1] = torch.tensor(ids)
        return self.languages, None


def decode_rows(
    model: Any, features: torch.Tensor, languages: Sequence[str], options: DecodingOptions
) -> list[Row]:
    """Decode encoded windows [rows, 1500, state] together; rows come back in order."""
    task = RowDecoding(model, options, languages)
    return [_row(result, task.tokenizer.eot) for result in task.run(features)]


def _row(result: DecodingResult, end_of_text: int) -> Row:
    return Row(
        result.language,
        [token for token in result.tokens if token < end_of_text],
        result.text,
        result.avg_logprob,
        result.no_speech_prob,
        result.compression_ratio,
        result.temperature,
    )
