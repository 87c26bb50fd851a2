"""Decodes a batch and decodes again only the rows that came out badly.

The limits are Whisper's own (`whisper.transcribe`): text that compresses too well is a repetition
loop, a low mean log-probability is a guess, and a guess on what sounds like silence is dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from whisper.decoding import DecodingOptions

from debate_transcriber.engines.whisper.decoding import Row, decode_rows
from debate_transcriber.engines.whisper.passes import EncodedAudio

SEED = 0  # sampled attempts give the same text on every run


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way of decoding: beam search when `beam_size` is given, else greedy or sampled."""

    temperature: float = 0.0
    beam_size: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """When a row is good enough, and what to try while it is not."""

    compression_ratio: float = 2.4  # above: repetitive
    avg_logprob: float = -1.0  # below: a guess
    no_speech_prob: float = 0.6  # above, and a guess: silence
    doubtful: float = -0.5  # below: decoded with time marks too; good texts have -0.1 to -0.4
    hears_again: bool = True  # what is doubtful, or leaves out speech; see hearing.py
    retries: tuple[Attempt, ...] = (
        Attempt(beam_size=5),
        *(Attempt(temperature) for temperature in (0.2, 0.4, 0.6, 0.8, 1.0)),
    )

    def is_silent(self, row: Row) -> bool:
        """Whether the text was made up on silence or noise."""
        return row.no_speech_prob > self.no_speech_prob and row.avg_logprob < self.avg_logprob

    def is_repetitive(self, row: Row) -> bool:
        """Whether the text goes round in a loop."""
        return row.compression_ratio > self.compression_ratio

    def is_good(self, row: Row) -> bool:
        """Whether the row needs no further attempt (silence needs none)."""
        is_guess = row.avg_logprob < self.avg_logprob
        return self.is_silent(row) or not (is_guess or self.is_repetitive(row))


def decode_with_retries(
    model: Any,
    audio: EncodedAudio,
    languages: Sequence[str],
    options: DecodingOptions,
    limits: Limits,
) -> list[Row]:
    """As in `options` for all rows, then each attempt of `limits` for those that still fail.

    A row that no attempt mends keeps its likeliest text, a loop only where all were loops.
    Silent rows come back without tokens.
    """
    tries = [[row] for row in decode_rows(model, audio, languages, options)]
    for attempt in limits.retries:
        if attempt == Attempt(beam_size=options.beam_size):
            continue
        failed = [i for i, rows in enumerate(tries) if not limits.is_good(rows[-1])]
        if not failed:
            break
        chosen = [languages[i] for i in failed]
        for i, row in zip(
            failed, _try_again(model, audio[failed], chosen, options, attempt), strict=True
        ):
            tries[i].append(row)
    return [_without_silence(_best(rows, limits), limits) for rows in tries]


def _try_again(
    model: Any,
    audio: EncodedAudio,
    languages: Sequence[str],
    options: DecodingOptions,
    attempt: Attempt,
) -> list[Row]:
    changed = replace(options, temperature=attempt.temperature, beam_size=attempt.beam_size)
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        return decode_rows(model, audio, languages, changed)


def _best(rows: Sequence[Row], limits: Limits) -> Row:
    if limits.is_good(rows[-1]):
        return rows[-1]
    return max(rows, key=lambda row: (not limits.is_repetitive(row), row.avg_logprob))


def _without_silence(row: Row, limits: Limits) -> Row:
    return replace(row, tokens=[], text="") if limits.is_silent(row) else row
