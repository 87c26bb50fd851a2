"""Where weights lie on this machine."""

import os
from pathlib import Path

from debate_transcriber.weights.registry import Weights


def cache_folder() -> Path:
    """Where weights are fetched to, laid out as MODELS_PREFIX: MODELS_CACHE, or user_cache()."""
    own = os.environ.get("MODELS_CACHE")
    return Path(own).expanduser() if own else user_cache() / "debate-transcriber" / "models"


def user_cache() -> Path:
    """XDG_CACHE_HOME, or ~/.cache."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def find(weights: Weights, models: Path | None) -> Path | None:
    """The file in the folder of models (MODELS_PREFIX), else in the cache, else None."""
    folders = [models, cache_folder()] if models else [cache_folder()]
    return next((f / weights.file for f in folders if (f / weights.file).is_file()), None)
