"""SQL on the dataset, with DuckDB (the extra `query`)."""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from debate_contract.errors import UsageFault
from debate_contract.storage import explained, locate

from debate_stats.command.settings import TABLES
from debate_stats.errors import NoDataset
from debate_stats.storage import paths_within


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
        if isinstance(place, Path):
            _view_files(connection, name, place)
        else:
            connection.register(name, _arrow_dataset(place))


def _view_files(connection: Any, name: str, place: Path) -> None:
    if not any(place.glob("*/*.parquet")):
        raise NoDataset(str(place.parent))
    files = str(place / "*" / "*.parquet").replace("'", "''")
    connection.execute(
        f"CREATE VIEW {name} AS FROM read_parquet('{files}', hive_partitioning=false)"
    )


def _arrow_dataset(place: Any) -> Any:
    """The files of a table on S3, by Arrow: DuckDB's own way would load an extension from afar."""
    from pyarrow import dataset, fs

    files = sorted(path for path in paths_within(place) if path.endswith(".parquet"))
    if not files:
        raise NoDataset(str(place.parent))
    paths = [f"{place.bucket}/{place.key.rstrip('/')}/{path}" for path in files]
    with explained(place):
        s3 = fs.S3FileSystem(endpoint_override=os.environ.get("AWS_ENDPOINT_URL"))
        return dataset.dataset(paths, format="parquet", filesystem=s3)
