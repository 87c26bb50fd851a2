"""The corrected transcript: the registered file with what editors made of it, in the same form."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import inf
from operator import add
from typing import Any, NamedTuple

from debate_webapp.editing.alignment import align_words
from debate_webapp.incoming.artefact import UNKNOWN, kept_text

Json = dict[str, Any]
Stretch = tuple[float, float]


class Part(NamedTuple):
    """What a row has of the file's segment `entry`, counted from 0 in order of start.

    Its words whose middle lies from `after` up to `before` seconds; None is no bound.
    """

    entry: int
    after: float | None = None
    before: float | None = None


@dataclass(frozen=True, slots=True)
class Effective:
    """What counts for one row today: its text, times in seconds, and the label of who speaks."""

    text: str
    label: str
    start: float
    end: float
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A segment given to another label; `reach` ends half-way to the label's other segments."""

    label: str
    to: str
    segment: Stretch
    reach: Stretch


def correct_transcript(document: Json, effective: Sequence[Effective]) -> Json:
    """The transcript's JSON object with today's segments, words, labels and speech.

    `document` was checked at registration; `effective` has one entry per row, in order of start,
    and so have the segments that come out. What nobody corrected is passed on as it is.
    """
    entries = entries_of(document)
    corrected = document | {"transcription": [_segment(entries, now) for now in effective]}
    moves = list(_moves(entries, effective))
    if moves and document.get("speech") is not None:
        corrected["speech"] = _moved(document["speech"], moves)
    if moves:
        heard = corrected["transcription"] + (corrected.get("speech") or [])
        corrected["speakers_count"] = len({row["speaker"] for row in heard} - {UNKNOWN})
    return corrected


def entries_of(document: Json) -> list[Json]:
    """The file's segments in order of start, as `Part` counts them."""
    return sorted(document["transcription"], key=lambda entry: entry["start"])


def words_of(entries: Sequence[Json], part: Part) -> list[Json]:
    """The recognised words of a part."""
    low = -inf if part.after is None else part.after
    high = inf if part.before is None else part.before
    words = entries[part.entry].get("words") or []
    return [word for word in words if low <= middle(word) < high]


def middle(word: Json) -> float:
    """The middle of a word, in seconds."""
    return float(word["start"] + word["end"]) / 2


def _segment(entries: Sequence[Json], now: Effective) -> Json:
    entry = entries[now.parts[0].entry]
    times = {"start": now.start, "end": now.end}
    whole = now.parts == (Part(now.parts[0].entry),)
    words = [word for part in now.parts for word in words_of(entries, part)]
    same_text = now.text == (kept_text(entry.get("text")) if whole else _written(words))
    if whole and same_text and now.label == entry["speaker"] and entry | times == entry:
        return entry
    if not same_text:
        words = align_words(words, now.text, now.start, now.end)
    words = [word | {"speaker": now.label} for word in words]
    return entry | times | {"text": now.text, "speaker": now.label, "words": words}


def _written(words: Sequence[Json]) -> str:
    """The recognised words as a text."""
    spaces = ("" if word.get("space_before") is False else " " for word in words)
    return "".join(map(add, spaces, (word["word"] for word in words))).strip()


def _moves(entries: Sequence[Json], effective: Sequence[Effective]) -> Iterator[Move]:
    of_label: defaultdict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for now in effective:
        for part in now.parts:
            stretch = _stretch(entries, part)
            of_label[entries[part.entry]["speaker"]].append((*stretch, now.label))
    for label, found in of_label.items():
        rows = sorted(found)
        starts = [start for start, _, _ in rows[1:]] + [inf]
        ends = [-inf] + [end for _, end, _ in rows[:-1]]
        for (start, end, to), before, after in zip(rows, ends, starts, strict=True):
            if to != label:
                reach = min(start, (before + start) / 2), max(end, (end + after) / 2)
                yield Move(label, to, (start, end), reach)


def _stretch(entries: Sequence[Json], part: Part) -> Stretch:
    """The time of a part: it begins and ends where its segment does, or where that was cut."""
    start, end = entries[part.entry]["start"], entries[part.entry]["end"]
    low = start if part.after is None else min(max(part.after, start), end)
    high = end if part.before is None else max(min(part.before, end), start)
    return low, high


def _moved(speech: Sequence[Json], moves: Sequence[Move]) -> list[Json]:
    """Speech with the stretches that belong to the moved segments under their new label."""
    left: defaultdict[str, list[Stretch]] = defaultdict(list)
    for entry in speech:
        left[entry["speaker"]].append((entry["start"], entry["end"]))
    rows: list[tuple[float, float, str]] = []
    for move in moves:
        taken, left[move.label] = _take(left[move.label], move)
        rows += [(*stretch, move.to) for stretch in taken]
    rows += [(*stretch, label) for label, stretches in left.items() for stretch in stretches]
    return [{"start": start, "end": end, "speaker": label} for start, end, label in sorted(rows)]


def _take(stretches: Sequence[Stretch], move: Move) -> tuple[list[Stretch], list[Stretch]]:
    """What of the stretches goes with a segment, and what is left.

    Diarization and words do not end at the same instant: a stretch that touches the segment goes as
    far as the segment reaches, so that no sliver stays behind and counts as a turn. Where the
    diarization heard nobody, the segment's own time goes.
    """
    (start, end), (low, high) = move.segment, move.reach
    taken: list[Stretch] = []
    left: list[Stretch] = []
    for first, last in stretches:
        if last <= start or first >= end:
            left.append((first, last))
            continue
        taken.append((max(first, low), min(last, high)))
        left += [part for part in ((first, low), (high, last)) if part[0] < part[1]]
    return taken or [move.segment], left
