"""The decoder's forward passes, with everything computed once that stays the same.

Keys and values of the cross-attention belong to the audio: they are made once per window and serve
every attempt at its text, all beams of a search and the alignment. Those of the self-attention grow
in place. Stock Whisper makes the former anew for each of these and copies the latter at each token.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention
from whisper.decoding import Inference

GROWTH = 64  # positions by which the self-attention's memory grows

Rows = Sequence[int] | slice | Tensor


@dataclass(frozen=True, slots=True)
class EncodedAudio:
    """Windows as encoded, [rows, 1500, state], and what the decoder makes of them.

    `keys` and `values` of each layer's cross-attention are [rows, heads, 1500, head size]. Some of
    the windows are `rows` of the same tensors: 37 MB each with `base`, and a copy of a batch for
    every set of them would be what a recording of hours has no room for. A GPU reads them at once,
    so there they are copied.
    """

    features: Tensor
    keys: list[Tensor]
    values: list[Tensor]
    rows: Tensor

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, rows: Rows) -> "EncodedAudio":
        """Some of the windows."""
        chosen = self.rows[rows]
        if not self.features.is_cuda:
            return replace(self, rows=chosen)
        keys, values = ([part[chosen] for part in parts] for parts in (self.keys, self.values))
        return _all_of(self.features[chosen], keys, values)

    def between(self, first: int, last: int) -> "EncodedAudio":
        """Some of the frames, 50 a second, as they were heard among the others."""
        keys, values = (
            [part[:, :, first:last] for part in parts] for parts in (self.keys, self.values)
        )
        return EncodedAudio(self.features[:, first:last], keys, values, self.rows)

    def attend(self, layer: int, query: Tensor) -> Tensor:
        """What each position [rows, heads, positions, head size] hears of its window."""
        keys, values = self.keys[layer], self.values[layer]
        if query.is_cuda:
            return _attend(query, keys, values)
        return torch.stack(
            [_attend(query[at], keys[row], values[row]) for at, row in enumerate(self.rows)]
        )


def _all_of(features: Tensor, keys: list[Tensor], values: list[Tensor]) -> EncodedAudio:
    return EncodedAudio(features, keys, values, torch.arange(len(features), device=features.device))


@torch.no_grad()
def read_audio(model: Any, features: Tensor) -> EncodedAudio:
    """Compute what every pass of the decoder over encoded windows needs."""
    attentions = [block.cross_attn for block in model.decoder.blocks]
    return _all_of(
        features,
        [_project(attention.key, features, attention.n_head) for attention in attentions],
        [_project(attention.value, features, attention.n_head) for attention in attentions],
    )


def _project(linear: Any, features: Tensor, heads: int) -> Tensor:
    """Project [rows, frames, state] to [rows, heads, frames, head size].

    On a CPU frames lie beside each other in memory: one token's attention then reads it in order,
    at the speed of the memory, which is what decoding waits for.
    """
    if features.is_cuda:
        return _by_head(linear(features), heads)
    weights: Tensor = linear.weight.to(features.dtype).expand(len(features), -1, -1)
    projected = weights.bmm(features.transpose(1, 2))
    if linear.bias is not None:
        projected += linear.bias[:, None]
    return projected.view(len(features), heads, -1, features.shape[1]).transpose(2, 3)


def _by_head(projected: Tensor, heads: int) -> Tensor:
    """[rows, positions, state] to [rows, heads, positions, head size]."""
    return projected.view(*projected.shape[:2], heads, -1).transpose(1, 2)


def _attend(query: Tensor, keys: Tensor, values: Tensor, sees: Tensor | None = None) -> Tensor:
    """Attention of every position to all keys, or to those it `sees` [rows, positions, keys].

    The other shapes are those of `_by_head`, or of one row of it.
    """
    mask = None if sees is None else sees[:, None]
    if query.is_cuda:
        return scaled_dot_product_attention(query, keys, values, mask)
    weights: Tensor = (query * query.shape[-1] ** -0.5) @ keys.transpose(-2, -1)
    if mask is not None:
        weights.masked_fill_(~mask, -torch.inf)
    return weights.softmax(dim=-1) @ values


@dataclass
class Memory:
    """Keys or values of one layer's self-attention, [rows, heads, room, head size]."""

    room: Tensor | None = None

    def extended(self, new: Tensor, before: int) -> Tensor:
        """Add those of new positions after the `before` first; return all."""
        after = before + new.shape[2]
        if self.room is None:
            self.room = new.new_empty((*new.shape[:2], 0, new.shape[3]))
        if after > self.room.shape[2]:
            more = max(GROWTH, after - self.room.shape[2], self.room.shape[2] // 2)
            self.room = pad(self.room, (0, 0, 0, more))
        self.room[:, :, before:after] = new
        return self.room[:, :, :after]


@dataclass
class Passes(Inference):  # type: ignore[misc]  # whisper has no types
    """Whisper's interface to the decoder: tokens to logits, reading only what is new.

    Each window of `audio` has a row of tokens, or several (beams), which lie beside each other:
    their keys and values go into one memory, and `sees` [windows, beams, places in it] says which
    are whose. Where queries are wanted, those of the alignment heads are kept: what each token
    looked for.
    """

    model: Any
    audio: EncodedAudio
    keeps_queries: bool = False

    def __post_init__(self) -> None:
        self.heads = alignment_heads(self.model) if self.keeps_queries else {}
        words: Tensor = self.model.decoder.token_embedding.weight
        self.words = words.to(self.audio.features.dtype)  # once, not for every token
        self.cleanup_caching()

    def cleanup_caching(self) -> None:
        """Forget what was read."""
        self.length = 0  # positions read so far
        self.places = 0  # in the memories
        self.group = 1  # rows per window
        self.sees: Tensor | None = None
        self.memories = [(Memory(), Memory()) for _ in self.model.decoder.blocks]
        self.total = len(self.audio)
        self.rows = torch.arange(self.total, device=self.audio.features.device)  # those still read
        self.queries: dict[int, list[Tensor]] = {layer: [] for layer in self.heads}  # per pass

    def logits(self, tokens: Tensor, audio_features: Tensor) -> Tensor:
        """Logits of the positions not yet read, [rows, new positions, vocabulary]."""
        del audio_features  # read already
        return self.vocabulary(self.read(tokens[:, self.length :]))

    def vocabulary(self, hidden: Tensor) -> Tensor:
        """Logits in fp32 from what `read` returned."""
        return (hidden @ self.words.T).float()

    def read(self, tokens: Tensor) -> Tensor:
        """Read further tokens [rows, positions]: several at first, then one at a time.

        Returns the last layer's output, [rows, positions, state].
        """
        if self.sees is not None:
            itself = torch.eye(self.group, dtype=torch.bool, device=self.sees.device)
            self.sees = torch.cat([self.sees, itself.expand(len(self.sees), -1, -1)], dim=2)
        decoder = self.model.decoder
        places = decoder.positional_embedding[self.length : self.length + tokens.shape[1]]
        x = (decoder.token_embedding(tokens) + places).to(self.audio.features.dtype)
        for layer, block in enumerate(decoder.blocks):
            x = x + self._own_past(layer, block.attn, block.attn_ln(x))
            x = x + self._heard(layer, block.cross_attn, block.cross_attn_ln(x))
            x = x + block.mlp(block.mlp_ln(x))
        self.length += tokens.shape[1]
        self.places += tokens.shape[1] * self.group
        return decoder.ln(x)  # type: ignore[no-any-return]  # whisper has no types

    def _own_past(self, layer: int, attention: Any, x: Tensor) -> Tensor:
        """Self-attention: each position to itself and those before."""
        grouped = self._grouped(x)
        keys, values = (
            memory.extended(_by_head(project(grouped), attention.n_head), self.places)
            for memory, project in zip(
                self.memories[layer], (attention.key, attention.value), strict=True
            )
        )
        query = _by_head(attention.query(grouped), attention.n_head)
        if x.shape[1] > 1:
            found = scaled_dot_product_attention(query, keys, values, is_causal=True)
        else:
            found = _attend(query, keys, values, self.sees)
        return attention.out(found.transpose(1, 2).reshape(x.shape))  # type: ignore[no-any-return]

    def _grouped(self, x: Tensor) -> Tensor:
        """The rows of a group as positions of one: [windows, rows and positions, state]."""
        return x.reshape(-1, self.group * x.shape[1], x.shape[2])

    def _heard(self, layer: int, attention: Any, x: Tensor) -> Tensor:
        """Cross-attention: the rows of a group hear the same."""
        query = _by_head(attention.query(self._grouped(x)), attention.n_head)
        if layer in self.heads:
            self._keep_queries(layer, query[:, self.heads[layer]])
        found = self.audio.attend(layer, query)
        return attention.out(found.transpose(1, 2).reshape(x.shape))  # type: ignore[no-any-return]

    def _keep_queries(self, layer: int, queries: Tensor) -> None:
        """Note them as those of all rows; zeros where a row is no longer read."""
        everyone = queries.new_zeros((self.total, *queries.shape[1:]))
        everyone[self.rows] = queries
        self.queries[layer].append(everyone)

    def select(self, windows: Tensor) -> None:
        """Go on with these windows only."""
        self.audio = self.audio[windows]
        self.rows = self.rows[windows]
        if self.sees is not None:
            self.sees = self.sees[windows]
        for memory in (memory for pair in self.memories for memory in pair):
            if memory.room is not None:
                memory.room = memory.room[windows]

    def follow(self, beams: Tensor) -> None:
        """Go on with one row for each of `beams`, [windows, rows]: the rows whose past they have.

        Nothing of the memory is moved.
        """
        past = self.sees
        if past is None:
            past = beams.new_ones((len(beams), 1, self.places), dtype=torch.bool)
        self.group = beams.shape[1]
        self.sees = past.gather(1, beams[:, :, None].expand(-1, -1, self.places))


def alignment_heads(model: Any) -> dict[int, list[int]]:
    """The heads whose attention shows when a token is said, by layer."""
    heads: dict[int, list[int]] = {}
    for layer, head in model.alignment_heads.indices().T.tolist():
        heads.setdefault(layer, []).append(head)
    return heads
