"""Artefacts, and what lies in a job's folder, against the contracts."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from checkout import CONTRACTS
from jobs import Job, tree
from jsonschema import Draft202012Validator
from recordings import damage

# By the end of a file's name.
SCHEMAS = {
    "job.json": "job/schema.json",
    "media.json": "media/schema.json",
    "_transcription.json": "transcript/schema.json",
    "_peaks.json": "transcript/peaks.schema.json",
    "_transcript_stats.json": "statistics/transcript_stats.schema.json",
}
COLUMNS = {
    "_speaker_embeddings.parquet": "transcript/speaker_embeddings.columns.json",
    "_speaker_stats.parquet": "statistics/speaker_stats.columns.json",
    "_interactions.parquet": "statistics/interactions.columns.json",
}


STAGES = ("download", "transcribe", "stats", "register")


def files_of_a_submission(job: Job) -> set[str]:
    """The tree of the contract, and the record of a local submission."""
    stem = job.the("videos/*.mp4").stem
    made = {end for end in SCHEMAS | COLUMNS if end.startswith("_")}
    return (
        {"media.json", "job.json", ".lock", f"videos/{stem}.mp4"}
        | {f"logs/{stage}.jsonl" for stage in STAGES}
        | {f"transcripts/{stem}{end}" for end in made}
    )


def broken_files(folder: Path) -> list[str]:
    """What lies under a final name and is not as its contract, or a player, wants it."""
    paths = [folder / name for name in tree(folder)]
    return [
        f"{path.relative_to(folder)}: {fault}"
        for path in paths
        if not path.name.startswith(".")
        for fault in _faults(path)
    ]


def _faults(path: Path) -> list[str]:
    if path.suffix == ".mp4":
        return damage(path).splitlines()
    end = next((end for end in SCHEMAS | COLUMNS if path.name.endswith(end)), "")
    if end in SCHEMAS:
        return faults(SCHEMAS[end], read_json(path))
    return column_faults(COLUMNS[end], path) if end else []


def validator(name: str) -> Draft202012Validator:
    """For a schema such as "media/schema.json", date-time formats included."""
    schema = read_json(CONTRACTS / name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(name: str, document: object) -> list[str]:
    """What a document breaks of a schema, one line each."""
    errors = validator(name).iter_errors(document)
    return [f"{error.json_path}: {error.message}" for error in errors]


def read_json(path: Path) -> Any:
    """The document in a file."""
    return json.loads(path.read_text("utf-8"))


def column_faults(name: str, path: Path) -> list[str]:
    """What a Parquet file breaks of a columns file such as "statistics/interactions.columns.json":
    a missing column, another type, a null or a NaN where none may be. Further columns are free."""
    table = pq.read_table(path)
    return [
        f"{column}: {fault}"
        for column, rule in read_json(CONTRACTS / name).items()
        if (fault := column_fault(table, column, rule))
    ]


def column_fault(table: pa.Table, column: str, rule: dict[str, Any]) -> str:
    """What is wrong with one column, or nothing."""
    if column not in table.column_names:
        return "missing"
    values = table.column(column)
    if type_name(values.type) != rule["type"]:
        return f"{values.type} instead of {rule['type']}"
    if values.null_count and not rule["nullable"]:
        return "null"
    if pa.types.is_floating(values.type) and any(value != value for value in values.to_pylist()):
        return "NaN"
    return ""


def type_name(kind: pa.DataType) -> str:
    """As the columns files write it: whatever a list's field is called does not matter."""
    return f"list<{kind.value_type}>" if pa.types.is_list(kind) else str(kind)
