"""What every kind of source delivers."""

from dataclasses import dataclass
from pathlib import Path

from debate_downloader.sources.subtitles import Subtitle


@dataclass(frozen=True)
class Origin:
    """Where a recording comes from, as the extractor saw it; `duration` in seconds."""

    url: str
    extractor: str
    id: str
    title: str
    uploader: str | None = None
    upload_date: str | None = None
    duration: float | None = None


@dataclass(frozen=True)
class Recording:
    """A recording on this machine: one file, or pictures and sound apart; subtitles as found.

    `whole` is False when the server did not say how many bytes there are, so that nobody can
    tell whether all of them came.
    """

    origin: Origin
    parts: list[Path]
    subtitles: list[Subtitle]
    whole: bool = True

    @property
    def name(self) -> str:
        """What the user calls it."""
        return self.origin.url.removeprefix("file://")
