"""CSV for spreadsheets and RTTM for diarization tools."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from debate_webapp.exports.document import Line, clock

Speech = tuple[float, float, str]

COLUMNS = (
    "start", "end", "time", "label", "speaker", "text",
    "confidence", "speaker_confidence", "overlap", "reviewed",
)  # fmt: skip

_PIECE = 1 << 16  # characters

# Where a spreadsheet sees a formula begin, in its full-width forms too: at the start of a cell, and
# behind a semicolon, at which half of Europe's spreadsheets split whatever is quoted.
_FORMULA = re.compile('(^|;[\\s"]*)(?=[=+@\\-\t\r\uff1d\uff0b\uff0d\uff20])')


def write_csv(lines: Iterable[Line]) -> bytes:
    """A row per segment; times in seconds, and once more for reading."""
    return write_table(COLUMNS, (_row(line) for line in lines))


def write_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A table for spreadsheets, as `stream_table` writes it."""
    return b"".join(stream_table(columns, rows))


def stream_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """A table for spreadsheets in pieces, texts made safe.

    It begins with a byte order mark: without one Excel reads UTF-8 as the computer's own code page.
    What would be a formula gets an apostrophe before it.
    """
    table = io.StringIO("\ufeff", newline="")
    table.seek(1)
    writer = csv.writer(table)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_safe(v) if isinstance(v, str) else v for v in row])
        if table.tell() > _PIECE:
            yield table.getvalue().encode()
            table.seek(0)
            table.truncate()
    yield table.getvalue().encode()


def last_row(columns: Sequence[str], column: str, sentence: str) -> Sequence[object]:
    """A row that says, in that column, what a table leaves out."""
    return [sentence if name == column else "" for name in columns]


def _row(line: Line) -> tuple[object, ...]:
    return (
        round(line.start, 3),
        round(line.end, 3),
        clock(line.start),
        line.label,
        line.name,
        line.text,
        line.confidence,
        line.speaker_confidence,
        "yes" if line.overlap else "no",
        "yes" if line.reviewed else "no",
    )


def _safe(text: str) -> str:
    return _FORMULA.sub(r"\1'", text)


def write_rttm(recording: str, speech: Iterable[Speech]) -> bytes:
    """Speech turns (start, end, speaker) with their overlaps; names must not hold spaces."""
    turns = sorted(_joined(sorted(speech, key=lambda turn: (turn[2], turn[:2]))))
    return "".join(
        f"SPEAKER {recording} 1 {start:.3f} {end - start:.3f} <NA> <NA> {speaker} <NA> <NA>\n"
        for start, end, speaker in turns
    ).encode()


def _joined(speech: Sequence[Speech]) -> list[Speech]:
    """Nobody overlaps themselves: two labels of one person are one voice."""
    joined: list[Speech] = []
    for start, end, speaker in speech:
        if joined and joined[-1][2] == speaker and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), speaker)
        elif end > start:
            joined.append((start, end, speaker))
    return joined
