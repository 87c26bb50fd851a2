"""The dataset of all debates, as Glue's catalogue describes it to Athena: plain data.

What its tables hold is fixed in `contracts/dataset/`; `debate-stats corpus` writes them.
"""

import json
from pathlib import Path

from debate_infra.settings.images import CHECKOUT

TABLES = ("debates", "speakers", "turns", "words", "interactions")
# Folders `year=1900` to `year=2099`, and `year=0000` for debates without such a date. A query that
# does not ask for years lists all of them, however many there are.
PARTITION, YEARS = "year", ("0000", *(str(year) for year in range(1900, 2100)))

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
        f"projection.{PARTITION}.type": "enum",
        f"projection.{PARTITION}.values": ",".join(YEARS),
        "storage.location.template": f"{location}/{PARTITION}=${{{PARTITION}}}/",
    }
