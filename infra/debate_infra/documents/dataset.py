"""The dataset of all debates, as Glue's catalogue describes it to Athena: plain data.

What its tables hold is fixed in `contracts/dataset/`; `debate-stats corpus` writes them.
"""

import json
from pathlib import Path

from debate_infra.settings.images import CHECKOUT

TABLES = ("debates", "speakers", "turns", "words", "interactions")
# Folders `bucket=000` to `bucket=255`, by which an update finds what it has to rewrite.
PARTITION, LAST_PARTITION, DIGITS = "bucket", 255, 3

_HIVE = "org.apache.hadoop.hive.ql.io.parquet"
INPUT_FORMAT = f"{_HIVE}.MapredParquetInputFormat"
OUTPUT_FORMAT = f"{_HIVE}.MapredParquetOutputFormat"
SERIALIZATION = f"{_HIVE}.serde.ParquetHiveSerDe"
_GLUE_TYPES = {"int64": "bigint", "bool": "boolean"}


def read_columns(table: str, checkout: Path = CHECKOUT) -> dict[str, str]:
    """Columns of a table in their order, with Glue's types."""
    contract = checkout / "contracts" / "dataset" / f"{table}.columns.json"
    rules = json.loads(contract.read_text())
    return {name: glue_type(rule["type"]) for name, rule in rules.items()}


def glue_type(arrow: str) -> str:
    """Glue's name of an Arrow type: `int64` → `bigint`, `list<double>` → `array<double>`."""
    if arrow.startswith("list<"):
        return f"array<{glue_type(arrow[5:-1])}>"
    return _GLUE_TYPES.get(arrow, arrow)


def table_parameters(location: str) -> dict[str, str]:
    """Parameters of a table at `s3://…/<table>`.

    With partition projection Athena works out the folders by itself: no crawler has to run, and no
    partition has to be registered.
    """
    return {
        "EXTERNAL": "TRUE",
        "classification": "parquet",
        "projection.enabled": "true",
        f"projection.{PARTITION}.type": "integer",
        f"projection.{PARTITION}.range": f"0,{LAST_PARTITION}",
        f"projection.{PARTITION}.digits": str(DIGITS),
        "storage.location.template": f"{location}/{PARTITION}=${{{PARTITION}}}/",
    }
