"""WebVTT captions made from the transcript, so that corrections and names reach the video."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

CUE_CHARACTERS = 84

Line = tuple[float, float, str, str]


def write_vtt(lines: Iterable[Line]) -> str:
    """A WebVTT document from (start, end, name, text); long texts become several cues."""
    cues = [
        f"{_clock(start)} --> {_clock(end)}\n<v {_escape(name)}>{_escape(text)}"
        for line in lines
        for start, end, name, text in _cues(line)
    ]
    return "\n\n".join(["WEBVTT", *cues]) + "\n"


def _cues(line: Line) -> Iterator[Line]:
    """Two lines of text at most, each given the time its characters ask for."""
    start, end, name, text = line
    parts = wrap(text, CUE_CHARACTERS)
    characters = sum(map(len, parts))
    for part in parts:
        until = start + (end - line[0]) * len(part) / characters
        yield start, max(until, start + 0.01), name, part
        start = until


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def _escape(text: str) -> str:
    """No text may end a cue or open a tag."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(plain.split())
