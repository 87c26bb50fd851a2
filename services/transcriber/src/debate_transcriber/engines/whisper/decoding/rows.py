"""Batched decoding of encoded windows, each row in its own language.

Stock `whisper.decode` takes a batch, but one language for all of it, and its beam search and
best-of-n fail on more than one window because the audio features are not repeated per candidate.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from whisper.decoding import DecodingOptions, DecodingResult, DecodingTask

from debate_transcriber.engines.whisper.decoding.beam import BeamSearch
from debate_transcriber.engines.whisper.decoding.greedy import GreedySearch, Trace
from debate_transcriber.engines.whisper.decoding.passes import EncodedAudio, Passes

SECONDS_PER_MARK = 0.02


@dataclass(frozen=True, slots=True)
class Row:
    """The text of one window. `tokens` are text only, without the end-of-text mark.

    `trace` is there where decoding left what the words can be aligned by. `until` is where a text
    with time marks ends, in seconds from the window's start; None: at the window's end.
    """

    language: str
    tokens: list[int]
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float
    temperature: float
    until: float | None = None
    trace: Trace | None = field(default=None, compare=False, repr=False)


class RowDecoding(DecodingTask):  # type: ignore[misc]  # whisper has no types
    """Whisper's own decoding with a language per row and our searches for the likeliest text."""

    def __init__(
        self, model: Any, options: DecodingOptions, languages: Sequence[str], audio: EncodedAudio
    ) -> None:
        super().__init__(model, options)
        self.languages = list(languages)
        is_greedy = not options.temperature and options.beam_size is None
        # Word times are those of the text alone: after a prompt it is read anew for them.
        traced = is_greedy and not options.prompt and not options.prefix
        self.inference = Passes(model, audio, keeps_queries=traced)
        self.traces: Sequence[Trace | None] = [None] * len(audio)

    def _get_audio_features(self, features: torch.Tensor) -> torch.Tensor:
        """Rows per candidate, for what counts them: the audio itself is in `Passes`."""
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
        if self.options.temperature:
            return super()._main_loop(features, tokens)
        if self.options.beam_size:
            return self._search_beams(tokens)
        search = GreedySearch(self.inference, tokens, self.logit_filters, self.tokenizer.eot)
        search.run(self.sample_len, self.n_ctx)
        if self.inference.keeps_queries:
            self.traces = search.traces()
        return search.found, search.logprobs, self._no_speech(search.hidden)

    def _search_beams(self, tokens: torch.Tensor) -> Any:
        """As above; the candidates are where `BeamSearchDecoder` has them at the end."""
        search = BeamSearch(
            self.inference,
            tokens[:: self.n_group],
            self.logit_filters,
            self.tokenizer.eot,
            self.n_group,
            self.decoder.max_candidates,
        )
        search.run(self.sample_len, self.n_ctx)
        self.decoder.finished_sequences = search.finished
        silence = [p for p in self._no_speech(search.hidden) for _ in range(self.n_group)]
        return tokens, torch.zeros(len(tokens)), silence

    def _no_speech(self, hidden: Any) -> list[float]:
        logits = self.inference.vocabulary(hidden[:, self.sot_index])
        probabilities: list[float] = logits.softmax(dim=-1)[:, self.tokenizer.no_speech].tolist()
        return probabilities


def decode_rows(
    model: Any, audio: EncodedAudio, languages: Sequence[str], options: DecodingOptions
) -> list[Row]:
    """Decode windows together; rows come back in order."""
    task = RowDecoding(model, options, languages, audio)
    results = task.run(audio.features[audio.rows, :1])
    rows = zip(results, task.traces, strict=True)
    return [_row(result, trace, task) for result, trace in rows]


def _row(result: DecodingResult, trace: Trace | None, task: RowDecoding) -> Row:
    said, until = result.tokens, None
    if not task.options.without_timestamps:
        said, until = finished(result.tokens, task.tokenizer.timestamp_begin)
    tokens = [token for token in said if token < task.tokenizer.eot]
    return Row(
        result.language,
        tokens,
        result.text,
        result.avg_logprob,
        result.no_speech_prob,
        result.compression_ratio,
        result.temperature,
        until,
        trace if len(tokens) == len(result.tokens) else None,
    )


def finished(tokens: list[int], zero: int) -> tuple[list[int], float | None]:
    """The part of a text with time marks that its last mark ends, and the time of that mark.

    As in `whisper.transcribe`: what follows the last pair of marks was broken off by the window's
    end. `zero` is the mark of 0 s.
    """
    marks = [i for i, token in enumerate(tokens) if token >= zero]
    if len(marks) < 2:
        return tokens, None
    last = marks[-1]
    if last != len(tokens) - 1 and last - 1 in marks:  # begins what was broken off
        last -= 1
    return tokens[:last], (tokens[last] - zero) * SECONDS_PER_MARK
