"""The artefacts' JSON Schemas, which lie beside their pages, and what breaks one."""

import json
from importlib.resources import files
from typing import Any, Literal

from debate_contract.errors import BadInput

Artefact = Literal["media", "transcript", "peaks", "transcript_stats", "job", "status"]


def load_schema(artefact: Artefact) -> dict[str, Any]:
    """The JSON Schema of an artefact."""
    text = (files(__name__) / f"{artefact}.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def faults(document: object, artefact: Artefact) -> list[str]:
    """What a document breaks of the contract, one line each. Needs debate-contract[schemas]."""
    from jsonschema import Draft202012Validator

    checker = Draft202012Validator.FORMAT_CHECKER
    validator = Draft202012Validator(load_schema(artefact), format_checker=checker)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]


def validate(document: object, artefact: Artefact) -> None:
    """Raise BadInput, which names all that a document breaks of the contract."""
    if found := faults(document, artefact):
        raise BadInput(f"this is no {artefact} by contract: {'; '.join(found)}")
