"""Statistics of a diarized debate transcript; see the README for the library's few names."""

from importlib.metadata import version

from debate_stats.errors import BadTranscript
from debate_stats.figures import FloorTime, Interaction, SpeakerStatistics, Statistics, Totals
from debate_stats.moderation import FloorShare, Moderation, Question, compute_moderation
from debate_stats.statistics import compute_statistics
from debate_stats.transcript import UNKNOWN, Transcript, parse_transcript

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
    "Totals",
    "Transcript",
    "__version__",
    "compute_moderation",
    "compute_statistics",
    "parse_transcript",
]
