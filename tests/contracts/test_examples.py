"""The golden examples are what the schemas say."""

from pathlib import Path

import pytest
from artefacts import faults, read_json
from checkout import CONTRACTS

EXAMPLES = sorted(CONTRACTS.glob("*/examples/*.json"))
# The two that a 1.x schema must refuse, and why.
REFUSED = {"predecessor.json": "'schema_version' is a required property", "future-major.json": "2."}


@pytest.mark.parametrize("artefact", ["media", "transcript", "job", "status"])
def test_every_artefact_has_examples(artefact: str) -> None:
    assert artefact in {path.parent.parent.name for path in EXAMPLES}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_an_example_is_what_its_schema_says(example: Path) -> None:
    found = faults(f"{example.parts[-3]}/schema.json", read_json(example))

    if example.name in REFUSED:
        assert any(REFUSED[example.name] in fault for fault in found)
    else:
        assert not found
