"""Greedy decoding of many windows: rows leave when they are done, and what they heard is kept.

The tokens are those of Whisper's own loop. Beside them stays what word times need: how probable
each token is among the text tokens, and what the alignment heads looked for while it was read.
Stock Whisper has the decoder read the finished text a second time for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from debate_transcriber.engines.whisper.decoding.passes import Passes


@dataclass(frozen=True, slots=True)
class Trace:
    """Of one text: the probability of each token among text tokens, and the queries of each layer.

    `queries` [heads, positions, head size], over prompt, text and end of text, by layer.
    """

    probabilities: list[float]
    queries: dict[int, Tensor]


@dataclass
class GreedySearch:
    """The rows of a batch, [rows, positions] of tokens, on their way to the end-of-text token."""

    passes: Passes
    tokens: Tensor
    filters: Sequence[Any]  # whisper.decoding.LogitFilter
    end: int  # the end-of-text token; text tokens lie below it

    def __post_init__(self) -> None:
        count, self.prompt = self.tokens.shape
        self.hidden: Tensor | None = None  # the decoder's output on the prompt
        self.found = self.tokens.clone()  # of all rows
        self.logprobs = torch.zeros(count, device=self.tokens.device)
        self.probabilities: list[Tensor] = []  # per step, of all rows

    def run(self, most: int, longest: int) -> None:
        """Decode up to `most` tokens; stop a row at its end, all when they pass `longest`."""
        for _ in range(most):
            self._step()
            if bool((self.tokens[:, -1] == self.end).all()) or self.tokens.shape[1] > longest:
                break
            self._drop_ended()
        if self.passes.keeps_queries:
            self._read_to_the_end()

    def _step(self) -> None:
        hidden = self.passes.read(self.tokens[:, self.passes.length :])
        if self.hidden is None:
            self.hidden = hidden
        logits = self.passes.vocabulary(hidden[:, -1])
        among_text = logits[:, : self.end].logsumexp(dim=-1)
        for logit_filter in self.filters:
            logit_filter.apply(logits, self.tokens)
        score, chosen = logits.max(dim=-1)
        ended = self.tokens[:, -1] == self.end
        rows = self.passes.rows
        self.logprobs[rows] += (score - logits.logsumexp(dim=-1)).masked_fill(ended, 0)
        self._note((score - among_text).exp(), chosen.masked_fill(ended, self.end))

    def _note(self, probabilities: Tensor, chosen: Tensor) -> None:
        rows = self.passes.rows
        self.tokens = torch.cat([self.tokens, chosen[:, None]], dim=1)
        self.found = torch.nn.functional.pad(self.found, (0, 1), value=self.end)
        self.found[rows, -1] = chosen
        everyone = torch.zeros_like(self.logprobs)
        everyone[rows] = probabilities
        self.probabilities.append(everyone)

    def _drop_ended(self) -> None:
        """Take out rows whose end was read; on a GPU it costs a copy, so half of them at once."""
        going_on = (self.tokens[:, -2] != self.end).nonzero()[:, 0]
        enough = len(self.tokens) // 2 if self.tokens.is_cuda else len(self.tokens) - 1
        if len(going_on) <= enough:
            self.passes.select(going_on)
            self.tokens = self.tokens[going_on]

    def _read_to_the_end(self) -> None:
        """Read what was chosen last, and the end of text where a row was stopped before it."""
        self.passes.read(self.tokens[:, -1:])
        if bool((self.tokens[:, -1] != self.end).any()):
            self.passes.read(torch.full_like(self.tokens[:, -1:], self.end))

    def traces(self) -> list[Trace]:
        """What each row's words can be aligned by."""
        queries = {layer: torch.cat(parts, 2) for layer, parts in self.passes.queries.items()}
        probabilities = torch.stack(self.probabilities, dim=1).tolist()
        lengths = (self.found[:, self.prompt :] != self.end).sum(dim=1).tolist()
        return [
            Trace(
                probabilities[row][:length],
                {layer: q[row, :, : self.prompt + length + 1] for layer, q in queries.items()},
            )
            for row, length in enumerate(lengths)
        ]
