"""What a finished job has to say: who spoke how long, and where the files lie."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

QUALITY = {
    "draft": "draft (made by small models; words, names and figures need a second look)",
    "standard": "standard",
}


@dataclass(frozen=True)
class SpeakerFigures:
    """One row of the table; seconds of speaking time, share of all speaking time (0 to 1)."""

    label: str
    seconds: float
    share: float | None
    words: int


@dataclass(frozen=True)
class Summary:
    """The figures of one transcript."""

    stem: str
    speakers: tuple[SpeakerFigures, ...]
    total_seconds: float
    total_words: int
    duration: float | None
    quality: str | None


def load_summaries(folder: Path) -> list[Summary]:
    """Return the figures of every transcript in a job's folder that has statistics."""
    found = sorted((folder / "transcripts").glob("*_transcript_stats.json"))
    return [_load_summary(path) for path in found]


def _load_summary(totals_path: Path) -> Summary:
    stem = totals_path.name.removesuffix("_transcript_stats.json")
    totals: dict[str, Any] = json.loads(totals_path.read_text("utf-8"))
    return Summary(
        stem=stem,
        speakers=_load_speakers(totals_path.with_name(f"{stem}_speaker_stats.parquet")),
        total_seconds=totals["total_seconds"],
        total_words=totals["total_words"],
        duration=totals["duration"],
        quality=totals["quality"],
    )


def _load_speakers(path: Path) -> tuple[SpeakerFigures, ...]:
    """Return the rows of the Parquet file, who spoke longest first."""
    from pyarrow import parquet

    names = ["speaker_id_in_transcript", "total_seconds", "share_speaking_time", "word_count"]
    rows = parquet.read_table(path, columns=names).to_pylist()
    figures = (SpeakerFigures(*(row[name] for name in names)) for row in rows)
    return tuple(sorted(figures, key=lambda row: row.seconds, reverse=True))


def describe(summary: Summary) -> RenderableType:
    """Return the table of a transcript, with its quality below."""
    table = Table("speaker", title=summary.stem, title_justify="left", box=None, pad_edge=False)
    for column in ("minutes", "share", "words"):
        table.add_column(column, justify="right")
    for row in summary.speakers:
        share = "" if row.share is None else f"{row.share:.0%}"
        table.add_row(row.label, _minutes(row.seconds), share, f"{row.words:,}")
    table.add_section()
    table.add_row("together", _minutes(summary.total_seconds), "", f"{summary.total_words:,}")
    return Group(table, Text(_closing_line(summary)))


def _closing_line(summary: Summary) -> str:
    words = []
    if summary.duration is not None:
        words.append(f"recording {_minutes(summary.duration)} min")
    if summary.quality is not None:
        words.append(f"quality {QUALITY.get(summary.quality, summary.quality)}")
    return ", ".join(words)


def _minutes(seconds: float) -> str:
    """Return minutes and seconds: the reader compares speakers of some seconds, too."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02}"


def result_files(folder: Path) -> list[str]:
    """Return the job's results, relative to its folder."""
    found = (p for part in ("videos", "subtitles", "transcripts") for p in folder.glob(f"{part}/*"))
    return sorted(str(path.relative_to(folder)) for path in found)
