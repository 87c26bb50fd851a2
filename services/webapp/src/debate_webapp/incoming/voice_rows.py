"""The rows of a voice file as JSON: a program of its own, for a file can crash whoever opens it.

Parquet from standard input, of at most `argv[1]` rows and `argv[2]` numbers in all. It imports
nothing of ours, so that it is there in a third of a second.
"""

import io
import json
import resource
import sys

MEMORY = 4_000_000_000  # of addresses, most of which libraries only reserve
COLUMNS = ["speaker", "embedding", "seconds", "model", "model_version"]


def main(most_rows: int, most_numbers: int) -> None:
    """Write the rows to standard output; any failure is an exit code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import pyarrow.parquet as pq  # which whoever only wants COLUMNS does not need

    file = pq.ParquetFile(io.BytesIO(sys.stdin.buffer.read()))
    groups = [file.metadata.row_group(at) for at in range(file.metadata.num_row_groups)]
    columns = (group.column(at) for group in groups for at in range(group.num_columns))
    if file.metadata.num_rows > most_rows or sum(c.num_values for c in columns) > most_numbers:
        sys.exit("more voices than a transcript can have")
    json.dump(file.read(columns=COLUMNS, use_threads=False).to_pylist(), sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
