"""Who is behind the labels of many debates: a CSV file of `transcript,label,person`."""

import csv
import hashlib
import json
from collections.abc import Mapping

from debate_contract.errors import UsageFault
from debate_contract.storage import locate, read

COLUMNS = ("transcript", "label", "person")


def read_people(uri: str) -> dict[str, dict[str, str]]:
    """The people of each transcript (its path under the root, or its whole address) by label.

    Rows without a person are left out. Raises UsageFault for a file of another shape.
    """
    try:
        rows = csv.DictReader(read(locate(uri)).decode("utf-8-sig").splitlines(), strict=True)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise UsageFault(f"{uri} has no column {missing[0]}; it needs {','.join(COLUMNS)}")
        found: dict[str, dict[str, str]] = {}
        for row in rows:
            if all(row[name] for name in COLUMNS):
                found.setdefault(row["transcript"], {})[row["label"]] = row["person"]
    except (csv.Error, UnicodeDecodeError) as error:
        raise UsageFault(f"{uri} is no table of {','.join(COLUMNS)} in UTF-8: {error}") from error
    return found


def digest_people(people: Mapping[str, str]) -> str | None:
    """A digest of one debate's people, None where nobody is known."""
    if not people:
        return None
    return hashlib.sha256(json.dumps(sorted(people.items())).encode()).hexdigest()
