"""Runs the cases, each in a process of its own, and makes a report of what they cost."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cases

HERE = Path(__file__).resolve().parent
FASTER_PYTHON = HERE / ".venv" / "bin" / "python"  # the environment of faster-whisper.txt
FASTER = "recognition faster-whisper"
SIDES = ("stock", "ours")
LIBRARIES = ("torch", "openai-whisper", "pyannote.audio", "debate-transcriber")

Row = dict[str, Any]


def measure_all(
    inputs: cases.Inputs, parts: Sequence[str], sides: Sequence[str] = SIDES
) -> list[Row]:
    """Measure the sides of each part, and faster-whisper's recognition where it is set up.

    A case that fails says why and has a row without figures.
    """
    rows = []
    for part in parts:
        rows += [_measure(sys.executable, "cases.py", f"{part} {side}", inputs) for side in sides]
        if part == "recognition" and FASTER_PYTHON.exists():
            rows.append(_measure(str(FASTER_PYTHON), "faster.py", FASTER, inputs))
    return rows


def _measure(python: str, script: str, case: str, inputs: cases.Inputs) -> Row:
    """A process per case: peak memory is the process's, and nothing is warm from the last one."""
    print(f"measuring {case} ...", file=sys.stderr, flush=True)
    threads = str(inputs.threads)
    environment = os.environ | {"OMP_NUM_THREADS": threads, "NUMBA_NUM_THREADS": threads}
    command = [python, "-W", "ignore", str(HERE / script), case, inputs.dump()]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        print(f"the case {case} failed; what it said stands above", file=sys.stderr)
        return {"case": case, "failed": True}
    row: Row = json.loads(done.stdout.splitlines()[-1])
    return row


def report(rows: Sequence[Row], inputs: cases.Inputs, machine: str) -> dict[str, Any]:
    """All figures and, for each part, how many times as much the peers cost as ours."""
    measured = [row for row in rows if "failed" not in row]
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine,
        "load": [round(load, 1) for load in os.getloadavg()],
        "versions": {name: version(name) for name in LIBRARIES},
        "inputs": json.loads(replace(inputs, folder=Path()).dump()),
        "cases": measured,
        "failed": [row["case"] for row in rows if "failed" in row],
        "ratios": _ratios(measured),
    }


def _ratios(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    ours = {row["case"].partition(" ")[0]: row for row in rows if row["case"].endswith(" ours")}
    return {
        row["case"]: {
            cost: round(row[f"{cost}_per_hour"] / ours[part][f"{cost}_per_hour"], 2)
            for cost in ("cpu_s", "wall_s")
        }
        for row in rows
        if (part := row["case"].partition(" ")[0]) in ours and row is not ours[part]
    }


def publish(found: dict[str, Any], output: Path | None) -> None:
    """Print the table and write the figures; exit 1 when a case is missing."""
    print(table(found))
    if output:
        output.write_text(json.dumps(found, indent=2) + "\n")
    if found["failed"]:
        sys.exit(f"no figures of {', '.join(found['failed'])}")


def table(found: dict[str, Any]) -> str:
    """The report for people: costs per hour of audio; the last columns compare with ours."""
    head = (
        f"{'':28} {'CPU s/h':>8} {'wall s/h':>8} {'x real time':>11} {'peak MB':>8} {'GPU MB':>7}"
    )
    lines = [f"{head} {'CPU':>6} {'wall':>6}"]
    for row in found["cases"]:
        ratios = found["ratios"].get(row["case"], {})
        compared = " ".join(f"{ratio:>5.2f}x" for ratio in ratios.values())
        lines.append(
            f"{row['case']:28} {row['cpu_s_per_hour']:>8.0f} {row['wall_s_per_hour']:>8.0f} "
            f"{row['real_time_factor']:>11.1f} {row['peak_mb']:>8.0f} {row['gpu_mb']:>7.0f} "
            + compared
        )
        if row["steps"]:
            steps = (f"{step} {seconds:.1f} s" for step, seconds in row["steps"].items())
            lines.append("    " + ", ".join(steps))
    loads = ", ".join(map(str, found["load"]))
    return "\n".join([*lines, f"{found['machine']}; load {loads} at the end"])


def describe_cpu(threads: int) -> str:
    """The machine in words."""
    return f"{platform.machine()}, {os.cpu_count()} cores, {threads} used"
