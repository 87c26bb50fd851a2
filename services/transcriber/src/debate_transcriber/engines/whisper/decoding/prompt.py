"""The names to expect as Whisper takes them: a text that seems to have been said just before.

Half of the decoder's context is for it, 223 tokens: some 30 to 70 names. The initial prompt comes
first, then the vocabulary in its order for as long as there is room.
"""

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from whisper.tokenizer import get_tokenizer

from debate_transcriber.engines.speech import Hints


@dataclass(frozen=True, slots=True)
class Prompt:
    """Tokens for the decoder, and what there was no room for."""

    tokens: list[int]
    cut: bool  # of the initial prompt the end alone is left, as Whisper itself would cut it
    left_out: tuple[str, ...]  # of the vocabulary


def compose_prompt(model: Any, hints: Hints) -> Prompt:
    """Fit the hints into the prompt of a model."""
    encode = get_tokenizer(model.is_multilingual).encode
    room = int(model.dims.n_text_ctx) // 2 - 1
    text = (hints.initial_prompt or "").strip()
    opening = encode(f" {text}") if text else []
    terms = [encode(f" {term},") for term in hints.vocabulary]
    lengths = accumulate((len(term) for term in terms), initial=min(len(opening), room))
    fitting = sum(length <= room for length in lengths) - 1
    tokens = opening[-room:] + [token for term in terms[:fitting] for token in term]
    return Prompt(tokens, len(opening) > room, hints.vocabulary[fitting:])


def describe_losses(prompt: Prompt) -> str | None:
    """Say what there was no room for; None where all of it fits."""
    losses = ["the beginning of INITIAL_PROMPT"] if prompt.cut else []
    if prompt.left_out:
        losses.append(f"{len(prompt.left_out)} of the vocabulary, from {prompt.left_out[0]!r} on")
    return (
        f"Whisper takes no more names than this: {' and '.join(losses)} left out"
        if losses
        else None
    )
