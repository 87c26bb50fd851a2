"""What a program costs with all its processes: time by the clock, processor time, memory."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.1  # seconds between two looks at the processes
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of processors, the most memory at a time in MB, for so many."""

    debates: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.debates + other.debates,
            self.wall + other.wall,
            self.cpu + other.cpu,
            max(self.peak, other.peak),
        )

    def __str__(self) -> str:
        return (
            f"{self.debates} debates, {self.debates / self.wall:.1f} a second; "
            f"{1000 * self.cpu / self.debates:.1f} ms of CPU each"
            + (f"; peak {self.peak:.0f} MB" if self.peak else "")
        )

    def against(self, other: "Cost") -> str:
        """How many times the throughput of this the other has."""
        wall = self.wall / self.debates / (other.wall / other.debates)
        cpu = self.cpu / self.debates / (other.cpu / other.debates)
        return f"{wall:.1f} times the predecessor's throughput, {cpu:.1f} times by CPU"


def clock(work: Callable[[], None], debates: int) -> Cost:
    """Do the work in this process."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Cost(debates, time.perf_counter() - wall, time.process_time() - cpu)


def run(options: Sequence[object], debates: int = 1) -> Cost:
    """Run debate-stats."""
    program = shutil.which("debate-stats", path=str(Path(sys.executable).parent))
    wall = time.perf_counter()
    running = subprocess.Popen(
        [str(program), *map(str, options)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    spent: dict[int, float] = {}
    peaks = [0.0]
    watch = threading.Thread(target=_watch, args=(running, spent, peaks))
    watch.start()
    _, said = running.communicate()
    wall = time.perf_counter() - wall
    watch.join()
    if running.returncode:
        sys.exit(f"debate-stats {options[0]} failed: {said}")
    return Cost(debates, wall, sum(spent.values()), peaks[0])


def load() -> str:
    """The machine's load averages."""
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def _watch(running: subprocess.Popen[str], spent: dict[int, float], peaks: list[float]) -> None:
    while running.poll() is None:
        family = _family(running.pid)
        spent |= {pid: max(_cpu(pid), spent.get(pid, 0.0)) for pid in family}
        peaks[0] = max(peaks[0], sum(_memory(pid) for pid in family))
        time.sleep(INTERVAL)


def _family(pid: int) -> list[int]:
    children = _read(pid, f"task/{pid}/children").split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _cpu(pid: int) -> float:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _memory(pid: int) -> float:
    """Resident memory in MB; what processes share is counted once for each."""
    lines = [line for line in _read(pid, "status").splitlines() if line.startswith("VmRSS:")]
    return int(lines[0].split()[1]) / 1024 if lines else 0.0


def _read(pid: int, name: str) -> str:
    """A file of /proc; nothing for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
