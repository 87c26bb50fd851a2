"""MODELS_PREFIX: a folder of weights, on disk or on S3, laid out as
`whisper/`, `voices/` and `pyannote/`."""

import hashlib
from pathlib import Path

from debate_contract.errors import InputNotFound
from debate_contract.storage import Location, fetch, list_files, locate, path_within, size_of

from debate_transcriber.weights.cache import user_cache


def fetch_models(prefix: str | None) -> Path | None:
    """Return the local folder of weights; from S3 it is copied to the cache, once per file.

    Raises InputNotFound when there is no such folder.
    """
    if not prefix:
        return None
    location = locate(prefix)
    here = isinstance(location, Path)
    files = [] if here else list_files(location, deep=True)
    if not (files or (here and location.exists())):
        raise InputNotFound(f"MODELS_PREFIX={prefix} does not exist")
    return location if isinstance(location, Path) else _copy_to_cache(location, files)


def _copy_to_cache(location: Location, files: list[Location]) -> Path:
    name = hashlib.sha256(str(location).encode()).hexdigest()[:16]
    folder = user_cache() / "debate-transcriber" / name
    for file in files:
        target = folder / path_within(file, location)
        if size_of(target) != size_of(file):
            fetch(file, target.parent)
    return folder
