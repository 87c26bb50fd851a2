"""Fills MODELS_PREFIX, on disk or on S3, with the engines' weights as the engines read them."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from debate_transcriber.engines.pyannote import hub, places
from debate_transcriber.logs import Log
from debate_transcriber.storage import Location, locate, storage_faults
from debate_transcriber.weights.fetching import fetch, obtain
from debate_transcriber.weights.registry import Weights


def fill_open(prefix: str, wanted: Iterable[Weights], log: Log) -> list[str]:
    """Put weights of the registry there; returns the paths of those that were not there before.

    On their way to S3 they come into the cache of this machine.
    """
    location = locate(prefix)
    report = partial(log.progress, unit="bytes")
    with storage_faults(location):
        missing = [weights for weights in wanted if not (location / weights.file).is_file()]
        if isinstance(location, Path):
            return [str(path) for path in fetch(missing, location, report)]
        for weights in missing:
            _publish(obtain(weights, None, report), location / weights.file)
    return [str(location / weights.file) for weights in missing]


def fill_gated(prefix: str, token: str, log: Log) -> list[str]:
    """Put pyannote's pipeline there, for those who have a token; returns the paths that are new.

    It is downloaded elsewhere; `config.yaml`, which makes it whole, comes last.
    """
    location = locate(prefix)
    targets = {name: location / "pyannote" / name for name in reversed(places.FILES)}
    with storage_faults(location):
        if all(target.is_file() for target in targets.values()):
            return []
        log.note("fetching pyannote's pipeline")
        with _workspace(location) as folder:
            hub.download_pipeline(Path(folder), token)
            for name, target in targets.items():
                _publish(Path(folder) / name, target)
    return [str(target) for target in targets.values()]


def _workspace(location: Location) -> TemporaryDirectory[str]:
    """A folder on the same disk as a local target, so that files can be moved."""
    if not isinstance(location, Path):
        return TemporaryDirectory()
    location.mkdir(parents=True, exist_ok=True)
    return TemporaryDirectory(dir=location, prefix=".incoming.")


def _publish(source: Path, target: Location) -> None:
    if not isinstance(target, Path):
        target.upload_from(source, force_overwrite_to_cloud=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    source.chmod(0o644)
    source.replace(target)
