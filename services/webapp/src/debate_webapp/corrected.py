"""The corrected transcript: the registered file with what editors made of it, in the same form."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from debate_webapp.alignment import align_words
from debate_webapp.artefact import UNKNOWN, kept_text

Json = dict[str, Any]
Stretch = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Effective:
    """What counts for one segment today: its text and the label of who speaks."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Move:
    """A segment given to another label; `reach` ends half-way to the label's other segments."""

    label: str
    to: str
    segment: Stretch
    reach: Stretch


def correct_transcript(document: Json, effective: Sequence[Effective]) -> Json:
    """The transcript's JSON object with today's text, words, labels and speech.

    `document` was checked at registration; `effective` has one entry per segment, in order of
    start. Neither is changed; what nobody corrected is passed on as it is.
    """
    rows = list(document["transcription"])
    by_start = sorted(range(len(rows)), key=lambda at: rows[at]["start"])
    entries = [rows[at] for at in by_start]
    for at, entry, now in zip(by_start, entries, effective, strict=True):
        rows[at] = _segment(entry, now)
    corrected = document | {"transcription": rows}
    moves = list(_moves(entries, effective))
    if moves and document.get("speech") is not None:
        corrected["speech"] = _moved(document["speech"], moves)
    if moves:
        heard = rows + (corrected.get("speech") or [])
        corrected["speakers_count"] = len({row["speaker"] for row in heard} - {UNKNOWN})
    return corrected


def _segment(entry: Json, now: Effective) -> Json:
    words = entry.get("words") or []
    same_text = now.text == kept_text(entry.get("text"))
    if same_text and now.label == entry["speaker"]:
        return entry
    if not same_text:
        words = align_words(words, now.text, entry["start"], entry["end"])
    words = [word | {"speaker": now.label} for word in words]
    return entry | {"text": now.text, "speaker": now.label, "words": words}


def _moves(entries: Sequence[Json], effective: Sequence[Effective]) -> Iterator[Move]:
    of_label: defaultdict[str, list[tuple[Json, str]]] = defaultdict(list)
    for entry, now in zip(entries, effective, strict=True):
        of_label[entry["speaker"]].append((entry, now.label))
    for label, rows in of_label.items():
        starts = [entry["start"] for entry, _ in rows[1:]] + [float("inf")]
        ends = [float("-inf")] + [entry["end"] for entry, _ in rows[:-1]]
        for (entry, to), before, after in zip(rows, ends, starts, strict=True):
            if to != label:
                start, end = entry["start"], entry["end"]
                reach = min(start, (before + start) / 2), max(end, (end + after) / 2)
                yield Move(label, to, (start, end), reach)


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
