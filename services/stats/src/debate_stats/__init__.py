"""Statistics of a diarized debate transcript; see the README for the library's few names."""

from importlib.metadata import version

from debate_stats.errors import BadTranscript
from debate_stats.figures import FloorTime, Interaction, SpeakerStatistics, Statistics, Totals
from debate_stats.statistics import compute_statistics
from debate_stats.transcript import UNKNOWN, Transcript, parse_transcript

__version__ = version("debate-stats")

__all__ = [
    "UNKNOWN",
    "BadTranscript",
    "FloorTime",
    "Interaction",
    "SpeakerStatistics",
    "Statistics",
    "Totals",
    "Transcript",
    "__version__",
    "compute_statistics",
    "parse_transcript",
]
