"""How much memory the work took."""

import resource
import sys

MEGABYTE = 1e6
# getrusage counts in kilobytes on Linux, in bytes on macOS.
UNIT = 1 if sys.platform == "darwin" else 1024


def describe_peak_memory() -> str:
    """The most memory that was in use so far: of this process, its largest helper, the GPU."""
    parts = [f"peak memory {_peak(resource.RUSAGE_SELF)}"]
    helpers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    if helpers:
        parts.append(f"largest helper {_peak(resource.RUSAGE_CHILDREN)}")
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        parts.append(f"GPU {torch.cuda.max_memory_allocated() / MEGABYTE:.0f} MB")
    return ", ".join(parts)


def _peak(who: int) -> str:
    return f"{resource.getrusage(who).ru_maxrss * UNIT / MEGABYTE:.0f} MB"
