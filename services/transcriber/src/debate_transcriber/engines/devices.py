"""Which device the standard engines run on, and how much of it they use."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from debate_contract.errors import UsageFault

if TYPE_CHECKING:
    import torch

GPU_SHARE = 0.25  # of the free memory for what batches are counted by; the rest is for activations


def resolve_device(name: str) -> str:
    """Turn "auto" into "cuda" where there is one, else "cpu"; pass other names on.

    Raises UsageFault when a GPU is asked for by name and torch sees none.
    """
    import torch

    has_cuda = torch.cuda.is_available()
    if name == "auto":
        return "cuda" if has_cuda else "cpu"
    if name.startswith("cuda") and not has_cuda:
        raise UsageFault(
            f"DEVICE={name} was asked for, but torch sees no CUDA device here: set DEVICE=auto or "
            "install the CUDA build of torch and its driver."
        )
    return name


def limit_threads(count: int) -> None:
    """Let torch use `count` CPU threads; by itself it takes all cores, even in a container."""
    import torch

    torch.set_num_threads(max(1, count))


def disable_cudnn_attention() -> None:
    """Leave cuDNN's attention out of torch's choice, for the whole process.

    It makes a plan for every shape it has not met, at tens of milliseconds each, and decoding meets
    a new one with every token: on an H200 that took longer than all the rest of an hour's words.
    """
    import torch

    torch.backends.cuda.enable_cudnn_sdp(enabled=False)


def gpu_capability(device: str) -> tuple[int, int] | None:
    """Compute capability of an NVIDIA GPU; None for other devices."""
    import torch

    return torch.cuda.get_device_capability(device) if device.startswith("cuda") else None


def own_stream(device: "torch.device") -> AbstractContextManager[object]:
    """A stream of its own for an engine on a GPU, to be entered any number of times.

    In one and the same stream two engines would wait for each other.
    """
    import torch

    if device.type != "cuda":
        return nullcontext()
    stream: torch.cuda.Stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    return torch.cuda.stream(stream)


def items_that_fit(device: "torch.device", bytes_per_item: float, most: int) -> int:
    """How many items of a batch a GPU's free memory holds, at least one and at most `most`."""
    import torch

    free = torch.cuda.mem_get_info(device)[0]
    return fit(free * GPU_SHARE, bytes_per_item, most)


def fit(memory: float, bytes_per_item: float, most: int) -> int:
    """How many items `memory` bytes hold, at least one and at most `most`."""
    return max(1, min(most, int(memory / bytes_per_item)))


@contextmanager
def tensor_floats() -> Iterator[None]:
    """Let a GPU multiply in TF32, with ten bits after the point: several times as quick as fp32."""
    import torch

    backends: list[Any] = [torch.backends.cuda.matmul, torch.backends.cudnn]
    before = [backend.allow_tf32 for backend in backends]
    try:
        for backend in backends:
            backend.allow_tf32 = True
        yield
    finally:
        for backend, value in zip(backends, before, strict=True):
            backend.allow_tf32 = value
