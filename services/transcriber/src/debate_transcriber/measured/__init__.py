"""What was measured of the engines, shipped with them: how often they err, how sure they may be."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def read_table(name: str) -> dict[str, Any]:
    """A table of this folder, as `make truth` wrote it."""
    text = (files(__name__) / f"{name}.json").read_text("utf-8")
    table: dict[str, Any] = json.loads(text)
    return table
