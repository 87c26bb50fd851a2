"""What the user asked for, checked once."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from debate_contract.errors import UsageFault
from debate_contract.storage import fill_in, job_key


@dataclass(frozen=True)
class CookieSource:
    """Where the cookies lie; the first that is set is used."""

    secret_arn: str | None = None
    s3_uri: str | None = None
    file: Path | None = None


@dataclass(frozen=True)
class Settings:
    """One download, as asked for.

    `time_limit` and `retry_seconds` are seconds; `retry_seconds` is the first pause between two
    attempts and doubles each time. `max_seconds` is how long a recording may play. `audio_track`
    counts the sound tracks of a file from 1; None is what can be heard of all.
    """

    source: str
    job_prefix: str
    max_height: int = 480
    audio_track: int | None = None
    force: bool = False
    allow_private_hosts: bool = False
    cookies: CookieSource = CookieSource()
    time_limit: int = 4 * 3600
    max_bytes: int = 20_000_000_000
    max_seconds: int = 24 * 3600
    attempts: int = 4
    retry_seconds: float = 2.0

    @property
    def job_id(self) -> str:
        """The last component of the job's prefix."""
        return self.job_prefix.rsplit("/", 1)[-1]

    @property
    def is_web(self) -> bool:
        """Whether the source is fetched over HTTP."""
        return self.source.lower().startswith(("http://", "https://"))


def job_prefix(base: str, *, batch_job_id: str | None, array_index: str | None) -> str:
    """Find the job's own prefix; in Batch that is the base and the job's id."""
    prefix = fill_in(base, array_index, batch_job_id).rstrip("/")
    if batch_job_id:
        prefix = f"{prefix}/{job_key(batch_job_id)}"
    if prefix in {"", "s3:", "file:"} or re.fullmatch(r"s3://[^/]+", prefix):
        raise UsageFault(f"{base!r} is no place for a job: give a folder or s3://bucket/jobs/name")
    return prefix


def check_source(source: str) -> str:
    """Refuse what is neither a web address nor a file; returns the source, stripped."""
    source = source.strip()
    scheme = source.partition(":")[0].lower() if "://" in source else "file"
    if scheme not in {"http", "https", "file", "s3"}:
        raise UsageFault(f"{scheme}:// is not supported: give an http(s) URL or a media file")
    if not source:
        raise UsageFault("VIDEO_URL is empty: give an http(s) URL or a media file")
    if scheme in {"http", "https"} and not _host(source):
        raise UsageFault(f"{source!r} is not a web address: it names no host")
    return source


def without_credentials(url: str) -> str:
    """Drop `user:password@` from a URL, which is kept in files that others read."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def with_plain_credentials(url: str) -> str:
    """Write `user:password@` as browsers and curl send it: yt-dlp does not undo `%40`.

    What would end the host part if it were plain stays as it is.
    """
    parts = urlsplit(url)
    credentials, at, host = parts.netloc.rpartition("@")
    plain = unquote(credentials)
    if set(plain) & set("/?#[]\\") or not plain.isprintable():
        return url
    return urlunsplit(parts._replace(netloc=f"{plain}{at}{host}")) if at else url


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
