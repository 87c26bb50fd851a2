"""The Parquet files of the dataset, written and read one debate at a time."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from debate_stats import __version__
from debate_stats.dataset.rows import SCHEMAS
from debate_stats.figures.artefact import PRODUCER, SCHEMA_VERSION

# What a reader loads or passes over at once: DuckDB's own size, some 2 MB of words.
ROWS_PER_GROUP = 122_880


def table_paths(bucket: int) -> dict[str, str]:
    """The file of each table, by its path within the dataset, in the order of publication."""
    return {name: f"{name}/bucket={bucket:03d}/part.parquet" for name in SCHEMAS}


def read_rows(debate_id: str, name: str, path: Path) -> pa.Table:
    """What a file holds of one debate; only the row groups with it are read."""
    wanted = [("debate_id", "=", debate_id)]
    table = pq.read_table(path, filters=wanted, partitioning=None, use_threads=False)
    return table.cast(SCHEMAS[name])


class TableFile:
    """A Parquet file whose bytes depend on its rows alone, not on how they arrive."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        producer = json.dumps({"name": PRODUCER, "version": __version__})
        metadata = {"schema_version": SCHEMA_VERSION, "producer": producer}
        self.writer = pq.ParquetWriter(path, schema.with_metadata(metadata), compression="zstd")
        self.schema = schema
        self.waiting: list[pa.Table] = []
        self.rows = 0

    def __enter__(self) -> "TableFile":
        return self

    def __exit__(self, *_: object) -> None:
        if self.rows:
            self._flush(self.rows)
        self.writer.close()

    def add(self, table: pa.Table) -> None:
        """Append rows; they are written as soon as they fill a row group."""
        self.waiting.append(table)
        self.rows += len(table)
        while self.rows >= ROWS_PER_GROUP:
            self._flush(ROWS_PER_GROUP)

    def _flush(self, rows: int) -> None:
        whole = pa.concat_tables(self.waiting)
        self.writer.write_table(whole.slice(0, rows).combine_chunks(), row_group_size=rows)
        self.waiting, self.rows = [whole.slice(rows)], self.rows - rows
