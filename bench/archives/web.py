"""Measures the site with many debates: what each kind of page costs through gunicorn.

Run it by `make bench-web`; see web.md beside it.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent))

import archive
import visits
from costs import load
from server import Server, serve

DEBATE = 5
# `{after}` is the id after the small site's last: from there on a list is the same in both.
KINDS = {
    "list": "/",
    "list, unchanged": "/#",
    "list, the oldest": "/?cursor={after}",
    "list, the oldest, unchanged": "/?cursor={after}#",
    "people": "/people",
    "person, 20 debates": f"/people/{archive.NEWCOMER}",
    "person, 200 of 340 debates": f"/people/{archive.STAR}",
    "debate": f"/debates/{DEBATE}",
    "debate, unchanged": f"/debates/{DEBATE}#",
    "debate, figures": f"/debates/{DEBATE}/figures",
    "API: list": "/api/v1/transcripts",
    "API: list, the oldest": "/api/v1/transcripts?cursor={after}",
    "API: segments": f"/api/v1/transcripts/{DEBATE}/segments",
    "API: stats": f"/api/v1/transcripts/{DEBATE}/stats",
    "API: person's stats": f"/api/v1/people/{archive.STAR}/stats",
    # Words of all debates, of every tenth segment and of one in hundreds.
    "search, two common words": "/search?q=no+sta",
    "search, common phrase": "/search?q=%22no+sta%22",
    "search, common, newest": "/search?q=sta&sort=newest",
    "search, rare words": "/search?q=cestasta+stanobu",
    "search, beginnings": "/search?q=cest*+OR+stano*",
    "search, counts": "/search/counts?q=%22no+sta%22",
    "SRT": f"/api/v1/transcripts/{DEBATE}/export.srt",
}
# Asked for milliseconds of CPU at most, and how much more with ten times as many debates.
BARS = {
    "list": 15,
    "people": 25,
    "person, 200 of 340 debates": 40,
    "debate": 120,
    "debate, unchanged": 5,
    "API: list": 15,
    "search, two common words": 60,
    "search, common phrase": 60,
    "search, common, newest": 60,
    "search, rare words": 60,
    "search, beginnings": 60,
}
# What these show grows with the debates.
GROW = ("list", "list, unchanged", "people", "person, 200 of 340 debates")
GROW += ("API: list", "API: person's stats", *(kind for kind in KINDS if "search" in kind))
GROWTH = 0.10
EDIT_BAR = 100


def main() -> None:
    """Fill a site, measure it small and large, write to it, ask ten thousand times."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # servers and files go
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {load()}")
    for database in arguments.database:
        with archive.open_archive(database, arguments.folder) as site:
            _measure(database, site, arguments)
    print(f"load at the end {load()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    databases = ["sqlite", "postgresql"]
    parser.add_argument("--database", nargs="+", choices=databases, default=databases)
    parser.add_argument("--debates", type=int, default=340, help="in the large site; 20 at least")
    parser.add_argument("--segments", type=int, default=3000, help="of each debate")
    parser.add_argument("--clients", type=int, default=8, help="that read at once")
    parser.add_argument("--requests", type=int, default=100, help="of each kind of page")
    parser.add_argument("--writers", type=int, default=20, help="that edit at once")
    parser.add_argument("--seconds", type=float, default=30, help="that they edit")
    parser.add_argument("--mixed", type=int, default=10_000, help="requests of all kinds in turn")
    parser.add_argument("--folder", type=Path, help="where to put the site for the time")
    return parser.parse_args()


def _measure(database: str, site: archive.Archive, arguments: argparse.Namespace) -> None:
    few = max(20, arguments.debates // 10)
    paths = {kind: path.format(after=few + 1) for kind, path in KINDS.items()}
    _fill(site, few, arguments)
    beginning = archive.copy(site)
    _fill(site, arguments.debates, arguments)
    small, large = _read((beginning, site), paths, arguments)
    print(f"\n### {database}, {arguments.debates} debates of {arguments.segments} segments\n")
    print(_table(small, large), flush=True)
    with serve(site) as server:
        for pause in (1.0, 0.0):
            _write(server, pause, arguments)
        asked = [path for path in paths.values() if not path.endswith("#")]
        began = time.perf_counter()
        good, bad = visits.mixture(server, asked, arguments.mixed, arguments.clients)
        took = time.perf_counter() - began
        print(f"- {good} of {good + bad} mixed requests answered, {good / took:.0f} a second")
        print(f"- memory of the workers afterwards: {server.memory():.0f} MB", flush=True)


def _fill(site: archive.Archive, debates: int, arguments: argparse.Namespace) -> None:
    began = time.perf_counter()
    archive.fill(site, debates, arguments.segments)
    print(f"{debates} debates after {time.perf_counter() - began:.0f} s", file=sys.stderr)


def _read(
    sites: Sequence[archive.Archive], paths: dict[str, str], arguments: argparse.Namespace
) -> list[dict[str, visits.Seen]]:
    """What each of the sites costs by kind of page, both asked in turn: one machine, one moment."""
    with serve(sites[0]) as small, serve(sites[1]) as large:
        seen = {
            kind: visits.measure((small, large), path, arguments.requests, arguments.clients)
            for kind, path in paths.items()
        }
    return [{kind: both[at] for kind, both in seen.items()} for at in range(len(sites))]


def _table(small: dict[str, visits.Seen], large: dict[str, visits.Seen]) -> str:
    lines = [
        "| | CPU ms, median | p99 | bar | at a tenth of the debates | wall ms, median | p99 | kB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind, seen in large.items():
        cpu, before = median(seen.cpu), median(small[kind].cpu)
        bar = BARS.get(kind)
        mark = "" if bar is None else f"{bar}" + ("" if cpu <= bar else " **missed**")
        more = "" if kind in GROW or cpu <= before * (1 + GROWTH) else " **grew**"
        lines.append(
            f"| {kind} | {cpu:.1f} | {_p99(seen.cpu):.1f} | {mark} | {before:.1f}{more} "
            f"| {median(seen.wall):.0f} | {_p99(seen.wall):.0f} | {seen.size / 1000:.1f} |"
        )
    return "\n".join(lines) + "\n"


def _write(server: Server, pause: float, arguments: argparse.Namespace) -> None:
    debates = range(6, 10)
    first, took = visits.write(server, debates, arguments.writers, arguments.seconds, pause)
    how = "an edit a second each" if pause else "without a pause"
    bar = f" (bar: {EDIT_BAR})" if pause else ""
    print(
        f"- {arguments.writers} writers in {len(debates)} debates, {how}: {len(took)} edits, "
        f"median {median(took):.0f} ms, p99 {_p99(took):.0f} ms{bar}; "
        f"each one's first: median {median(first):.0f} ms, at most {max(first):.0f} ms"
    )


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(0.99 * len(values)))]


if __name__ == "__main__":
    main()
