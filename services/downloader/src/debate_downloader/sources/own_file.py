"""A media file the user already has, with the subtitles that lie beside it."""

import errno
import stat
from pathlib import Path

from cloudpathlib import CloudPath

from debate_downloader.aws import explained
from debate_downloader.errors import BadInput, InputNotFound
from debate_downloader.media.mp4 import read_title
from debate_downloader.result.artefact import sha256_of
from debate_downloader.result.naming import language_tag, printable
from debate_downloader.sources.recording import Origin, Recording
from debate_downloader.sources.subtitles import FORMATS, Subtitle
from debate_downloader.storage import Location, locate


def read_own_file(source: str, folder: Path) -> Recording:
    """Take a file as it is; one on S3 is fetched into `folder` first.

    Raises InputNotFound when it cannot be read and BadInput when it is a folder.
    """
    place = locate(source)
    file = _fetched(place, folder)
    _check_readable(file, str(place))
    origin = Origin(
        url=own_url(source),
        extractor="file",
        id=_content_id(file),
        title=printable(read_title(file) or file.stem) or "",
    )
    return Recording(origin, [file], [_fetched_subtitle(s, folder) for s in _beside(place)])


def own_url(source: str) -> str:
    """The URL under which a user's file is known: `file://…` or `s3://…`."""
    place = locate(source)
    return str(place) if isinstance(place, CloudPath) else place.absolute().as_uri()


def unchanged(source: str, known_id: object) -> bool:
    """Whether a file still has the content it had; one on S3 is not read again to find out."""
    place = locate(source)
    return isinstance(place, CloudPath) or (place.is_file() and _content_id(place) == known_id)


def _content_id(file: Path) -> str:
    return sha256_of(file)[:12]


def _fetched(place: Location, folder: Path) -> Path:
    if not isinstance(place, CloudPath):
        return place
    with explained(str(place)):
        return place.download_to(folder / place.name)


def _check_readable(file: Path, name: str) -> None:
    """Refuse folders and devices before anything reads them to an end that may never come."""
    try:
        regular = stat.S_ISREG(file.stat().st_mode)
        if regular:
            file.open("rb").close()
    except OSError as error:
        missing = error.errno == errno.ENOENT
        reason = "does not exist" if missing else f"cannot be read: {error.strerror}"
        raise InputNotFound(f"{name} {reason}") from error
    if not regular:
        raise BadInput(f"{name} is a folder or a device: name one media file")


def _beside(place: Location) -> list[tuple[Location, str]]:
    """Subtitles named like the file: `x.vtt`, `x.en.srt` for `x.mp4`, with their language."""
    with explained(str(place.parent)):
        neighbours = [n for n in place.parent.iterdir() if n.name.startswith(f"{place.stem}.")]
    found = []
    for neighbour in sorted(neighbours, key=lambda n: n.name):
        middle, _, extension = neighbour.name[len(place.stem) + 1 :].rpartition(".")
        if extension.lower() in FORMATS and "." not in middle:
            found.append((neighbour, language_tag(middle)))
    return found


def _fetched_subtitle(found: tuple[Location, str], folder: Path) -> Subtitle:
    place, language = found
    return Subtitle(_fetched(place, folder), language, "manual")
