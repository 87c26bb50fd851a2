"""Speech recognition with OpenAI's Whisper, in batches. Importing this module loads no torch."""

import importlib.util
from typing import TYPE_CHECKING

from debate_contract.errors import StageError, TemporaryFault

from debate_transcriber.engines import Availability
from debate_transcriber.engines.whisper import names
from debate_transcriber.weights.fetching import obtain

if TYPE_CHECKING:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.engines.speech import SpeechRecogniser


def availability(settings: "EngineSettings") -> Availability:
    """Whether the model asked for, or else one that suits the device, is at hand by now.

    Fetches it where it is not and may be; a machine without network is noticed within seconds.
    """
    if importlib.util.find_spec("whisper") is None:
        return Availability("openai-whisper is not installed (the extra small has it)")
    model = settings.whisper_model
    if model is None:
        return _default(settings)
    if names.local_file(model, settings.models) or names.cached_file(model):
        return Availability()
    if names.weights_of(model) is None:
        return Availability(
            f'there is no Whisper model "{model}", neither as a file nor by that name'
        )
    return _fetched(model, settings)


def _default(settings: "EngineSettings") -> Availability:
    """The device's default model, else the one that package mirrors have too."""
    if names.models_at_hand(settings.models):
        return Availability()
    from debate_transcriber.engines.devices import resolve_device

    default = names.default_model(resolve_device(settings.device))
    answer = _fetched(default, settings)
    if answer.missing is None or not settings.may_download:
        return answer
    if (
        not names.cached_file(names.FALLBACK)
        and (lesser := _fetched(names.FALLBACK, settings)).missing
    ):
        return lesser
    return Availability(
        remark=f"Whisper {names.FALLBACK} (draft quality) in place of {default}: {answer.missing}"
    )


def _fetched(model: str, settings: "EngineSettings") -> Availability:
    weights = names.weights_of(model)
    if weights is None:
        raise names.unknown_model(model)
    if not settings.may_download:
        return Availability(
            f"no Whisper model {model} is in MODELS_PREFIX, which `make models` fills, and jobs "
            "download none"
        )
    try:
        obtain(weights, settings.models, settings.report)
    except StageError as fault:
        return Availability(str(fault).rstrip("."), temporary=isinstance(fault, TemporaryFault))
    return Availability()


def load(settings: "EngineSettings") -> "SpeechRecogniser":
    """Load the model, fetching it where it is not at hand.

    Raises UsageFault (unknown model, no such device), BadInput (damaged file) and TemporaryFault
    (network).
    """
    from debate_transcriber.engines.whisper.recogniser import load_recogniser

    return load_recogniser(settings)
