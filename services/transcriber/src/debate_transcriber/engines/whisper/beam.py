"""Beam search over many windows: Whisper's own, step by step as tensors.

The candidates are those of `whisper.decoding.BeamSearchDecoder`, which keeps them as dictionaries
of token rows and moves the keys and values of all rows at each step. Here these stay where they
are written, each beam knows which of them are its past (`Passes.follow`), and windows that have
all their candidates leave the batch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from debate_transcriber.engines.whisper.passes import Passes


@dataclass
class BeamSearch:
    """The windows of a batch, [windows, positions] of tokens at first, on the way to their texts.

    `finished` has for each window the texts found, prompt and end included, and their summed
    log-probability.
    """

    passes: Passes
    tokens: Tensor
    filters: Sequence[Any]  # whisper.decoding.LogitFilter
    end: int  # the end-of-text token
    size: int  # beams
    candidates: int  # finished texts after which a window is done

    def __post_init__(self) -> None:
        self.finished: list[dict[tuple[int, ...], float]] = [{} for _ in self.tokens]
        self.windows = list(range(len(self.tokens)))  # those still searched
        self.logprobs = torch.zeros(len(self.tokens), 1, device=self.tokens.device)
        self.hidden: Tensor | None = None  # the decoder's output on the prompt

    def run(self, most: int, longest: int) -> None:
        """Search up to `most` tokens; stop when all windows are done or pass `longest`."""
        for _ in range(most):
            self._step()
            if self._all_done() or self.tokens.shape[1] > longest:
                break
            self._drop_done()
        self._add_unfinished()

    def _step(self) -> None:
        hidden = self.passes.read(self.tokens[:, self.passes.length :])
        if self.hidden is None:
            self.hidden = hidden
        logits = self.passes.vocabulary(hidden[:, -1])
        for logit_filter in self.filters:
            logit_filter.apply(logits, self.tokens)
        score, chosen = logits.topk(self.size + 1)
        score = self.logprobs.flatten()[:, None] + score - logits.logsumexp(dim=-1, keepdim=True)
        self._keep_best(score.view(len(self.windows), -1), chosen.view(len(self.windows), -1))

    def _keep_best(self, score: Tensor, chosen: Tensor) -> None:
        """Go on with the best `size` texts of each window; what ends before them is finished."""
        score, order = score.sort(dim=1, descending=True, stable=True)
        chosen = chosen.gather(1, order)
        source = order // (self.size + 1)
        ended = chosen == self.end
        rank = (~ended).cumsum(dim=1)
        self._finish(ended & (rank < self.size), source, score)
        best = (~ended & (rank <= self.size)).nonzero()[:, 1].view(-1, self.size)
        source = source.gather(1, best)
        rows = self._rows(source)
        self.tokens = torch.cat([self.tokens[rows], chosen.gather(1, best).view(-1, 1)], dim=1)
        self.logprobs = score.gather(1, best)
        self.passes.follow(source)

    def _rows(self, source: Tensor) -> Tensor:
        """Rows of `tokens` by the number of the beam in each window."""
        beams = len(self.tokens) // len(self.windows)
        first = torch.arange(len(self.windows), device=source.device)[:, None] * beams
        return (first + source).flatten()

    def _finish(self, ended: Tensor, source: Tensor, score: Tensor) -> None:
        if not bool(ended.any()):
            return
        rows = self._rows(source).view(source.shape)
        for window, place in ended.nonzero().tolist():  # the best first
            texts = self.finished[self.windows[window]]
            if len(texts) < self.candidates:
                text = (*self.tokens[rows[window, place]].tolist(), self.end)
                texts[text] = float(score[window, place])

    def _is_done(self, window: int) -> bool:
        return len(self.finished[window]) >= self.candidates

    def _all_done(self) -> bool:
        return all(self._is_done(window) for window in self.windows)

    def _drop_done(self) -> None:
        """Take out windows that are done, once they are half of the batch: it costs a copy."""
        going_on = [i for i, window in enumerate(self.windows) if not self._is_done(window)]
        if 2 * len(going_on) > len(self.windows):
            return
        kept = torch.tensor(going_on, device=self.tokens.device)
        self.passes.select(kept)
        self.tokens = self.tokens.view(len(self.windows), self.size, -1)[kept].flatten(0, 1)
        self.logprobs = self.logprobs[kept]
        self.windows = [self.windows[i] for i in going_on]

    def _add_unfinished(self) -> None:
        """Fill up windows that had no room for enough ends with their best texts so far."""
        for i, window in enumerate(self.windows):
            texts = self.finished[window]
            for beam in self.logprobs[i].argsort(descending=True).tolist():
                if len(texts) >= self.size:
                    break
                text = (*self.tokens[i * self.size + beam].tolist(), self.end)
                texts[text] = float(self.logprobs[i, beam])
