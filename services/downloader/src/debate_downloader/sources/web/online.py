"""Recordings on the web, through yt-dlp: look at the page, then fetch what it plays."""

import io
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from debate_contract.errors import BadInput, StageError
from debate_contract.logs import Log

from debate_downloader.errors import PrivateAddress, TooLong
from debate_downloader.result.naming import digest, printable
from debate_downloader.settings import Settings, with_plain_credentials, without_credentials
from debate_downloader.sources.recording import Origin, Recording
from debate_downloader.sources.web.addresses import Guard, only_public
from debate_downloader.sources.web.captions import fetch_subtitles
from debate_downloader.sources.web.faults import explain, is_no_host, plain
from debate_downloader.sources.web.watch import Watch

# Pictures and sound are fetched apart and joined by us: yt-dlp never gets an ffmpeg, which would
# open connections that nobody guards. Good AAC is preferred, since it needs no conversion.
# Nor are formats taken that yt-dlp would hand to another program (rtmp, rtsp, mms).
OURS = "[protocol~='^(http|m3u8|ism|f4m)']"
FORMAT = f"bv*{OURS},ba{OURS}[acodec^=mp4a][abr>=96]/ba{OURS}"
NAMELESS = {"generic", "html5"}  # extractors whose ids are parts of the address
SOCKET_TIMEOUT = 15  # seconds
NEWS = (
    "Falling back on generic",
    "direct video link",
    "ffmpeg-location",
)  # warnings that are as we want it


def fetch_online(settings: Settings, cookies: str | None, folder: Path, watch: Watch) -> Recording:
    """Download the best sound, the best picture up to the height asked for, and subtitles.

    Raises InputNotFound, BadInput or TemporaryFault by the table in `faults`, PrivateAddress when
    a connection into a private network was refused.
    """
    os.environ["YTDLP_NO_PLUGINS"] = "1"  # code that lies in the user's home
    from yt_dlp import YoutubeDL

    url, shown = settings.source, without_credentials(settings.source)
    options = _options(settings, cookies, folder, watch)
    guarded = only_public(enabled=not settings.allow_private_hosts)
    with guarded as guard, closing(YoutubeDL(options)) as ydl:
        with _explained(shown, guard, downloading=False):
            info = _only_recording(ydl, with_plain_credentials(url), shown)
            if (info.get("duration") or 0) > settings.max_seconds:
                raise TooLong(shown, settings.max_seconds)
        _name_types(info)
        with _explained(shown, guard, downloading=True):
            info = ydl.process_ie_result(info, download=True)
        parts, whole = _parts(info, shown), watch.lengths_known
        subtitles = fetch_subtitles(ydl, info, folder, watch.log)
        return Recording(_origin(info, shown), parts, subtitles, whole)


def _options(settings: Settings, cookies: str | None, folder: Path, watch: Watch) -> dict[str, Any]:
    """yt-dlp's settings; why each is needed stands in the README's table of silent failures."""
    return {
        "logger": _Listener(watch.log),
        "progress_hooks": [watch],
        "noprogress": True,
        "format": FORMAT,
        "format_sort": [f"res:{settings.max_height}", "vcodec:h264"],
        # Not cut by `trim_file_name`, which takes the whole path for the name.
        "outtmpl": str(folder).replace("%", "%%") + "/part-%(format_id).60s.%(ext).10s",
        "restrictfilenames": True,
        "overwrites": True,
        "noplaylist": True,
        "playlist_items": "1,2",
        "extract_flat": "in_playlist",
        "socket_timeout": SOCKET_TIMEOUT,
        "retries": 5,
        "fragment_retries": 5,
        "extractor_retries": 2,
        "skip_unavailable_fragments": False,
        "concurrent_fragment_downloads": 4,
        "fixup": "never",
        "ffmpeg_location": str(folder / "none"),
        "cachedir": False,
        # A proxy would look names up and connect for us, past the guard.
        "proxy": None if settings.allow_private_hosts else "",
        # Text, not a path: yt-dlp rewrites a cookie file when it closes.
        "cookiefile": io.StringIO(cookies) if cookies else None,
    }


