"""SQL on the dataset, with DuckDB (the extra `query`)."""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, TextIO

from debate_contract.errors import UsageFault
from debate_contract.storage import Location, explained, locate

from debate_stats.command.settings import TABLES
from debate_stats.dataset.folder import paths_within
from debate_stats.errors import NoDataset

# Those of a table; a year that is asked for (`year = '2025'`) spares reading the others.
FILES = "year=*/*.parquet"


def print_answer(sql: str, dataset: str, form: str, stream: TextIO) -> None:
    """Print the answer as a `table` that fits the terminal, as `csv`, or as `json` lines.

    Raises UsageFault for wrong SQL or without DuckDB, NoDataset when there is none.
    """
    duckdb = _import_duckdb()
    with duckdb.connect() as connection:
        _register_tables(connection, dataset)
        try:
            PRINTERS[form](connection, sql, stream)
        except duckdb.Error as error:
            raise UsageFault(f"DuckDB: {error}") from error


def _print_table(connection: Any, sql: str, stream: TextIO) -> None:
    answer = connection.sql(sql)
    if answer is not None:  # else the statement has no answer
        stream.write(f"{answer}\n")


def _print_csv(connection: Any, sql: str, stream: TextIO) -> None:
    answer = connection.execute(sql)
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_names(answer))
    writer.writerows(_rows(answer))


def _print_json(connection: Any, sql: str, stream: TextIO) -> None:
    answer = connection.execute(sql)
    names = _names(answer)
    for row in _rows(answer):
        record = dict(zip(names, row, strict=True))
        stream.write(json.dumps(record, ensure_ascii=False, default=str) + "\n")


PRINTERS = {"table": _print_table, "csv": _print_csv, "json": _print_json}


def _names(answer: Any) -> list[str]:
    return [column[0] for column in answer.description or ()]


def _rows(answer: Any) -> Iterator[tuple[Any, ...]]:
    while rows := answer.fetchmany(1000):
        yield from rows


def _import_duckdb() -> Any:
    try:
        import duckdb
    except ImportError as error:
        raise UsageFault(
            "Queries need DuckDB: install debate-stats[query], or read the Parquet files otherwise"
        ) from error
    return duckdb


def _register_tables(connection: Any, dataset: str) -> None:
    folder = locate(dataset)
    for name in TABLES:
        place = folder / name
        # DuckDB would take each folder around the dataset for a column as well: /run=5/dataset.
        if isinstance(place, Path) and "=" not in str(place):
            _view_files(connection, name, place)
        else:
            connection.register(name, _arrow_dataset(place))


def _view_files(connection: Any, name: str, place: Path) -> None:
    if not any(place.glob(FILES)):
        raise NoDataset(str(place.parent))
    files = str(place / FILES).replace("'", "''")
    connection.execute(
        f"CREATE VIEW {name} AS FROM read_parquet('{files}', hive_types={{'year': VARCHAR}})"
    )


def _arrow_dataset(place: Location) -> Any:
    """The files of a table, by Arrow: for S3 DuckDB's own way would load an extension from afar."""
    import pyarrow as pa
    from pyarrow import dataset

    files = sorted(path for path in paths_within(place) if PurePosixPath(path).match(FILES))
    if not files:
        raise NoDataset(str(place.parent))
    year = dataset.partitioning(pa.schema([("year", pa.string())]), flavor="hive")
    with explained(place):
        root, filesystem = _in_arrow(place)
        paths = [f"{root}/{path}" for path in files]
        return dataset.dataset(paths, format="parquet", filesystem=filesystem, partitioning=year)


def _in_arrow(place: Location) -> tuple[str, Any]:
    from pyarrow import fs

    if isinstance(place, Path):
        return str(place.absolute()), fs.LocalFileSystem()
    s3 = fs.S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL"))
    return f"{place.bucket}/{place.key.rstrip('/')}", s3
