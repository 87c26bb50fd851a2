"""Compares the transcriber's standard engines with Whisper and pyannote as they come.

Run it by `make bench-transcriber`; see README.md beside it.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cases
import checkpoints

# Peers with which a case is compared: stock first.
PARTS = ("recognition", "alignment", "diarization")
LIBRARIES = ("torch", "openai-whisper", "pyannote.audio", "debate-transcriber")


def main() -> None:
    """Measure all cases, or the one that a child process is asked for."""
    arguments = _arguments()
    if arguments.case:
        inputs = cases.Inputs(
            arguments.folder,
            arguments.asr_seconds,
            arguments.diarization_seconds,
            arguments.threads,
        )
        print(json.dumps(cases.measure(arguments.case, inputs).per_hour()))
        return
    with tempfile.TemporaryDirectory() as folder:
        seconds = max(arguments.asr_seconds, arguments.diarization_seconds)
        checkpoints.write_inputs(Path(folder), arguments.size, seconds)
        rows = [_measure_in_child(case, folder, arguments) for case in cases.CASES]
    report = _report(rows, arguments)
    print(_table(report))
    if arguments.output:
        arguments.output.write_text(json.dumps(report, indent=2) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=checkpoints.SIZES, default="base", help="Whisper's shape")
    parser.add_argument("--asr-seconds", type=float, default=240, help="multiple of 30")
    parser.add_argument("--diarization-seconds", type=float, default=30)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--output", type=Path, help="write the figures as JSON")
    parser.add_argument("--case", choices=cases.CASES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure_in_child(case: str, folder: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """A process per case: peak memory is the process's, and nothing is warm from the last one."""
    print(f"measuring {case} ...", file=sys.stderr)
    command = [sys.executable, __file__, "--case", case, "--folder", folder]
    for name in ("asr_seconds", "diarization_seconds", "threads"):
        command += ["--" + name.replace("_", "-"), str(getattr(arguments, name))]
    environment = os.environ | {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": str(arguments.threads)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return row


def _report(rows: list[dict[str, Any]], arguments: argparse.Namespace) -> dict[str, Any]:
    by_case = {row["case"]: row for row in rows}
    whole = {
        side: round(
            sum(
                by_case[f"{part} {side}"]["cpu_s_per_hour"]
                for part in ("recognition", "diarization")
            )
        )
        for side in ("stock", "ours")
    }
    ratios = {
        part: round(by_case[f"{part} stock"]["cpu_s"] / by_case[f"{part} ours"]["cpu_s"], 2)
        for part in PARTS
    }
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {arguments.threads} used",
        "versions": {name: version(name) for name in LIBRARIES},
        "whisper_shape": arguments.size,
        "cases": rows,
        "ratios": ratios | {"whole pipeline": round(whole["stock"] / whole["ours"], 2)},
        "whole_pipeline_cpu_s_per_hour": whole,
    }


def _table(report: dict[str, Any]) -> str:
    lines = [f"{'':20} {'CPU s/h':>9} {'wall s/h':>9} {'peak MB':>8}"]
    for row in report["cases"]:
        costs = f"{row['cpu_s_per_hour']:>9.0f} {row['wall_s_per_hour']:>9.0f}"
        lines.append(f"{row['case']:20} {costs} {row['peak_mb']:>8.0f}")
    lines += [f"{part}: {ratio}x stock" for part, ratio in report["ratios"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