@contextmanager
def _explained(url: str, guard: Guard, *, downloading: bool) -> Iterator[None]:
    try:
        yield
    except StageError:
        raise
    except Exception as error:
        if guard.refused:
            raise PrivateAddress(
                f"{url} leads to {guard.refused[-1]}, which is not on the open internet: only "
                "with ALLOW_PRIVATE_HOSTS=1 are addresses of a private network fetched"
            ) from error
        foreign = isinstance(error, OSError) or type(error).__module__.startswith("yt_dlp")
        if not foreign and not is_no_host(error):
            raise  # a fault of ours
        raise explain(error, url, downloading=downloading) from error


def _only_recording(ydl: Any, url: str, shown: str) -> dict[str, Any]:
    """Look at a page without downloading; refuse lists, live streams and pages without video."""
    info = ydl.extract_info(url, download=False)
    if info and info.get("_type", "video") != "video":
        entries = [entry for entry in info.get("entries") or [] if entry]
        if len(entries) != 1:
            raise BadInput(_several(shown, len(entries)))
        info = entries[0]
        if info.get("_type", "video") != "video":
            info = ydl.extract_info(info["url"], download=False)
    if not info or info.get("_type", "video") != "video":
        raise BadInput(f"no single video was found at {shown}: give the address of one recording")
    if info.get("is_live") or info.get("live_status") in {"is_live", "is_upcoming"}:
        raise BadInput(f"{shown} is still live: submit it again when the recording is out")
    return dict(info)


def _name_types(info: dict[str, Any]) -> None:
    """Keep yt-dlp from refusing an address that ends in `.php`, which it takes for a type.

    What a file really is we find out by opening it.
    """
    from yt_dlp.utils import KNOWN_EXTENSIONS

    for part in (info, *(info.get("formats") or ()), *(info.get("requested_formats") or ())):
        if str(part.get("ext")).lower() not in KNOWN_EXTENSIONS:
            part["ext"] = "unknown_video"


def _several(url: str, count: int) -> str:
    if count == 0:
        return f"no video was found at {url}: give the address of the page that plays it"
    return f"{url} holds more than one video: submit the address of each on its own"


def _parts(info: dict[str, Any], shown: str) -> list[Path]:
    """The files that arrived; yt-dlp returns normally even when it skipped one."""
    wanted = info.get("requested_downloads") or []
    files = [Path(one["filepath"]) for one in wanted if one.get("filepath")]
    if not files or len(files) < len(wanted) or not all(f.is_file() for f in files):
        raise BadInput(f"nothing was downloaded from {shown}, though its page plays a video")
    return files


def _origin(info: dict[str, Any], url: str) -> Origin:
    extractor = str(info.get("extractor") or "generic")
    nameless = extractor.lower() in NAMELESS or not info.get("id")
    day = str(info.get("upload_date") or "")
    return Origin(
        url=url,
        extractor=extractor,
        id=digest(url) if nameless else str(info["id"]),
        title=printable(info.get("title")) or "",
        uploader=printable(info.get("uploader") or info.get("channel")),
        upload_date=f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdigit() else None,
        duration=info.get("duration"),
    )


class _Listener:
    """Passes on yt-dlp's warnings; its errors arrive as exceptions, the rest is chatter."""

    def __init__(self, log: Log) -> None:
        self.log = log

    def debug(self, message: str) -> None:
        """Ordinary chatter."""

    def error(self, message: str) -> None:
        """Comes as an exception too."""

    def warning(self, message: str) -> None:
        """Something a maintainer may want to know."""
        if not any(known in message for known in NEWS):
            self.log.note(f"yt-dlp: {plain(message)}", level="warning")
