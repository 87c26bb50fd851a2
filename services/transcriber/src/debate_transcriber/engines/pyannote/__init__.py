"""Speaker diarization with pyannote.audio. Importing this module loads no torch."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from debate_transcriber.engines.network import reachable
from debate_transcriber.engines.pyannote import places

if TYPE_CHECKING:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.speech import Diarizer


def availability(token: str | None, models: Path | None, may_download: bool = True) -> str | None:
    """None when the pipeline is at hand or a token can fetch it; else what is missing, as a clause.

    May ask the network, for at most 3 s.
    """
    # The second look would raise where nothing of the name space is installed.
    if find_spec("pyannote") is None or find_spec("pyannote.audio") is None:
        return "pyannote.audio is not installed"
    if places.local_pipeline(models) or places.cached_pipeline():
        return None
    if not may_download:
        return (
            "pyannote's model is not in MODELS_PREFIX, which `make models` fills, and jobs "
            "download none"
        )
    if not token:
        return "pyannote's model is neither in MODELS_PREFIX nor cached, and there is no HF_TOKEN"
    if reachable(places.HOST):
        return None
    return f"pyannote's model is not cached and {places.HOST} cannot be reached to download it"


def load(settings: "EngineSettings") -> "Diarizer":
    """Load the pipeline from the folder of models, the cache, or with the token from the hub.

    Raises UsageFault (no token, terms not accepted, no such device), BadInput (damaged folder) and
    TemporaryFault (network).
    """
    from debate_transcriber.engines.pyannote.diarizer import load_diarizer

    return load_diarizer(settings)
