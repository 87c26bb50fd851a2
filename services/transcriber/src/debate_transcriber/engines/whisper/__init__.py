"""Speech recognition with OpenAI's Whisper, in batches. Importing this module loads no torch."""

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from debate_transcriber.engines.network import reachable
from debate_transcriber.engines.whisper import names

if TYPE_CHECKING:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.speech import SpeechRecogniser


def availability(model: str | None, models: Path | None) -> str | None:
    """None when a model is at hand or can be fetched; else what is missing, as a clause.

    May ask the network, for at most 3 s.
    """
    if importlib.util.find_spec("whisper") is None:
        return "openai-whisper is not installed"
    if model is None and names.models_at_hand(models):
        return None
    if model and (names.local_file(model, models) or names.cached_file(model)):
        return None
    if model and names.file_name(model) is None:
        return f'there is no Whisper model "{model}", neither as a file nor by that name'
    if reachable(names.DOWNLOAD_HOST):
        return None
    return (
        f"no Whisper model{f' {model}' if model else ''} is in {names.cache_folder()}, and "
        f"{names.DOWNLOAD_HOST} cannot be reached to download one"
    )


def load(settings: "EngineSettings") -> "SpeechRecogniser":
    """Load the model, downloading it where it is not at hand.

    Raises UsageFault (unknown model, no such device), BadInput (damaged file) and TemporaryFault
    (network).
    """
    from debate_transcriber.engines.whisper.recogniser import load_recogniser

    return load_recogniser(settings)
