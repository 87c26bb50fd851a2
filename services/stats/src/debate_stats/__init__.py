"""Statistics of a diarized debate transcript; see the README for the library's few names."""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from debate_stats.errors import BadTranscript
    from debate_stats.figures.moderation import (
        FloorShare,
        Moderation,
        Question,
        compute_moderation,
    )
    from debate_stats.figures.records import (
        FloorTime,
        Interaction,
        SpeakerStatistics,
        Statistics,
        Totals,
    )
    from debate_stats.figures.statistics import compute_statistics
    from debate_stats.transcript.parsing import UNKNOWN, Timed, Transcript, parse_transcript

__version__ = version("debate-stats")

__all__ = [
    "UNKNOWN",
    "BadTranscript",
    "FloorShare",
    "FloorTime",
    "Interaction",
    "Moderation",
    "Question",
    "SpeakerStatistics",
    "Statistics",
    "Timed",
    "Totals",
    "Transcript",
    "__version__",
    "compute_moderation",
    "compute_statistics",
    "parse_transcript",
]

# Loaded when first asked for: the command's help and its queries do without NumPy.
_MODULES = {
    "errors": ("BadTranscript",),
    "figures.records": ("FloorTime", "Interaction", "SpeakerStatistics", "Statistics", "Totals"),
    "figures.moderation": ("FloorShare", "Moderation", "Question", "compute_moderation"),
    "figures.statistics": ("compute_statistics",),
    "transcript.parsing": ("UNKNOWN", "Timed", "Transcript", "parse_transcript"),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
