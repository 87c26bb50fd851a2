"""The schemas come with the package, and say what a document breaks."""

import json
import zipfile
from pathlib import Path
from typing import Any, get_args

import pytest
from debate_contract.errors import BadInput
from debate_contract.schemas import Artefact, faults, load_schema, validate
from jsonschema import Draft202012Validator

CONTRACTS = Path(__file__).parents[1]


@pytest.mark.parametrize("artefact", get_args(Artefact))
def test_a_schema_is_one(artefact: Artefact) -> None:
    Draft202012Validator.check_schema(load_schema(artefact))


def test_every_schema_of_the_contract_is_in_the_package() -> None:
    beside_pages = {path.read_bytes() for path in CONTRACTS.glob("*/*schema.json")}
    packaged = [path.read_bytes() for path in CONTRACTS.glob("src/debate_contract/schemas/*.json")]

    assert beside_pages == set(packaged)
    assert len(packaged) == len(get_args(Artefact))


def example() -> dict[str, Any]:
    path = next(CONTRACTS.glob("media/examples/*.json"))
    document: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return document


def test_what_a_document_breaks_is_named() -> None:
    validate(example(), "media")
    broken = example() | {"created_at": "yesterday"}
    del broken["source"]

    assert len(faults(broken, "media")) == 2
    with pytest.raises(BadInput, match="'source' is a required property"):
        validate(broken, "media")


def test_the_wheel_has_the_schemas_themselves(tmp_path: Path) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=CONTRACTS, check=True, capture_output=True, timeout=50)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        packed = json.loads(wheel.read("debate_contract/schemas/media.json"))

    assert packed == load_schema("media")
