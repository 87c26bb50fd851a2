"""Fills MODELS_PREFIX with the standard engines' weights, laid out as the engines read them."""

import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from debate_transcriber.engines.pyannote import hub, places
from debate_transcriber.engines.whisper import names
from debate_transcriber.engines.whisper.download import download_model, unknown_model
from debate_transcriber.errors import UsageFault
from debate_transcriber.logs import Log
from debate_transcriber.storage import Location, locate, storage_faults


@dataclass(frozen=True, slots=True)
class Weights:
    """Files that belong together, in the order in which they appear: the last makes them whole."""

    title: str
    folder: str
    files: tuple[str, ...]
    download: Callable[[Path], None]  # puts the files into a local folder


def standard_weights(whisper_model: str, token: str | None) -> list[Weights]:
    """The weights of both engines, the smaller first: a bad token is noticed at once.

    Raises UsageFault for an unknown model and where the engines are not installed.
    """
    if importlib.util.find_spec("whisper") is None:
        raise UsageFault(
            "Whisper and pyannote are not installed here: leave ENGINES=embedded out of the command"
        )
    file = names.file_name(whisper_model)
    if file is None:
        raise unknown_model(whisper_model)
    return [
        Weights(
            "pyannote's pipeline",
            "pyannote",
            tuple(reversed(places.FILES)),
            partial(hub.download_pipeline, token=token),
        ),
        Weights(
            f"the Whisper model {whisper_model}",
            "whisper",
            (file,),
            partial(download_model, whisper_model),
        ),
    ]


def fill_models(prefix: str, wanted: Iterable[Weights], log: Log) -> list[str]:
    """Download what is not there yet; returns what was written.

    Nothing partial is ever seen: files are downloaded elsewhere and then moved or uploaded whole.
    """
    location = locate(prefix)
    with storage_faults(location):
        return [path for weights in wanted for path in _fill(location, weights, log)]


def _fill(location: Location, weights: Weights, log: Log) -> list[str]:
    targets = {name: location / weights.folder / name for name in weights.files}
    if all(target.is_file() for target in targets.values()):
        log.note(f"{weights.title} is there already")
        return []
    log.note(f"downloading {weights.title}")
    with _workspace(location) as folder:
        weights.download(Path(folder))
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
