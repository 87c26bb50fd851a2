"""MODELS_PREFIX: a folder of weights, on disk or on S3, laid out as
`whisper/`, `voices/` and `pyannote/`."""

import hashlib
from pathlib import Path

from debate_transcriber.errors import InputNotFound
from debate_transcriber.storage import CloudLocation, locate, storage_faults
from debate_transcriber.weights.cache import user_cache


def fetch_models(prefix: str | None) -> Path | None:
    """Return the local folder of weights; from S3 it is copied to the cache, once per file.

    Raises InputNotFound when there is no such folder.
    """
    if not prefix:
        return None
    location = locate(prefix)
    with storage_faults(location):
        if not location.exists():
            raise InputNotFound(f"MODELS_PREFIX={prefix} does not exist")
        return location if isinstance(location, Path) else _copy_to_cache(location)


def _copy_to_cache(location: CloudLocation) -> Path:
    name = hashlib.sha256(str(location).encode()).hexdigest()[:16]
    folder = user_cache() / "debate-transcriber" / name
    for item in location.rglob("*"):
        target = folder / str(item.relative_to(location))
        if item.is_file() and not _is_copy(target, item.stat().st_size):
            target.parent.mkdir(parents=True, exist_ok=True)
            partial = target.with_name(f".{target.name}.part")
            item.download_to(partial)
            partial.replace(target)
    return folder


def _is_copy(target: Path, size: int) -> bool:
    return target.is_file() and target.stat().st_size == size
