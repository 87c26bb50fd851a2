"""What yt-dlp's exceptions mean for the user; the table behind the exit codes."""

import re
from collections.abc import Iterator

from debate_contract.errors import BadInput, DiskFull, InputNotFound, StageError, TemporaryFault
from debate_contract.storage import disk_fault

COOKIE_ADVICE = (
    "hand over the cookies of a signed-in browser with YT_COOKIES_FILE, YT_COOKIES_S3_URI or "
    "YT_COOKIES_SECRET_ARN (fresh ones, if you did)"
)
PAGE_ADVICE = "give the address of the page that plays it"
SIGN_IN = re.compile(
    r"sign in|log ?in|not a bot|private video|members.only|age.restricted|registered users|"
    r"authenticat|use --cookies|subscri",
    re.IGNORECASE,
)
GONE = re.compile(
    r"video (is )?(unavailable|not available)|has been removed|does not exist|account .*terminated",
    re.IGNORECASE,
)
LATER = re.compile(r"rate.limit|too many requests|try again later|timed? ?out", re.IGNORECASE)
CUT_OFF = re.compile(
    r"bytes read|IncompleteRead|content too short|connection (refused|reset|aborted)|"
    r"closed connection|remote end closed|name resolution|failed to establish",
    re.IGNORECASE,
)
EMPTY = re.compile(r"did not get any data blocks|downloaded file is empty", re.IGNORECASE)
STATUS = re.compile(r"HTTP Error (\d{3})")  # of a segment: its exception does not reach us
NOT_YET = re.compile(r"live event will begin|premieres? in|not currently live", re.IGNORECASE)
LOCAL = re.compile("file:// URLs are disabled")
DRM = re.compile(r"\bdrm\b", re.IGNORECASE)
NOISE = re.compile(
    r"^ERROR: |\x1b\[[0-9;]*m|[;.][^;.]*please report this issue.*$", re.DOTALL | re.IGNORECASE
)
CREDENTIALS = re.compile(r"(?<=://)[^\s/?#]*@")

NO_CONNECTION = [
    (re.compile(r"Name or service|name resolution|getaddrinfo|nodename"), "no host has that name"),
    (re.compile(r"Connection refused"), "the connection was refused"),
    (re.compile(r"timed? ?out", re.IGNORECASE), "no answer came in time"),
    (re.compile(r"unreachable", re.IGNORECASE), "there is no way to its network"),
]

NOT_FOUND = {404, 410}
LOCKED = {401, 402, 403, 407}
BUSY = {408, 425, 429}


def explain(error: BaseException, url: str, *, downloading: bool) -> StageError:
    """Turn what yt-dlp raised about `url` into our own error, by its causes and then its words.

    `downloading` says that the page was read and the recording itself failed: a 404 is then a
    hole in the recording, not a wrong address.
    """
    causes = list(_chain(error))
    for cause in causes:
        found = _by_type(cause, url, downloading=downloading)
        if found:
            return found
    words = " ".join(str(cause) for cause in causes).replace(url, "")
    status = STATUS.search(words)
    if status:
        return _by_status(int(status[1]), url, downloading=downloading)
    return _by_words(words, plain(str(error)), url)


def is_no_host(error: BaseException) -> bool:
    """Whether a name is empty or too long between two dots, so that nobody can be asked for it."""
    return isinstance(error, UnicodeError) and "idna" in str(error)


def plain(text: str) -> str:
    """yt-dlp's message without colours, prefix, the request to report a bug, and passwords."""
    return CREDENTIALS.sub("", NOISE.sub("", text)).strip()


def _by_type(error: BaseException, url: str, *, downloading: bool) -> StageError | None:
    from yt_dlp.networking.exceptions import CertificateVerifyError, HTTPError, TransportError
    from yt_dlp.utils import GeoRestrictedError, UnsupportedError

    if isinstance(disk_fault(error), DiskFull):
        return DiskFull()
    if is_no_host(error):
        return BadInput(f"{url} leads to what is no name of a host: check the address")
    if isinstance(error, HTTPError):
        return _by_status(error.status, url, downloading=downloading)
    table: list[tuple[type[Exception], type[StageError], str]] = [
        (CertificateVerifyError, BadInput, f"the certificate of {url} is not valid"),
        (TransportError, TemporaryFault, _unreachable(url, str(error))),
        (UnsupportedError, BadInput, f"no video was found at {url}: {PAGE_ADVICE}"),
        (GeoRestrictedError, BadInput, f"{url} cannot be watched from this machine's country"),
    ]
    return next((kind(text) for cause, kind, text in table if isinstance(error, cause)), None)


def _unreachable(url: str, words: str) -> str:
    """Say in plain words why there is no connection; the library's own are about sockets."""
    reason = next((said for pattern, said in NO_CONNECTION if pattern.search(words)), None)
    because = f": {reason}" if reason else ""
    return f"{url} cannot be reached{because} (check the address and the network, then try again)"


def _by_status(status: int, url: str, *, downloading: bool) -> StageError:
    if status in NOT_FOUND and downloading:
        return BadInput(
            f"a part of the recording at {url} is missing on its server (HTTP {status})"
        )
    if status in NOT_FOUND:
        return InputNotFound(f"{url} does not exist (HTTP {status}): check the address")
    if status in LOCKED:
        return BadInput(f"{url} is not open to everybody (HTTP {status}): {COOKIE_ADVICE}")
    if status >= 500 or status in BUSY:
        return TemporaryFault(f"the server of {url} answered HTTP {status}: try again later")
    return BadInput(f"the server of {url} refused the request (HTTP {status}): check the address")


def _by_words(words: str, message: str, url: str) -> StageError:
    """Some sites say it only in text; the first that fits."""
    table: list[tuple[re.Pattern[str], type[StageError], str]] = [
        (re.compile("No space left|File too large"), DiskFull, str(DiskFull())),
        (LOCAL, BadInput, f"{url} leads to a file of this machine, which is not allowed"),
        (DRM, BadInput, f"{url} is protected by DRM and cannot be downloaded"),
        (NOT_YET, BadInput, f"{url} is not there yet: submit it again when the recording is out"),
        (LATER, TemporaryFault, f"the server of {url} asks for patience ({message})"),
        (SIGN_IN, BadInput, f"{url} wants a signed-in viewer: {COOKIE_ADVICE}"),
        (GONE, InputNotFound, f"the video at {url} is gone ({message})"),
        (EMPTY, BadInput, f"the recording at {url} is empty"),
        (CUT_OFF, TemporaryFault, f"the transfer from {url} broke off: try again later"),
    ]
    for pattern, kind, sentence in table:
        if pattern.search(words):
            return kind(sentence)
    return BadInput(
        f"{url} cannot be downloaded: {message} (if the site has changed, a newer version of the "
        "downloader may know it)"
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what caused it; yt-dlp keeps causes in `exc_info` and `cause` as well."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop(0)
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        kept = (getattr(link, "exc_info", None) or (None, None))[1]
        waiting += [kept, getattr(link, "cause", None), link.__cause__, link.__context__]
