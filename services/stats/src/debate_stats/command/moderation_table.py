"""The moderator's view of one debate in print: a row per question and debater, then the sums."""

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any, TextIO

from debate_contract.errors import UsageFault
from debate_contract.storage import locate, read

from debate_stats.dataset.people import read_people
from debate_stats.figures.moderation import FloorShare, Moderation, compute_moderation
from debate_stats.transcript.parsing import parse_transcript

COLUMNS = (
    *("question", "start", "end", "moderator", "fairness_index", "speaker", "floor_seconds"),
    *("share", "fairness", "overrun_seconds", "interruptions_made", "interruptions_received"),
)


def print_moderation(
    uri: str,
    moderators: Sequence[str],
    people: str | None,
    limit: float | None,
    form: str,
    stream: TextIO,
) -> None:
    """Print the moderator's view of a transcript as `table`, `csv` or one `json` object.

    `people` is the address of a table of `transcript,label,person`. Raises BadTranscript, and
    UsageFault for moderators who are nobody in the debate or ask nothing.
    """
    transcript = parse_transcript(read(locate(uri)))
    known = _people_of(uri, people) if people else {}
    try:
        moderation = compute_moderation(transcript, moderators, known, limit=limit)
    except ValueError as error:
        raise UsageFault(f"{error}; its labels are {', '.join(_labels(transcript))}") from error
    if not moderation.questions:
        raise UsageFault(f"{' and '.join(moderators)} asked no question in {uri}")
    if form == "json":
        stream.write(json.dumps(asdict(moderation), ensure_ascii=False) + "\n")
    elif form == "csv":
        csv.writer(stream, lineterminator="\n").writerows((COLUMNS, *_rows(moderation)))
    else:
        _print_table([COLUMNS, *_rows(moderation)], stream)


def _people_of(uri: str, people: str) -> dict[str, str]:
    """Who is behind the labels, from the rows whose path the transcript's address ends in."""
    tables = read_people(people).items()
    return {label: who for path, own in tables if uri.endswith(path) for label, who in own.items()}


def _labels(transcript: Any) -> list[str]:
    return sorted({*transcript.speech.label, *transcript.segments.label})


def _rows(moderation: Moderation) -> Iterator[tuple[Any, ...]]:
    for number, question in enumerate(moderation.questions, 1):
        head = (number, question.start, question.end, question.moderator, question.fairness_index)
        yield from ((*head, *_figures(share)) for share in question.speakers)
    head_of_all = ("all", None, None, None, moderation.fairness_index)
    yield from ((*head_of_all, *_figures(share)) for share in moderation.speakers)


def _figures(share: FloorShare) -> tuple[Any, ...]:
    return tuple(getattr(share, name) for name in COLUMNS[5:])


def _print_table(rows: Sequence[Sequence[Any]], stream: TextIO) -> None:
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        stream.write(f"{line.rstrip()}\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
