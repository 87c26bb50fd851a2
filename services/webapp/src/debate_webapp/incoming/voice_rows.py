"""The rows of a voice file as JSON: a program of its own, for a file can crash whoever opens it.

Parquet from standard input, of at most `argv[1]` rows and `argv[2]` numbers in all. It imports
nothing of ours, so that it is there in a third of a second.
"""

import io
import json
import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

# Bytes. A few hundred bytes of a file can unfold to as much as one likes.
MEMORY = 400_000_000
OUTPUT = 10_000_000
COLUMNS = ["speaker", "embedding", "seconds", "model", "model_version"]


def main(most_rows: int, most_numbers: int) -> None:
    """Write the rows to standard output; any failure is an exit code."""
    _limit_memory()
    import pyarrow.parquet as pq  # which whoever only wants COLUMNS does not need

    file = pq.ParquetFile(io.BytesIO(sys.stdin.buffer.read()))
    groups = [file.metadata.row_group(at) for at in range(file.metadata.num_row_groups)]
    columns = (group.column(at) for group in groups for at in range(group.num_columns))
    if file.metadata.num_rows > most_rows or sum(c.num_values for c in columns) > most_numbers:
        sys.exit("more voices than a transcript can have")
    rows = json.dumps(file.read(columns=COLUMNS, use_threads=False).to_pylist())
    if len(rows) > OUTPUT:
        sys.exit("longer names than voices have")
    sys.stdout.write(rows)
    sys.stdout.flush()
    os._exit(0)  # Arrow's threads may be ended in the wrong order: one time in fifty that aborts


def _limit_memory() -> None:
    """To what is used: Arrow's own allocator reserves a gigabyte and more. And to go first."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    with suppress(OSError):  # Where the machine itself has too little, not who serves pages ends.
        Path("/proc/self/oom_score_adj").write_text("1000")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
