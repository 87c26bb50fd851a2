"""Names and places of Whisper's weights: no torch, so that choosing an engine stays quick."""

from pathlib import Path

from debate_contract.errors import UsageFault

from debate_transcriber.weights import cache
from debate_transcriber.weights.registry import WHISPER, Weights

# On a GPU turbo costs about as much as small and is nearly as good as large-v3. On a CPU it would
# take several times real time; small stays under it on two cores and, unlike base, is usable in
# most languages.
DEFAULT_ON_GPU = "turbo"
DEFAULT_ON_CPU = "small"
# What package mirrors have too, for machines that cannot reach the publisher.
FALLBACK = "base"
DRAFTS = ("tiny", "base")  # too often wrong to be quoted: 5 to 15 words in a hundred

_SHORT_NAMES = {"turbo": "large-v3-turbo", "large": "large-v3"}


def default_model(device: str) -> str:
    """The model used where none is named and any can be had."""
    return DEFAULT_ON_CPU if device == "cpu" else DEFAULT_ON_GPU


def choose_model(device: str, models: Path | None) -> str:
    """The model used when none is named.

    The device's default where it is at hand, else what the folder of models holds, else the other
    default if it was fetched before, else the fallback if that was, else the device's default.
    """
    default = default_model(device)
    at_hand = models_at_hand(models) or ([FALLBACK] if cached_file(FALLBACK) else [])
    return default if default in at_hand or not at_hand else at_hand[0]


def models_at_hand(models: Path | None) -> list[str]:
    """Models good enough to need no download: the folder's first, then cached defaults."""
    files = sorted((models / "whisper").glob("*.pt")) if models else []
    defaults = (DEFAULT_ON_GPU, DEFAULT_ON_CPU)
    in_folder = [name for name in defaults if models and local_file(name, models)]
    in_cache = [name for name in defaults if cached_file(name)]
    return [*in_folder, *(path.stem for path in files), *in_cache]


def weights_of(name: str) -> Weights | None:
    """The registry's entry of an official model, None for any other name."""
    return WHISPER.get(_SHORT_NAMES.get(name, name))


def file_name(name: str) -> str | None:
    """File of an official model, None for any other name."""
    weights = weights_of(name)
    return Path(weights.file).name if weights else None


def is_draft(name: str) -> bool:
    """Whether a model of this name makes too many mistakes to be quoted."""
    return name.partition(".")[0] in DRAFTS


def unknown_model(name: str) -> UsageFault:
    """The error for a name that is no official one."""
    return UsageFault(
        f'There is no Whisper model "{name}": give an official name (such as small or turbo) or '
        "the path of a .pt file in WHISPER_MODEL."
    )


def local_file(name: str, models: Path | None) -> Path | None:
    """The file to read `name` from: a path as it is, or `<models>/whisper/<name>.pt`."""
    if Path(name).suffix == ".pt" and Path(name).is_file():
        return Path(name)
    if models is None:
        return None
    candidates = [file_name(name) or f"{name}.pt", f"{name}.pt"]
    return next(
        (path for path in (models / "whisper" / c for c in candidates) if path.is_file()), None
    )


def cached_file(name: str) -> Path | None:
    """The file of an earlier download, of ours or of the command `whisper`."""
    weights = weights_of(name)
    if weights is None:
        return None
    places = (cache.cache_folder() / weights.file, cache.user_cache() / weights.file)
    return next((path for path in places if path.is_file()), None)
