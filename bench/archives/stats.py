"""Measures debate-stats: debates per second, memory, and the predecessor's columns beside it.

Run it by `make bench-stats`; see stats.md beside it.
"""

import argparse
import csv
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from costs import Cost, clock, load, run
from debates import SPEAKERS, write_debates
from predecessor import write_statistics

SHARE_PER_PERSON = """
SELECT person, sum(total_seconds) AS seconds,
       sum(total_seconds) / sum(sum(total_seconds)) OVER () AS share
FROM speakers GROUP BY person ORDER BY seconds DESC
"""
PEOPLE = 500


def main() -> None:
    """Generate the debates, measure, print a line for each thing measured."""
    arguments = _arguments()
    print(f"{os.cpu_count()} cores, {arguments.workers} workers, load {load()}", flush=True)
    _measure_debates(arguments)
    with _folder(arguments) as root:
        _measure_queries(root, arguments)
    print(f"load at the end {load()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--debates", type=int, default=200, help="of full size, 4 MB on disk each")
    parser.add_argument("--batch", type=int, default=1000, help="of them on the disk at a time")
    parser.add_argument("--sample", type=int, default=50, help="per batch, for the predecessor")
    parser.add_argument("--segments", type=int, default=3000, help="of a debate of full size")
    parser.add_argument("--corpus-debates", type=int, default=2000, help="in the dataset queried")
    parser.add_argument("--corpus-segments", type=int, default=60, help="of each of them")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where to put the files for the time")
    return parser.parse_args()


@contextmanager
def _folder(arguments: argparse.Namespace) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="bench-stats-") as folder:
        yield Path(folder)


def _measure_debates(arguments: argparse.Namespace) -> None:
    """All debates in batches; the dataset of the first batch only."""
    plain, ours, again = Cost(), Cost(), Cost()
    for first in range(0, arguments.debates, arguments.batch):
        numbers = range(first, min(first + arguments.batch, arguments.debates))
        with _folder(arguments) as root:
            paths = write_debates(root / "jobs", numbers, arguments.segments)
            sample = paths[:: max(1, len(paths) // arguments.sample)]
            command = ["--transcripts-prefix", root, "--workers", arguments.workers]
            # One half before and one after: what else the machine does changes with time.
            plain += _predecessor(sample[::2])
            ours += run(command, len(paths))
            plain += _predecessor(sample[1::2])
            again += run(command, len(paths))
            if first == 0:
                _measure_dataset(root, len(paths), arguments)
        print(f"{numbers.stop} debates: {ours}", file=sys.stderr, flush=True)
    print(f"predecessor's 16 columns, plain Python, 1 process: {plain}")
    print(f"debate-stats, all new: {ours}; {plain.against(ours)}")
    print(f"debate-stats, nothing changed: {again}; {plain.against(again)}", flush=True)


def _measure_dataset(root: Path, debates: int, arguments: argparse.Namespace) -> None:
    command = ["corpus", "--root", root, "--workers", arguments.workers]
    print(f"debate-stats corpus, all new: {run(command, debates)}")
    print(f"debate-stats corpus, nothing changed: {run(command, debates)}")
    size = sum(file.stat().st_size for file in (root / "dataset").rglob("*.parquet"))
    print(f"dataset: {size / debates / 1e6:.2f} MB per debate", flush=True)


def _measure_queries(root: Path, arguments: argparse.Namespace) -> None:
    debates = arguments.corpus_debates
    paths = write_debates(root / "jobs", range(debates), arguments.corpus_segments)
    people = _write_people(root, paths)
    built = run(["corpus", "--root", root, "--people", people, "--workers", 2], debates)
    print(f"debate-stats corpus, short debates: {built}")
    query = ["query", "--format", "csv", "--dataset", root / "dataset", SHARE_PER_PERSON]
    times = sorted(run(query).wall for _ in range(5))
    print(
        f"speaking share per person over {debates} debates: {times[2]:.2f} s "
        f"(median of 5 runs of the command, {times[0]:.2f} to {times[-1]:.2f})"
    )


def _write_people(root: Path, paths: list[Path]) -> Path:
    """Six of the people in each debate."""
    table = root / "people.csv"
    with table.open("w") as file:
        rows = csv.writer(file)
        rows.writerow(("transcript", "label", "person"))
        for debate, path in enumerate(paths):
            for n in range(SPEAKERS):
                person = f"person-{(7 * debate + 83 * n) % PEOPLE:03d}"
                rows.writerow((path.relative_to(root), f"SPEAKER_{n:02d}", person))
    return table


def _predecessor(paths: list[Path]) -> Cost:
    def work() -> None:
        for path in paths:
            write_statistics(path, Path(folder))

    with tempfile.TemporaryDirectory(dir=paths[0].parent) as folder:
        return clock(work, len(paths))


if __name__ == "__main__":
    main()
