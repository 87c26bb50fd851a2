"""Compares the transcriber's standard engines with Whisper, faster-whisper and pyannote on a CPU.

Run it by `make bench-transcriber`; see README.md beside it.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cases
import checkpoints
import running


def main() -> None:
    """Measure the parts that are asked for, print the table, write the figures."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        inputs = cases.Inputs(
            Path(folder),
            arguments.size,
            arguments.asr_seconds,
            arguments.diarization_seconds,
            arguments.pipeline_seconds,
            arguments.threads,
        )
        checkpoints.write_inputs(
            inputs.folder, inputs.size, inputs.longest, with_faster=running.FASTER_PYTHON.exists()
        )
        rows = running.measure_all(inputs, arguments.parts)
    running.publish(
        running.report(rows, inputs, running.describe_cpu(inputs.threads)), arguments.output
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=checkpoints.SIZES, default="base", help="Whisper's shape")
    parser.add_argument("--asr-seconds", type=float, default=480, help="multiple of 30")
    parser.add_argument("--diarization-seconds", type=float, default=60)
    parser.add_argument("--pipeline-seconds", type=float, default=120, help="multiple of 30")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--parts", nargs="+", choices=cases.PARTS, default=cases.PARTS)
    parser.add_argument("--output", type=Path, help="write the figures as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
