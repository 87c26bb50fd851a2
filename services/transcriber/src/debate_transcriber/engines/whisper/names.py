"""Names and places of Whisper's weights: no torch, so that choosing an engine stays quick."""

import os
from pathlib import Path

# On a GPU turbo costs about as much as small and is nearly as good as large-v3. On a CPU it would
# take several times real time; small stays under it on two cores and, unlike base, is usable in
# most languages.
DEFAULT_ON_GPU = "turbo"
DEFAULT_ON_CPU = "small"
DOWNLOAD_HOST = "openaipublic.azureedge.net"

_SHORT_NAMES = {"turbo": "large-v3-turbo", "large": "large-v3"}
_OFFICIAL = {
    *(size + suffix for size in ("tiny", "base", "small", "medium") for suffix in ("", ".en")),
    *("large-v1", "large-v2", "large-v3", "large-v3-turbo"),
    *_SHORT_NAMES,
}


def choose_model(device: str, models: Path | None) -> str:
    """The model used when none is named.

    The device's default where it is at hand, else what the folder of models holds, else the other
    default if it was downloaded before, else the device's default, to be downloaded.
    """
    default = DEFAULT_ON_CPU if device == "cpu" else DEFAULT_ON_GPU
    at_hand = models_at_hand(models)
    return default if default in at_hand or not at_hand else at_hand[0]


def models_at_hand(models: Path | None) -> list[str]:
    """Names of the models that need no download: the folder's first, then cached defaults."""
    files = sorted((models / "whisper").glob("*.pt")) if models else []
    defaults = (DEFAULT_ON_GPU, DEFAULT_ON_CPU)
    in_folder = [name for name in defaults if models and local_file(name, models)]
    in_cache = [name for name in defaults if cached_file(name)]
    return [*in_folder, *(path.stem for path in files), *in_cache]


def file_name(name: str) -> str | None:
    """File of an official model, None for any other name."""
    return f"{_SHORT_NAMES.get(name, name)}.pt" if name in _OFFICIAL else None


def cache_folder() -> Path:
    """Where whisper keeps what it downloads."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "whisper"


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
    """The file of an earlier download."""
    path = cache_folder() / (file_name(name) or "")
    return path if path.is_file() else None
