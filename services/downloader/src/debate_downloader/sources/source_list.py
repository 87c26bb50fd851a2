"""One source out of a list: each child of an array job takes the line of its index."""

from debate_contract.errors import UsageFault
from debate_contract.storage import locate, read_text

from debate_downloader.settings import check_source


def choose_source(url: str | None, list_uri: str | None, array_index: str | None) -> str:
    """Return the source: `url` where it is given, else the line `array_index` of the list."""
    if url:
        return check_source(url)
    if not list_uri:
        raise UsageFault("no source: give VIDEO_URL, or VIDEO_URLS in an array job")
    if array_index is None:
        raise UsageFault(f"{list_uri} is a list but this is no array job: give VIDEO_URL")
    lines = read_text(locate(list_uri)).splitlines()
    if int(array_index) >= len(lines):
        raise UsageFault(f"{list_uri} has {len(lines)} lines, but line {array_index} is asked for")
    return check_source(lines[int(array_index)])
