"""Where recordings come from: the web, or a file the user already has."""

from dataclasses import dataclass
from pathlib import Path

from debate_downloader.artefact import Origin
from debate_downloader.subtitles import Subtitle


@dataclass(frozen=True)
class Recording:
    """A recording on this machine: one file, or pictures and sound apart; subtitles as found."""

    origin: Origin
    parts: list[Path]
    subtitles: list[Subtitle]
