"""The Parquet files of the dataset, written and read one debate at a time."""

import json
import re
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import feather

from debate_stats import __version__
from debate_stats.dataset.rows import SCHEMAS
from debate_stats.figures.artefact import PRODUCER, SCHEMA_VERSION

# What a reader loads or passes over at once: DuckDB's own size, some 2 MB of words.
ROWS_PER_GROUP = 122_880


_DAY = re.compile(r"((?:19|20)[0-9]{2})-[0-9]{2}-[0-9]{2}")
# Of the layout there is, and of the one until 0.4 with a folder for each of its 256 buckets.
_FILE = re.compile(
    r"_state/(\d{3})\.json|\w+/year=\d{4}/(\d{3})\.parquet|\w+/bucket=(\d{3})/part\.parquet",
    re.ASCII,
)


def year_of(day: str | None) -> str:
    """The year of a date (YYYY-MM-DD) that is one of 1900 to 2099, else `0000`: it is not known.

    They are as many as Athena is told to look for, see contracts/dataset.
    """
    found = _DAY.fullmatch(day or "")
    return found[1] if found else "0000"


def table_paths(year: str, bucket: int) -> dict[str, str]:
    """The file of each table, by its path within the dataset, in the order of publication."""
    return {name: f"{name}/year={year}/{bucket:03d}.parquet" for name in SCHEMAS}


def bucket_in(path: str) -> int | None:
    """The bucket in the path of a file within the dataset; None for what no bucket ever wrote."""
    found = _FILE.fullmatch(path)
    return int(found[found.lastindex or 0]) if found else None


def read_rows(debate_id: str, name: str, path: Path) -> pa.Table:
    """What a file holds of one debate; only the row groups with it are read."""
    wanted = [("debate_id", "=", debate_id)]
    table = pq.read_table(path, filters=wanted, partitioning=None, use_threads=False)
    return table.cast(SCHEMAS[name])


def set_aside(folder: Path, name: str, rows: pa.Table) -> Path:
    """Keep rows on this machine's disk as they are in memory: a tenth of what Parquet costs."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.arrow"
    feather.write_feather(rows, str(path))
    return path


def take_back(path: Path) -> pa.Table:
    """Rows that were set aside."""
    return feather.read_table(str(path), memory_map=False)


def write_table(path: Path, name: str, rows: Iterable[pa.Table]) -> None:
    """Write a table's rows into a file, debate by debate."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with TableFile(path, SCHEMAS[name]) as file:
        for some in rows:
            file.add(some)


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
