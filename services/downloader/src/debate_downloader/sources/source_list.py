"""One source out of a list: each child of an array job takes the line of its index."""

from debate_downloader.errors import InputNotFound, UsageFault
from debate_downloader.settings import check_source
from debate_downloader.storage import locate, read_text


def choose_source(url: str | None, list_uri: str | None, array_index: str | None) -> str:
    """Return the source: `url` where it is given, else the line `array_index` of the list."""
    if url:
        return check_source(url)
    if not list_uri:
        raise UsageFault("no source: give VIDEO_URL, or VIDEO_URLS in an array job")
    if array_index is None:
        raise UsageFault(f"{list_uri} is a list but this is no array job: give VIDEO_URL")
    text = read_text(locate(list_uri))
    if text is None:
        raise InputNotFound(f"there is no list of sources at {list_uri}")
    lines = text.splitlines()
    if int(array_index) >= len(lines):
        raise UsageFault(f"{list_uri} has {len(lines)} lines, but line {array_index} is asked for")
    return check_source(lines[int(array_index)])
