"""Transcripts as files: subtitles, minutes, tables and data, as edited up to now.

source.py gathers what a format needs; cues.py cuts subtitles; each writer is a pure function.
"""

from collections.abc import Callable
from dataclasses import dataclass

from debate_webapp.exports.data import write_json
from debate_webapp.exports.minutes import write_txt
from debate_webapp.exports.names import file_stem
from debate_webapp.exports.source import Edited, Source
from debate_webapp.exports.subtitles import write_srt, write_vtt
from debate_webapp.exports.tables import write_csv, write_rttm
from debate_webapp.exports.word import write_docx

__all__ = ["FORMATS", "Edited", "Format", "Source"]


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: its media type, what readers call it and use it for, and how it is made."""

    media_type: str
    name: str
    purpose: str
    write: Callable[[Source], bytes]


def _docx(source: Source) -> bytes:
    return write_docx(source.read_head(), source.read_lines())


def _txt(source: Source) -> bytes:
    return write_txt(source.read_head(), source.read_lines())


def _srt(source: Source) -> bytes:
    return write_srt(source.read_timed_lines())


def _vtt(source: Source) -> bytes:
    return write_vtt(source.read_head(), source.read_timed_lines())


def _csv(source: Source) -> bytes:
    return write_csv(source.read_lines())


def _rttm(source: Source) -> bytes:
    return write_rttm(file_stem(source.transcript.title).replace(" ", "_"), source.read_speech())


def _json(source: Source) -> bytes:
    lines = source.read_timed_lines()
    return write_json(source.read_head(), lines, source.labels, source.body)


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

# By extension, in the order in which readers are offered them.
FORMATS = {
    "docx": Format(_WORD, "Word document", "to edit and print; times lead back here", _docx),
    "txt": Format("text/plain", "Plain text", "minutes to read, search and mail", _txt),
    "srt": Format("application/x-subrip", "SRT subtitles", "for video sites and players", _srt),
    "vtt": Format("text/vtt", "WebVTT subtitles", "for web pages, with speakers’ names", _vtt),  # noqa: RUF001
    "csv": Format("text/csv", "Table", "a row for each segment, for spreadsheets", _csv),
    "json": Format("application/json", "Data", "everything, with the times of words", _json),
    "rttm": Format("text/plain", "Speech turns", "who speaks when, for research tools", _rttm),
}
