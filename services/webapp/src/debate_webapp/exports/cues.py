"""Subtitle cues: lines cut at their words so that they can be read while they are heard.

The bounds are those that broadcasters publish: two lines of 42 columns, seven seconds.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import accumulate
from typing import NamedTuple
from unicodedata import category, east_asian_width

from debate_webapp.exports.document import Line

COLUMNS = 42
LONGEST_SECONDS = 7.0
# A shorter cue stays this long where nobody speaks after it.
READABLE_SECONDS = 1.0
# No cue is shorter, even where one speaker's segments overlap.
SHORTEST_SECONDS = 0.1
# At most this much of a first line is kept free for a name.
NAME_COLUMNS = 30

_SENTENCE_END = re.compile(r"[.?!…。？！؟۔]['\"”’»)\]]*$")  # noqa: RUF001
_CLAUSE_END = re.compile(r"[,;:،؛、，；：–—]['\"”’»)\]]*$")  # noqa: RUF001


class Piece(NamedTuple):
    """A word with the space before it, or a part of one too long for a line."""

    text: str
    columns: int
    start: float
    end: float


class Cue(NamedTuple):
    """Words to be shown together, each with the space before it; seconds in whole milliseconds."""

    start: float
    end: float
    line: Line
    words: Sequence[str]


def compute_cues(lines: Sequence[Line], named: bool = False) -> list[Cue]:
    """Cues in order of start; those of one speaker never overlap.

    `named` keeps room for the speaker's name wherever `wrap` may be asked to put one. Where the
    times of words are not known, they are taken to go with the number of characters.
    """
    ordered = sorted((line for line in lines if line.text), key=lambda line: line.start)
    rooms = _rooms(ordered) if named else [0] * len(ordered)
    cues = [cue for line, room in zip(ordered, rooms, strict=True) for cue in _cut(line, room)]
    apart = _keep_apart(sorted(cues, key=lambda cue: cue.start))
    return _let_read(sorted(apart, key=lambda cue: cue.start))


def wrap(words: Sequence[str], prefix: str = "") -> list[str]:
    """One line, or two of about equal length, the first beginning with the prefix."""
    text = prefix + "".join(words).strip()
    measure = _measure_of(text)
    if measure(text) <= COLUMNS:
        return [text]
    # The longer line decides, so the shortest longer line is the most even break.
    ends = list(accumulate(map(measure, words), initial=measure(prefix)))
    first, whole = 0 if prefix else 1, ends.pop()
    longer = [end if 2 * end > whole else whole - end for end in ends[first:]]
    at = first + longer.index(min(longer)) if longer else 0
    halves = prefix + "".join(words[:at]).strip(), "".join(words[at:])
    return [half.strip() for half in halves if half]


# Latin and what is written like it: a column for each character. Of these only the soft hyphen is
# not seen.
_NARROW = re.compile("[\0-\xac\xae-\u02ff]*")


def count_columns(text: str) -> int:
    """How wide a text stands: Chinese and the like take two columns, combining marks none."""
    return len(text) if _NARROW.fullmatch(text) else sum(map(_columns, text))


def _measure_of(text: str) -> Callable[[str], int]:
    """`count_columns` for the words of this text, in the quickest way."""
    return len if _NARROW.fullmatch(text) else count_columns


@cache
def _columns(character: str) -> int:
    if category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def _rooms(lines: Sequence[Line]) -> list[int]:
    """Columns for the name: where the speaker changes, and where others speak in between."""
    rooms, reach = [], 0.0
    for at, line in enumerate(lines):
        opens = at == 0 or lines[at - 1].key != line.key
        crosses = line.start < reach or (at + 1 < len(lines) and lines[at + 1].start < line.end)
        rooms.append(min(count_columns(line.name) + 2, NAME_COLUMNS) if opens or crosses else 0)
        reach = max(reach, line.end)
    return rooms


def _cut(line: Line, room: int) -> Iterator[Cue]:
    pieces = _pieces(line)
    at = 0
    while at < len(pieces):
        end = _good_end(pieces, at, _last_fitting(pieces, at, room))
        shown = pieces[at:end]
        start = max(shown[0].start, line.start)
        until = min(shown[-1].end, line.end, start + LONGEST_SECONDS)
        yield Cue(round(start, 3), round(until, 3), line, tuple(piece.text for piece in shown))
        at = end


def _last_fitting(pieces: Sequence[Piece], at: int, room: int) -> int:
    """Where the cue that begins at `at` must end at the latest."""
    left, lines_left = COLUMNS - room, 1
    for n in range(at, len(pieces)):
        piece = pieces[n]
        if n > at and piece.end > pieces[at].start + LONGEST_SECONDS:
            return n
        if piece.columns > left:
            if not lines_left:
                return n
            left, lines_left = COLUMNS, 0
        left -= piece.columns
    return len(pieces)


def _good_end(pieces: Sequence[Piece], at: int, end: int) -> int:
    """At a sentence's end if one is near, else at a clause's, and no word left alone after it."""
    if end == len(pieces):
        return end
    latest = max(at + 1, min(end, len(pieces) - 2))
    nearest = at + 1 + (latest - at) // 3
    return max(range(min(nearest, latest), latest + 1), key=lambda n: (_rank(pieces[n - 1]), n))


def _rank(piece: Piece) -> int:
    if piece.text[-1].isalnum():
        return 0
    if _SENTENCE_END.search(piece.text):
        return 2
    return 1 if _CLAUSE_END.search(piece.text) else 0


def _pieces(line: Line) -> list[Piece]:
    """The text as pieces; words are used only if they are the text, one after the other."""
    said = [word.word.strip() for word in line.words]
    if all(said) and " ".join(said) == line.text and _fits(line.text, said):
        texts = [said[0], *(f" {word}" for word in said[1:])]
        rows = zip(texts, map(len, texts), line.words, strict=True)
        return [Piece(text, columns, word.start, word.end) for text, columns, word in rows]
    return _found_pieces(line)


def _fits(text: str, said: Sequence[str]) -> bool:
    """Whether every word has a column for each character, and room on a line."""
    return bool(_NARROW.fullmatch(text)) and max(map(len, said)) < COLUMNS


def _found_pieces(line: Line) -> list[Piece]:
    measure = _measure_of(line.text)
    pieces: list[Piece] = []
    at = 0
    for word in line.words:
        said = word.word.strip()
        found = line.text.find(said, at)
        if not said or line.text[at:found] not in ("", " "):
            return _even_pieces(line)
        text, at = line.text[at:found] + said, found + len(said)
        columns = measure(text)
        if columns <= COLUMNS:
            pieces.append(Piece(text, columns, word.start, word.end))
        else:
            pieces += _parts(text, word.start, word.end)
    return pieces if at == len(line.text) else _even_pieces(line)


def _even_pieces(line: Line) -> list[Piece]:
    """Each word at the time that its place in the text says."""
    pieces: list[Piece] = []
    pace = (line.end - line.start) / len(line.text)
    for word in re.finditer(r" ?\S+", line.text):
        start, end = (line.start + pace * place for place in word.span())
        pieces += _parts(word.group(), start, end)
    return pieces


def _parts(text: str, start: float, end: float) -> Iterator[Piece]:
    """A word, in as many parts as it fills lines."""
    pace = (end - start) / len(text)
    at = 0
    while at < len(text):
        until = _line_end(text, at)
        part = text[at:until]
        yield Piece(part, count_columns(part), start + pace * at, start + pace * until)
        at = until


def _line_end(text: str, at: int) -> int:
    """How much of a text without spaces fits on one line."""
    columns = 0
    for n in range(at, len(text)):
        columns += _columns(text[n])
        if columns > COLUMNS:
            return n
    return len(text)


def _keep_apart(cues: Sequence[Cue]) -> list[Cue]:
    """Each cue of a speaker ends when their next begins."""
    placed: list[Cue] = []
    latest: dict[str, int] = {}
    for cue in cues:
        start, key = cue.start, cue.line.key
        if key in latest:
            before = placed[latest[key]]
            start = max(start, round(before.start + SHORTEST_SECONDS, 3))
            placed[latest[key]] = _with_end(before, min(before.end, start))
        end = max(cue.end, round(start + SHORTEST_SECONDS, 3))
        latest[key] = len(placed)
        placed.append(Cue(start, end, cue.line, cue.words))
    return placed


def _let_read(cues: Sequence[Cue]) -> list[Cue]:
    """Short cues stay until they can be read or anyone speaks on."""
    nexts = [*(cue.start for cue in cues[1:]), float("inf")]
    return [
        _with_end(cue, max(cue.end, min(round(cue.start + READABLE_SECONDS, 3), following)))
        for cue, following in zip(cues, nexts, strict=False)
    ]


def _with_end(cue: Cue, end: float) -> Cue:
    return cue if cue.end == end else cue._replace(end=end)
