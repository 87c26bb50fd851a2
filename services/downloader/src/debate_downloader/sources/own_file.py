"""A media file the user already has, with the subtitles that lie beside it."""

import errno
import stat
from pathlib import Path

from debate_contract.errors import BadInput, InputNotFound
from debate_contract.storage import Location, fetch, list_files, locate, sha256_of

from debate_downloader.media.probe import read_title
from debate_downloader.result.naming import language_tag, printable
from debate_downloader.sources.recording import Origin, Recording
from debate_downloader.sources.subtitles import FORMATS, Subtitle


def read_own_file(source: str, folder: Path) -> Recording:
    """Take a file as it is; one on S3 is fetched into `folder` first.

    Raises InputNotFound when it cannot be read and BadInput when it is a folder.
    """
    place = locate(source)
    file = fetch(place, folder)
    _check_readable(file)
    origin = Origin(
        url=own_url(source),
        extractor="file",
        id=_content_id(file),
        title=printable(read_title(file) or file.stem) or "",
    )
    return Recording(origin, [file], [_fetched(s, folder) for s in _beside(place)])


def own_url(source: str) -> str:
    """The URL under which a user's file is known: `file://…` or `s3://…`."""
    place = locate(source)
    return place.absolute().as_uri() if isinstance(place, Path) else str(place)


def unchanged(source: str, known_id: object) -> bool:
    """Whether a file still has the content it had; one on S3 is not read again to find out."""
    place = locate(source)
    return not isinstance(place, Path) or (place.is_file() and _content_id(place) == known_id)


def _content_id(file: Path) -> str:
    return sha256_of(file)[:12]


def _check_readable(file: Path) -> None:
    """Refuse folders and devices before anything reads them to an end that may never come."""
    try:
        regular = stat.S_ISREG(file.stat().st_mode)
        if regular:
            file.open("rb").close()
    except OSError as error:
        missing = error.errno == errno.ENOENT
        reason = "does not exist" if missing else f"cannot be read: {error.strerror}"
        raise InputNotFound(f"{file} {reason}") from error
    if not regular:
        raise BadInput(f"{file} is a folder or a device: name one media file")


def _beside(place: Location) -> list[tuple[Location, str]]:
    """Subtitles named like the file: `x.vtt`, `x.en.srt` for `x.mp4`, with their language."""
    found = []
    for neighbour in list_files(place.parent):
        if not neighbour.name.startswith(f"{place.stem}."):
            continue
        middle, _, extension = neighbour.name[len(place.stem) + 1 :].rpartition(".")
        if extension.lower() in FORMATS and "." not in middle:
            found.append((neighbour, language_tag(middle)))
    return found


def _fetched(found: tuple[Location, str], folder: Path) -> Subtitle:
    place, language = found
    return Subtitle(fetch(place, folder), language, "manual")
