"""How many chunks go through the model together, and what to do when that was too many."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import torch

from debate_transcriber.engines.devices import fit, items_that_fit
from debate_transcriber.engines.whisper.input.chunks import Chunk

LARGEST_BATCH = {"cpu": 16, "cuda": 64}  # beyond, nothing is gained but memory taken
CPU_MEMORY = 1e9  # bytes

Result = TypeVar("Result")


def batch_size(model: Any, itemsize: int) -> int:
    """Chunks per batch, by the memory that a chunk takes (`itemsize` bytes per number).

    That is the keys and values of the cross-attention of every layer, kept while decoding.
    """
    dims, device = model.dims, model.device
    per_chunk = 2 * dims.n_text_layer * dims.n_audio_ctx * dims.n_text_state * itemsize
    most = LARGEST_BATCH.get(device.type, 1)
    if device.type == "cuda":
        return items_that_fit(device, per_chunk, most)
    return fit(CPU_MEMORY, per_chunk, most)


def batches(chunks: Sequence[Chunk], size: int) -> Iterator[list[Chunk]]:
    """Chunks with most speech first: a batch runs until its longest row is done."""
    ordered = sorted(chunks, key=lambda chunk: chunk.speech_seconds, reverse=True)
    for first in range(0, len(ordered), size):
        yield ordered[first : first + size]


def with_back_off(work: Callable[[list[Chunk]], list[Result]], chunks: list[Chunk]) -> list[Result]:
    """Run `work` on all chunks, or on halves of them for as long as memory runs out."""
    try:
        return work(chunks)
    except torch.OutOfMemoryError:
        if len(chunks) == 1:
            raise
    torch.cuda.empty_cache()
    middle = len(chunks) // 2
    return with_back_off(work, chunks[:middle]) + with_back_off(work, chunks[middle:])
