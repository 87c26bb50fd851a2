"""Measures debate-stats: debates per second, memory, and the predecessor's columns beside it.

Run it by `make bench-stats`; see stats.md beside it.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from debates import write_debate
from predecessor import write_statistics

SHARE_PER_PERSON = """
SELECT speaker_id_in_transcript AS who, sum(total_seconds) AS seconds,
       sum(total_seconds) / sum(sum(total_seconds)) OVER () AS share
FROM speakers GROUP BY who ORDER BY seconds DESC
"""


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of processors, and the most memory at a time in MB."""

    wall: float
    cpu: float
    peak: float = 0.0


def main() -> None:
    """Generate the debates, measure, print a table."""
    arguments = _arguments()
    print(f"{os.cpu_count()} cores, {arguments.workers} workers, load {_load()}", flush=True)
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="bench-stats-") as folder:
        _measure_debates(Path(folder) / "full", arguments)
    with tempfile.TemporaryDirectory(dir=arguments.folder, prefix="bench-stats-") as folder:
        _measure_corpus(Path(folder) / "short", arguments)
    print(f"load at the end {_load()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--debates", type=int, default=200, help="of full size, 4 MB on disk each")
    parser.add_argument("--segments", type=int, default=3000, help="of a debate of full size")
    parser.add_argument("--corpus-debates", type=int, default=2000, help="in the dataset queried")
    parser.add_argument("--corpus-segments", type=int, default=60, help="of each of them")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="where to put the files for the time")
    return parser.parse_args()


def _measure_debates(root: Path, arguments: argparse.Namespace) -> None:
    paths = _generate(root, arguments.debates, arguments.segments)
    stats = ["--transcripts-prefix", str(root), "--workers", str(arguments.workers)]
    corpus = ["corpus", "--root", str(root), "--workers", str(arguments.workers)]
    plain = _clock(lambda: _predecessor(paths))
    _report("predecessor's 16 columns, plain Python, 1 process", len(paths), plain, plain)
    for name, command in (
        ("debate-stats, all files", stats),
        ("debate-stats again, nothing changed", stats),
        ("debate-stats corpus", corpus),
        ("debate-stats corpus again, nothing changed", corpus),
    ):
        _report(name, len(paths), _run(command), plain)
    size = sum(file.stat().st_size for file in (root / "dataset").rglob("*.parquet"))
    print(f"dataset: {size / len(paths) / 1e6:.2f} MB per debate")


def _measure_corpus(root: Path, arguments: argparse.Namespace) -> None:
    paths = _generate(root, arguments.corpus_debates, arguments.corpus_segments)
    built = _run(["corpus", "--root", str(root), "--workers", str(arguments.workers)])
    _report("debate-stats corpus, short debates", len(paths), built)
    query = ["query", "--format", "csv", "--dataset", str(root / "dataset"), SHARE_PER_PERSON]
    times = sorted(_run(query).wall for _ in range(5))
    print(
        f"speaking share per person over {len(paths)} debates: "
        f"{times[2]:.2f} s (median of 5 runs of the command, {times[0]:.2f} to {times[-1]:.2f})"
    )


def _generate(root: Path, debates: int, segments: int) -> list[Path]:
    return [write_debate(root / "jobs", number, segments) for number in range(debates)]


def _predecessor(paths: list[Path]) -> None:
    with tempfile.TemporaryDirectory(dir=paths[0].parent) as folder:
        for path in paths:
            write_statistics(path, Path(folder))


def _clock(work: Callable[[], None]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


def _run(options: list[str]) -> Cost:
    """Run the command and all its processes."""
    program = shutil.which("debate-stats", path=str(Path(sys.executable).parent))
    wall, cpu = time.perf_counter(), _cpu_of_children()
    running = subprocess.Popen(
        [str(program), *options], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    peaks: list[float] = [0.0]
    watch = threading.Thread(target=_watch, args=(running, peaks))
    watch.start()
    _, said = running.communicate()
    wall = time.perf_counter() - wall
    watch.join()
    if running.returncode:
        sys.exit(f"debate-stats {options[0]} failed: {said}")
    return Cost(wall, _cpu_of_children() - cpu, peaks[0])


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _watch(running: subprocess.Popen[str], peaks: list[float]) -> None:
    while running.poll() is None:
        peaks[0] = max(peaks[0], sum(_memory(pid) for pid in _family(running.pid)))
        time.sleep(0.2)


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _memory(pid: int) -> float:
    """Resident memory in MB; what processes share is counted once for each."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    lines = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def _report(name: str, debates: int, cost: Cost, plain: Cost | None = None) -> None:
    print(
        f"{name}: {debates / cost.wall:.1f} debates/s in {cost.wall:.1f} s; "
        f"{1000 * cost.cpu / debates:.1f} ms of CPU each"
        + (f"; peak {cost.peak:.0f} MB" if cost.peak else "")
        + (f"; {plain.wall / cost.wall:.1f} times the predecessor's" if plain else "")
        + (f", {plain.cpu / cost.cpu:.1f} times by CPU" if plain else ""),
        flush=True,
    )


def _load() -> str:
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


if __name__ == "__main__":
    main()
