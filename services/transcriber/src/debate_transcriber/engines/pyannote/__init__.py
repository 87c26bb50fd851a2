"""Speaker diarization with pyannote.audio. Importing this module loads no torch."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from debate_transcriber.engines import Availability
from debate_transcriber.engines.pyannote import places
from debate_transcriber.weights.network import reachable

if TYPE_CHECKING:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.engines.speech import Diarizer


def availability(settings: "EngineSettings") -> Availability:
    """Whether the pipeline is at hand, or a token can fetch it. May ask the network, for 3 s."""
    # The second look would raise where nothing of the name space is installed.
    if find_spec("pyannote") is None or find_spec("pyannote.audio") is None:
        return Availability("pyannote.audio is not installed (the extra standard has it)")
    if places.local_pipeline(settings.models) or places.cached_pipeline():
        return Availability()
    missing = "pyannote's model is neither in MODELS_PREFIX nor cached, and"
    if not settings.may_download:
        return Availability(f"{missing} jobs download none")
    if not settings.hf_token:
        return Availability(f"{missing} there is no HF_TOKEN")
    if reachable(places.HOST):
        return Availability()
    return Availability(f"{missing} {places.HOST} cannot be reached to download it", temporary=True)


def load(settings: "EngineSettings") -> "Diarizer":
    """Load the pipeline from the folder of models, the cache, or with the token from the hub.

    Raises UsageFault (no token, terms not accepted, no such device), BadInput (damaged folder) and
    TemporaryFault (network).
    """
    from debate_transcriber.engines.pyannote.diarizer import load_diarizer

    return load_diarizer(settings)
