"""Fills MODELS_PREFIX, on disk or on S3, with the engines' weights as the engines read them."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from debate_contract.logs import Log
from debate_contract.storage import exists, explained, locate, publish, workplace

from debate_transcriber.engines.pyannote import hub, places
from debate_transcriber.weights.fetching import fetch, obtain
from debate_transcriber.weights.registry import Weights


def fill_open(prefix: str, wanted: Iterable[Weights], log: Log) -> list[str]:
    """Put weights of the registry there; returns the paths of those that were not there before.

    On their way to S3 they come into the cache of this machine.
    """
    location = locate(prefix)
    report = partial(log.progress, unit="bytes")
    with explained(location):
        missing = [weights for weights in wanted if not exists(location / weights.file)]
        if isinstance(location, Path):
            return [str(path) for path in fetch(missing, location, report)]
        for weights in missing:
            publish(obtain(weights, None, report), location / weights.file)
    return [str(location / weights.file) for weights in missing]


def fill_gated(prefix: str, token: str, log: Log) -> list[str]:
    """Put pyannote's pipeline there, for those who have a token; returns the paths that are new.

    It is downloaded elsewhere; `config.yaml`, which makes it whole, comes last.
    """
    location = locate(prefix)
    targets = {name: location / "pyannote" / name for name in reversed(places.FILES)}
    with explained(location):
        if all(exists(target) for target in targets.values()):
            return []
        log.note("fetching pyannote's pipeline")
        with workplace(location) as folder:
            hub.download_pipeline(folder, token)
            for name, target in targets.items():
                publish(folder / name, target)
    return [str(target) for target in targets.values()]
