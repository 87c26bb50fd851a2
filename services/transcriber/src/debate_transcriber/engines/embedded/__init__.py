"""Engines whose models come with the installation: no token, no download, draft quality.

Importing this module loads none of them.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from debate_transcriber.engines import Availability

if TYPE_CHECKING:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.speech import Diarizer, SpeechRecogniser

PARTS = ("torch", "silero_vad", "pocketsphinx", "sklearn", "resemblyzer")


def availability(_settings: "EngineSettings") -> Availability:
    """Whether the embedded engines are installed."""
    missing = [part for part in PARTS if find_spec(part) is None]
    return Availability(f"{', '.join(missing)} is not installed" if missing else None)


def load_recogniser(settings: "EngineSettings") -> "SpeechRecogniser":
    """Return pocketsphinx with its English models."""
    from debate_transcriber.engines.embedded.recogniser import SphinxRecogniser

    return SphinxRecogniser(processes=settings.threads)


def load_diarizer(settings: "EngineSettings") -> "Diarizer":
    """Return the GE2E voice encoder with spectral clustering."""
    from debate_transcriber.engines.embedded.diarizer import VoiceDiarizer

    return VoiceDiarizer(threads=settings.threads)
