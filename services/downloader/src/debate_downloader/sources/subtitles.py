"""Subtitles as they come from sites: kept when they are subtitles, dropped when they are not."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from debate_contract.texts import decode_text

LARGEST = 20_000_000  # bytes; a day of captions has about five million
VTT_CUE = re.compile(
    r"^(\d+:)?\d\d:\d\d\.\d{3}[ \t]+-->[ \t]+(\d+:)?\d\d:\d\d\.\d{3}", re.MULTILINE
)
SRT_CUE = re.compile(r"^\d+:\d\d:\d\d[,.]\d+[ \t]+-->[ \t]+\d+:\d\d:\d\d[,.]\d+", re.MULTILINE)
FORMATS = ("vtt", "srt")
UNKNOWN = "und"

Kind = Literal["manual", "automatic"]


@dataclass(frozen=True)
class Subtitle:
    """A subtitle file on disk; `language` is a BCP 47 tag, `und` where it is not known."""

    path: Path
    language: str
    kind: Kind

    @property
    def format(self) -> str:
        """`vtt` or `srt`, by the file's name."""
        return self.path.suffix.lower().lstrip(".")


def read_subtitle(path: Path, language: str = UNKNOWN) -> str | None:
    """Text of a VTT or SRT file with at least one cue, line ends plain; None for anything else.

    `language` tells apart the encodings of the time before Unicode.
    """
    if path.stat().st_size > LARGEST:
        return None
    try:
        text = decode_text(path.read_bytes(), language).content
    except ValueError:
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if path.suffix.lower() == ".vtt":
        return text if text.startswith("WEBVTT") and VTT_CUE.search(text) else None
    return text if SRT_CUE.search(text) else None


def one_per_language(subtitles: list[Subtitle]) -> list[Subtitle]:
    """Manual before automatic, then by language; one file for each language, VTT first."""
    order = sorted(subtitles, key=lambda s: (s.kind == "automatic", s.language, s.format != "vtt"))
    first: dict[str, Subtitle] = {}
    for subtitle in order:
        first.setdefault(subtitle.language, subtitle)
    return list(first.values())
