"""The same comparison on an NVIDIA GPU, in the shapes of large-v3-turbo and community-1.

    services/transcriber/.venv/bin/python bench/recognition/gpu.py --output figures.json

Needs the CUDA build of torch. `--device cpu --size tiny --seconds 60` tries the command itself out.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import cases
import checkpoints
import running

STOCK_BATCH = 32  # pyannote's own default on a GPU


def main() -> None:
    """Measure all parts on one file, print the table with real-time factors, write the figures."""
    arguments = _arguments()
    machine = _machine(arguments.device)
    with tempfile.TemporaryDirectory() as folder:
        inputs = cases.Inputs(
            Path(folder),
            arguments.size,
            *(arguments.seconds,) * 3,
            threads=arguments.threads,
            device=arguments.device,
        )
        checkpoints.write_inputs(
            inputs.folder,
            inputs.size,
            inputs.longest,
            batch=STOCK_BATCH,
            with_faster=running.FASTER_PYTHON.exists(),
        )
        rows = running.measure_all(inputs, arguments.parts, arguments.sides)
    running.publish(running.report(rows, inputs, machine), arguments.output)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", choices=checkpoints.SIZES, default="turbo")
    parser.add_argument("--seconds", type=float, default=3600, help="of audio, a multiple of 30")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--threads", type=int, default=4, help="CPU threads beside the GPU")
    parser.add_argument("--parts", nargs="+", choices=cases.PARTS, default=cases.PARTS)
    parser.add_argument("--sides", nargs="+", choices=running.SIDES, default=running.SIDES)
    parser.add_argument("--output", type=Path, help="write the figures as JSON")
    return parser.parse_args()


def _machine(device: str) -> str:
    """The GPU's name; ends the command in a sentence where there is none."""
    import torch

    if device == "cpu":
        return "CPU, to try the command out"
    if not torch.cuda.is_available():
        sys.exit(
            "gpu.py needs an NVIDIA GPU, and torch sees none here: run it on a machine with one "
            "and the CUDA build of torch, or give --device cpu --size tiny --seconds 60."
        )
    return f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}"


if __name__ == "__main__":
    main()
