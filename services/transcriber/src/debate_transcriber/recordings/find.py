"""Which recordings are to be transcribed, and what the downloader says about them."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from debate_contract.errors import BadInput, InputNotFound, UsageFault
from debate_contract.storage import (
    Location,
    exists,
    fetch,
    list_files,
    read,
    sha256_of,
    size_of,
)

from debate_transcriber.recordings.manifest import read_manifest
from debate_transcriber.settings import Wishes

VIDEO = {".mp4", ".m4v", ".mkv", ".webm", ".mov", ".avi", ".ts", ".mpg", ".mpeg", ".wmv", ".flv"}
SOUND = {".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".oga", ".opus", ".wma", ".aiff"}
SUFFIXES = VIDEO | SOUND
LIST = ".csv"


@dataclass(frozen=True, slots=True)
class Defect:
    """A stretch of a recording without sound, in seconds: `missing` or `damaged`."""

    start: float
    end: float
    kind: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording in the store; all but its place is what media.json says of it.

    `duration` is how long it plays, in seconds. `apart` is how many sound tracks it has besides
    the first, which is made of them. `defects` are stretches without sound; None: nobody looked.
    """

    location: Location
    source: dict[str, object] | None = None
    duration: float | None = None
    sha256: str | None = None
    apart: int = 0
    defects: tuple[Defect, ...] | None = None
    wishes: Wishes = field(default_factory=Wishes)

    @property
    def stem(self) -> str:
        """The name that all artefacts of this recording begin with."""
        return str(self.location.stem)

    @property
    def path(self) -> str:
        """The recording's place relative to the job's folder."""
        return f"{self.location.parent.name}/{self.location.name}"


def find_recordings(prefix: Location) -> list[Recording]:
    """Return the recordings directly under `prefix`, those on a list, or the one that it names.

    Raises InputNotFound when there is none, UsageFault when two would share their outputs' name.
    """
    found = _locations(prefix)
    if not found:
        raise InputNotFound(f"no recording was found in {prefix}; is the path right?")
    _refuse_twins([location for location, _ in found])
    return [replace(_describe(location), wishes=wishes) for location, wishes in found]


def _locations(prefix: Location) -> list[tuple[Location, Wishes]]:
    if not exists(prefix):
        found = sorted(p for p in _children(prefix) if p.suffix.lower() in SUFFIXES)
        return [(location, Wishes()) for location in found]
    if prefix.suffix.lower() != LIST:
        return [(prefix, Wishes())]
    listed = read_manifest(prefix)
    for location, _ in listed:
        if not exists(location):
            raise InputNotFound(f"{location}, which is in {prefix}, does not exist")
    return listed


def _children(prefix: Location) -> list[Location]:
    if isinstance(prefix, Path) and not prefix.exists():
        raise InputNotFound(f"{prefix} does not exist")
    return [p for p in list_files(prefix) if not p.name.startswith(".")]


def _refuse_twins(found: list[Location]) -> None:
    for stem, count in Counter(str(p.stem) for p in found).items():
        if count > 1:
            raise UsageFault(
                f"{count} recordings are called {stem}: their transcripts would have one name"
            )


def _describe(location: Location) -> Recording:
    media = _load_media(location.parent.parent / "media.json")
    video = media.get("video") or {}
    if str(video.get("path", "")).rpartition("/")[2] != location.name:
        return Recording(location)
    if size_of(location) != video.get("bytes"):
        return Recording(location, source=media.get("source"))
    defects = media.get("defects")
    return Recording(
        location,
        source=media.get("source"),
        duration=video.get("duration"),
        sha256=video.get("sha256"),
        apart=int(video.get("apart") or 0),
        defects=None if defects is None else tuple(_defect(entry) for entry in defects),
    )


def _defect(entry: dict[str, Any]) -> Defect:
    return Defect(float(entry["start"]), float(entry["end"]), str(entry["kind"]))


def _load_media(location: Location) -> dict[str, Any]:
    """Read media.json; a store without one is fine, one of an unknown major version is not."""
    if not exists(location):
        return {}
    try:
        media = json.loads(read(location))
        major = str(media["schema_version"]).partition(".")[0]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{location} is not a media.json by contract: {error!r}") from error
    if major != "1":
        raise BadInput(
            f"{location} has schema version {media['schema_version']}; this transcriber reads 1.x"
        )
    return dict(media)


@contextmanager
def local_copy(recording: Recording) -> Iterator[Path]:
    """Give the recording as a local file, fetched for the time being when it lies on S3."""
    if isinstance(recording.location, Path):
        yield recording.location
        return
    with TemporaryDirectory(prefix="debate-transcriber-") as folder:
        yield fetch(recording.location, Path(folder))


def digest_of(recording: Recording) -> str:
    """Return the recording's SHA-256: from media.json while the size is the same, else computed."""
    if recording.sha256:
        return recording.sha256
    with local_copy(recording) as file:
        return sha256_of(file)
