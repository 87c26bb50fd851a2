"""What a GPU would be asked to do, without one."""

import pytest
import torch
from debate_transcriber.engines import devices
from debate_transcriber.engines.devices import (
    disable_cudnn_attention,
    fit,
    items_that_fit,
    own_stream,
    tensor_floats,
)
from debate_transcriber.engines.whisper.input.batches import batch_size
from debate_transcriber.engines.whisper.model import choose_precision, overflows
from generated import random_whisper
from whisper.model import Whisper

VOLTA, AMPERE, PASCAL = (7, 0), (8, 0), (6, 1)


@pytest.mark.parametrize(
    ("capability", "overflowing", "precision"),
    [
        (None, False, torch.float32),
        (PASCAL, False, torch.float32),
        (VOLTA, False, torch.float16),
        (AMPERE, False, torch.float16),
        (AMPERE, True, torch.bfloat16),
        (VOLTA, True, torch.float32),
    ],
    ids=["no GPU", "old GPU", "fp16", "fp16, newer", "overflow on Ampere", "overflow on Volta"],
)
def test_the_precision_is_the_quickest_that_the_gpu_has_and_the_weights_fit(
    capability: tuple[int, int] | None, overflowing: bool, precision: torch.dtype
) -> None:
    assert choose_precision(capability, lambda _precision: overflowing) == precision


def test_weights_that_leave_the_range_of_fp16_are_noticed(model: Whisper) -> None:
    large = random_whisper()
    with torch.no_grad():
        large.encoder.conv2.weight.mul_(1e6)

    assert not overflows(model, torch.float16)
    assert overflows(large, torch.float16)
    assert not overflows(large, torch.bfloat16)


@pytest.mark.parametrize(
    ("memory", "items"),
    [(0, 1), (99, 1), (250, 2), (10_000, 64)],
    ids=["none", "too little for one", "two and a half", "more than is useful"],
)
def test_a_batch_holds_what_memory_does(memory: float, items: int) -> None:
    assert fit(memory, bytes_per_item=100, most=64) == items


def test_of_the_free_memory_a_share_is_counted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _device: (8e9, 16e9))

    assert items_that_fit(torch.device("cuda"), 100e6, most=64) == 8e9 * devices.GPU_SHARE // 100e6


def test_a_gpu_takes_chunks_by_its_free_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    class OnGpu:
        device = torch.device("cuda")
        dims = random_whisper().dims

    per_chunk = 2 * 2 * 1500 * 64 * 2
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _device: (40.5 * per_chunk, 1e12))

    assert batch_size(OnGpu(), itemsize=2) == 10


def test_without_a_gpu_there_are_no_streams_to_keep_apart() -> None:
    for _ in range(2):
        with own_stream(torch.device("cpu")) as stream:
            assert stream is None


def test_tf32_is_allowed_for_a_while_only() -> None:
    backend = torch.backends.cudnn
    backend.allow_tf32 = False  # as pyannote leaves it

    with tensor_floats():
        assert backend.allow_tf32
    assert not backend.allow_tf32


def test_attention_is_not_planned_anew_for_every_length() -> None:
    torch.backends.cuda.enable_cudnn_sdp(enabled=True)

    disable_cudnn_attention()

    assert not torch.backends.cuda.cudnn_sdp_enabled()
