"""Who is behind the labels of many debates: a CSV file of `transcript,label,person`."""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping

from debate_contract.errors import UsageFault
from debate_contract.storage import locate, read
from debate_contract.texts import decode_text

COLUMNS = ("transcript", "label", "person")


def read_people(uri: str) -> dict[str, dict[str, str]]:
    """The people of each transcript (its path under the root, or its whole address) by label.

    Rows without a person are left out. Raises UsageFault for a file of another shape.
    """
    found: dict[str, dict[str, str]] = {}
    try:
        for row in _rows(uri):
            if all(row[name] for name in COLUMNS):
                found.setdefault(row["transcript"], {})[row["label"]] = row["person"]
    except (csv.Error, ValueError) as error:
        raise UsageFault(f"{uri} is no table of {','.join(COLUMNS)}: {error}") from error
    return found


def _rows(uri: str) -> Iterator[dict[str, str]]:
    """In any encoding, and with the semicolons of spreadsheets whose decimal point is a comma."""
    lines = decode_text(read(locate(uri))).content.splitlines()
    delimiter = ";" if lines and "," not in lines[0] else ","
    rows = csv.DictReader(lines, delimiter=delimiter, strict=True)
    if missing := [name for name in COLUMNS if name not in (rows.fieldnames or ())]:
        raise UsageFault(f"{uri} has no column {missing[0]}; it needs {','.join(COLUMNS)}")
    yield from rows


def digest_people(people: Mapping[str, str]) -> str | None:
    """A digest of one debate's people, None where nobody is known."""
    if not people:
        return None
    return hashlib.sha256(json.dumps(sorted(people.items())).encode()).hexdigest()
