"""Which device the standard engines run on, and with how many threads."""

from debate_transcriber.errors import UsageFault


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
