"""WebVTT and SubRip."""

import re
from collections.abc import Iterator, Sequence

from debate_webapp.exports.cues import compute_cues, wrap
from debate_webapp.exports.document import Head, Line

# Where players read markup, the end of a time line or an override in what is only text.
_MARKUP = re.compile(r"<(?=[A-Za-z/!])|--(?=>)|\{(?=[A-Za-z\\])")


def write_vtt(head: Head, lines: Sequence[Line]) -> bytes:
    """A WebVTT file: each cue says whose voice it is, notes say how far it can be trusted."""
    notes = [head.title, head.describe_quality()]
    notes += [f"{name}: {value}" for name, value in head.facts()]
    blocks = ["WEBVTT", "NOTE\n" + "\n".join(map(_escape, notes))]
    for cue in compute_cues(lines):
        text = "\n".join(map(_escape, wrap(cue.words)))
        times = f"{_time(cue.start, '.')} --> {_time(cue.end, '.')}"
        blocks.append(f"{times}\n<v {_escape(cue.line.name)}>{text}")
    return ("\n\n".join(blocks) + "\n").encode()


def write_srt(lines: Sequence[Line]) -> bytes:
    """A SubRip file: a name wherever the speaker changes."""
    return "\n".join(_srt_blocks(lines)).encode()


def _srt_blocks(lines: Sequence[Line]) -> Iterator[str]:
    speaker = None
    for number, cue in enumerate(compute_cues(lines, named=True), 1):
        prefix = "" if cue.line.key == speaker else f"{cue.line.name}: "
        speaker = cue.line.key
        times = f"{_time(cue.start, ',')} --> {_time(cue.end, ',')}"
        yield f"{number}\n{times}\n" + "\n".join(map(_tame, wrap(cue.words, prefix))) + "\n"


def _time(seconds: float, mark: str) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{mark}{milliseconds % 1000:03}"


def _escape(text: str) -> str:
    """No text may end a cue or open a tag."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tame(text: str) -> str:
    """SubRip has no escapes: an invisible word joiner keeps markup from being read as such."""
    return _MARKUP.sub("\\g<0>\N{WORD JOINER}", text)
