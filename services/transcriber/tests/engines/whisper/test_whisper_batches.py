from dataclasses import replace

import pytest
import torch
from debate_transcriber.engines.whisper.input.batches import batch_size, batches, with_back_off
from debate_transcriber.engines.whisper.input.chunks import Chunk
from whisper.model import Whisper

CHUNKS = [Chunk(i * 30, i * 30 + 30, seconds) for i, seconds in enumerate((3, 20, 8, 30, 15))]


def test_chunks_with_most_speech_go_first_and_alike_ones_together() -> None:
    seconds = [[chunk.speech_seconds for chunk in batch] for batch in batches(CHUNKS, 2)]

    assert seconds == [[30, 20], [15, 8], [3]]


def test_when_memory_runs_out_the_batch_is_halved_and_the_order_kept() -> None:
    sizes = []

    def at_most_two(chunks: list[Chunk]) -> list[float]:
        sizes.append(len(chunks))
        if len(chunks) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return [chunk.start for chunk in chunks]

    assert with_back_off(at_most_two, CHUNKS) == [0, 30, 60, 90, 120]
    assert sizes == [5, 2, 3, 1, 2]


def test_a_single_chunk_that_does_not_fit_is_an_error() -> None:
    def never(chunks: list[Chunk]) -> list[float]:
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        with_back_off(never, CHUNKS)


@pytest.mark.parametrize(
    ("layers", "width", "size"),
    [(6, 512, 16), (12, 1024, 6), (32, 1280, 2), (320, 1280, 1)],
    ids=["base", "medium width", "large", "larger than any"],
)
def test_a_cpu_takes_as_many_chunks_as_a_gigabyte_holds(
    model: Whisper, monkeypatch: pytest.MonkeyPatch, layers: int, width: int, size: int
) -> None:
    monkeypatch.setattr(model, "dims", replace(model.dims, n_text_layer=layers, n_text_state=width))

    assert batch_size(model, itemsize=4) == size
