"""Random checkpoints in the shapes of the real models, and audio to run them on.

Random weights cost what trained ones cost as long as the amount of work is fixed, and need no hub.
"""

import sys
import wave
from pathlib import Path
from typing import Any

import faster
import numpy as np

HERE = Path(__file__).resolve().parent
TESTS = HERE.parents[1] / "services" / "transcriber" / "tests" / "support"
SAMPLE_RATE = 16_000

# mel bands, vocabulary; width, heads and layers of the encoder; layers of the decoder
SIZES = {
    "tiny": (80, 51865, 384, 6, 4, 4),
    "base": (80, 51865, 512, 8, 6, 6),
    "small": (80, 51865, 768, 12, 12, 12),
    "turbo": (128, 51866, 1280, 20, 32, 4),  # large-v3-turbo
}


def write_inputs(
    folder: Path, size: str, seconds: float, batch: int = 1, *, with_faster: bool
) -> None:
    """Write the audio, `<size>.pt` and `pyannote/`, in the shape of community-1.

    Batches of one are the fastest setting of the stock pipeline on a CPU. `with_faster` writes the
    weights again, for the case of faster-whisper.
    """
    sys.path.insert(0, str(TESTS))
    _write_audio(folder, seconds)
    _write_whisper(folder / f"{size}.pt", size)
    if with_faster:
        faster.write_files(folder, size)
    from debate_transcriber.engines.pyannote.model import _import_pyannote, _quiet

    with _quiet():
        _import_pyannote()
        from pyannote_folder import write_pipeline

        write_pipeline(folder / "pyannote", chunk_seconds=10.0, step=0.1, batch=batch)


def _write_audio(folder: Path, seconds: float) -> None:
    """As an array, and as a file for the cases that begin with decoding."""
    samples = _audio(seconds)
    np.save(folder / "audio.npy", samples)
    with wave.open(str(folder / "audio.wav"), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes((samples * 32767).astype(np.int16).tobytes())


def _audio(seconds: float) -> Any:
    rng = np.random.default_rng(0)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    loudness = np.clip(np.sin(2 * np.pi * 0.7 * time) + np.sin(2 * np.pi * 0.31 * time), 0, 1)
    tone = np.sin(2 * np.pi * (180 + 60 * np.sin(2 * np.pi * 0.2 * time)) * time)
    samples = loudness * (0.3 * tone + 0.1 * rng.normal(size=time.size))
    return np.clip(samples, -1, 1).astype(np.float32)


def _write_whisper(path: Path, size: str) -> None:
    """The tests' random model, which says different words: a plain one repeats one mark.

    Under the official name it gets the official alignment heads.
    """
    from generated import random_whisper, save_whisper
    from whisper.model import ModelDimensions

    mels, words, width, heads, layers, text_layers = SIZES[size]
    encoder, decoder = (1500, width, heads, layers), (448, width, heads, text_layers)
    save_whisper(random_whisper(ModelDimensions(mels, *encoder, words, *decoder)), path)
