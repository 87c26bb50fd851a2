"""Random checkpoints in the shapes of the real models, and audio to run them on.

Random weights cost what trained ones cost as long as the amount of work is fixed, and need no hub.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent / "services" / "transcriber" / "tests" / "engines_standard"
SAMPLE_RATE = 16_000

# width, heads, layers; the encoder and the decoder of these sizes are alike
SIZES = {"tiny": (384, 6, 4), "base": (512, 8, 6), "small": (768, 12, 12)}


def write_inputs(folder: Path, size: str, seconds: float) -> None:
    """Write `audio.npy`, `whisper.pt` and `pyannote/`, in the shape of community-1."""
    sys.path.insert(0, str(TESTS))
    np.save(folder / "audio.npy", _audio(seconds))
    _write_whisper(folder / "whisper.pt", size)
    from debate_transcriber.engines.pyannote.model import _import_pyannote, _quiet

    with _quiet():
        _import_pyannote()
        from pyannote_folder import write_pipeline

        # batches of one are the fastest setting of the stock pipeline on a CPU
        write_pipeline(folder / "pyannote", chunk_seconds=10.0, step=0.1, batch=1)


def _audio(seconds: float) -> Any:
    rng = np.random.default_rng(0)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    loudness = np.clip(np.sin(2 * np.pi * 0.7 * time) + np.sin(2 * np.pi * 0.31 * time), 0, 1)
    tone = np.sin(2 * np.pi * (180 + 60 * np.sin(2 * np.pi * 0.2 * time)) * time)
    return (loudness * (0.3 * tone + 0.1 * rng.normal(size=time.size))).astype(np.float32)


def _write_whisper(path: Path, size: str) -> None:
    """The tests' random model, which says different words: stock's plain one repeats a symbol."""
    from generated import random_whisper, save_whisper
    from whisper.model import ModelDimensions

    width, heads, layers = SIZES[size]
    dimensions = ModelDimensions(80, 1500, width, heads, layers, 51865, 448, width, heads, layers)
    save_whisper(random_whisper(dimensions), path)
