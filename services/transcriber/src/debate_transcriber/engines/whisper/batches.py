"""How many chunks go through the model together, and what to do when that was too many."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import torch

from debate_transcriber.engines.whisper.chunks import Chunk

CPU_BATCH = 8  # decoding gains little beyond; memory stays near that of one window
LARGEST_GPU_BATCH = 32
GPU_SHARE = 0.5  # of the free memory; the rest is for activations

Result = TypeVar("Result")


def batch_size(model: Any, itemsize: int) -> int:
    """Chunks per batch: fixed on a CPU, by free memory on a GPU (`itemsize` bytes per number)."""
    if model.device.type != "cuda":
        return CPU_BATCH
    dims = model.dims
    # keys and values of the cross-attention of every layer stay for the whole decoding
    keys_and_values = 2 * dims.n_text_layer * dims.n_audio_ctx * dims.n_text_state * itemsize
    free, _total = torch.cuda.mem_get_info(model.device)
    return max(1, min(LARGEST_GPU_BATCH, int(free * GPU_SHARE / (2 * keys_and_values))))


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
