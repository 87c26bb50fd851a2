"""Speech recognition with OpenAI's Whisper, in batches. Importing this module loads no torch."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from debate_transcriber.engines.network import reachable
from debate_transcriber.engines.whisper import names

if TYPE_CHECKING:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.speech import SpeechRecogniser


def availability(model: str | None, models: Path | None, may_download: bool = True) -> str | None:
    """None when a model is at hand or can be fetched; else what is missing, as a clause.

    May ask the network, for at most 3 s.
    """
    if importlib.util.find_spec("whisper") is None:
        return "openai-whisper is not installed"
    if _is_at_hand(model, models):
        return None
    if model and names.file_name(model) is None:
        return f'there is no Whisper model "{model}", neither as a file nor by that name'
    missing = f"no Whisper model{f' {model}' if model else ''} is"
    if not may_download:
        return f"{missing} in MODELS_PREFIX, which `make models` fills, and jobs download none"
    if reachable(names.DOWNLOAD_HOST):
        return None
    return (
        f"{missing} in {names.cache_folder()}, and {names.DOWNLOAD_HOST} cannot be reached to "
        "download one"
    )


def _is_at_hand(model: str | None, models: Path | None) -> bool:
    if model is None:
        return bool(names.models_at_hand(models))
    return bool(names.local_file(model, models) or names.cached_file(model))


def load(settings: "EngineSettings") -> "SpeechRecogniser":
    """Load the model, downloading it where it is not at hand.

    Raises UsageFault (unknown model, no such device), BadInput (damaged file) and TemporaryFault
    (network).
    """
    from debate_transcriber.engines.whisper.recogniser import load_recogniser

    return load_recogniser(settings)
