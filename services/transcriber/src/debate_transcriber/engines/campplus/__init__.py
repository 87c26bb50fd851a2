"""Speaker diarization without a token: segmentation-3.0, CAM++ voice vectors, clustering.

Importing this module loads no torch.
"""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from debate_contract.errors import StageError, TemporaryFault

from debate_transcriber.engines import Availability
from debate_transcriber.weights.cache import find
from debate_transcriber.weights.fetching import obtain
from debate_transcriber.weights.registry import VOICES

if TYPE_CHECKING:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.engines.speech import Diarizer

PARTS = ("torch", "scipy")


def availability(settings: "EngineSettings") -> Availability:
    """Whether both networks' weights are at hand by now; fetches them where that is allowed."""
    missing = [part for part in PARTS if find_spec(part) is None]
    if missing:
        return Availability(f"{', '.join(missing)} is not installed (the extra small has it)")
    if all(find(weights, settings.models) for weights in VOICES):
        return Availability()
    if not settings.may_download:
        return Availability(
            "the weights of segmentation-3.0 and CAM++ are not in MODELS_PREFIX, which "
            "`make models` fills, and jobs download none"
        )
    try:
        for weights in VOICES:
            obtain(weights, settings.models, settings.report)
    except StageError as fault:
        return Availability(str(fault).rstrip("."), temporary=isinstance(fault, TemporaryFault))
    return Availability()


def load(settings: "EngineSettings") -> "Diarizer":
    """Load both networks from the folder of models or the cache.

    Raises BadInput (another file than the registry knows), UsageFault (no such device) and
    TemporaryFault (network).
    """
    from debate_transcriber.engines.campplus.diarizer import load_diarizer

    return load_diarizer(settings)
