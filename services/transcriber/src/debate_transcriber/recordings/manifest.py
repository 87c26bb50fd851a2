"""A list of recordings with what is known about each: a CSV file instead of a folder.

    recording,language,num_speakers
    monday.mp4,cs,3
    s3://bucket/tuesday.mp4,,

The first line names the columns; `recording` alone is needed. A path is relative to the list. An
empty cell leaves what the command says.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from debate_contract.errors import UsageFault
from debate_contract.storage import Location, locate, read

from debate_transcriber.settings import Wishes, parse_language, validate_count

COUNTS = ("num_speakers", "min_speakers", "max_speakers")
COLUMNS = ("recording", "language", *COUNTS, "initial_prompt")
MOST_SPEAKERS = 50


def read_manifest(file: Location) -> list[tuple[Location, Wishes]]:
    """Return the recordings in the order of the list; raises UsageFault naming the line."""
    content = read(file)
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        _refuse_other_columns(file, rows.fieldnames or ())
        return list(_read_rows(file, rows))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageFault(f"{file} is not a list in CSV and UTF-8: {error}") from error


def _refuse_other_columns(file: Location, names: Sequence[str]) -> None:
    unknown = [name for name in names if name not in COLUMNS]
    if "recording" not in names or unknown:
        raise UsageFault(
            f"{file} has the columns {', '.join(names)}; a list of recordings has recording "
            f"and any of {', '.join(COLUMNS[1:])}"
        )


def _read_rows(file: Location, rows: "csv.DictReader[str]") -> Iterator[tuple[Location, Wishes]]:
    for row in rows:
        cells = {name: (cell or "").strip() for name, cell in row.items() if name is not None}
        if not any(cells.values()):
            continue
        try:
            yield _place(file, cells["recording"]), _wishes(cells)
        except UsageFault as fault:
            raise UsageFault(f"{file}, line {rows.line_num}: {fault}") from fault


def _place(file: Location, recording: str) -> Location:
    if not recording:
        raise UsageFault("no recording is named")
    return locate(recording) if "://" in recording else file.parent / recording


def _wishes(cells: dict[str, str]) -> Wishes:
    language, remark = parse_language(cells.get("language"))
    if remark:
        raise UsageFault(f"{cells['language']} is not a language code such as en, cs or de")
    counts = [_number(name, cells.get(name, "")) for name in COUNTS]
    return Wishes(
        language,
        cells.get("initial_prompt") or None,
        validate_count(*counts) if any(counts) else None,
    )


def _number(name: str, cell: str) -> int | None:
    if not cell:
        return None
    if not cell.isascii() or not cell.isdigit() or not 1 <= int(cell) <= MOST_SPEAKERS:
        raise UsageFault(f"{name} is {cell}, not a number from 1 to {MOST_SPEAKERS}")
    return int(cell)
