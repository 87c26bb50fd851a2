"""A voice as a vector: the GE2E speaker encoder (Wan et al., 2018, arXiv:1710.10467).

The weights are those of Resemblyzer (Apache-2.0, Resemble AI); of that distribution only the file
of weights is read. Its features are plain mel power, not logarithms: 40 bands of 25 ms every 10 ms.
"""

from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.speech import SAMPLE_RATE, Waveform

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.float32]  # shape [windows, 256], rows of unit length

HOP = 160  # samples between spectrum frames
SPAN = 400  # samples of a spectrum frame
BANDS = 40
WINDOW_FRAMES = 160  # what the encoder was trained on: 1.6 s
WINDOW = WINDOW_FRAMES * HOP
SPEECH_LEVEL = 10 ** (-30 / 20)  # RMS of the speech it was trained on
BATCH = 256
MODEL = "ge2e-resemblyzer"


class VoiceEncoder:
    """Three LSTM layers over mel frames; the last state, projected, is the voice."""

    def __init__(self) -> None:
        import torch

        state = torch.load(weights_file(), map_location="cpu", weights_only=True)["model_state"]
        self.version = version("resemblyzer")
        self.lstm = torch.nn.LSTM(BANDS, 256, 3, batch_first=True)
        self.linear = torch.nn.Linear(256, 256)
        for name, module in (("lstm", self.lstm), ("linear", self.linear)):
            module.load_state_dict(
                {
                    k.removeprefix(f"{name}."): v
                    for k, v in state.items()
                    if k.startswith(f"{name}.")
                }
            )
        self.mel = torch.from_numpy(mel_filters())
        self.taper = torch.hann_window(SPAN)

    def embed(self, waveform: Waveform, starts: NDArray[np.int64]) -> Vectors:
        """Return one vector per window of 1.6 s that starts at each of `starts` (samples)."""
        import torch

        vectors = np.empty((starts.size, 256), np.float32)
        with torch.inference_mode():
            for first in range(0, starts.size, BATCH):
                batch = starts[first : first + BATCH]
                windows = np.stack([take(waveform, int(s), WINDOW) for s in batch])
                vectors[first : first + BATCH] = self._embed_windows(
                    torch.from_numpy(windows)
                ).numpy()
        return vectors

    def _embed_windows(self, windows: "torch.Tensor") -> "torch.Tensor":
        """[windows, samples] to [windows, 256]."""
        _, (hidden, _) = self.lstm(self.mel_power(windows))
        from torch.nn.functional import normalize

        return normalize(self.linear(hidden[-1]).relu(), dim=1)

    def mel_power(self, samples: "torch.Tensor") -> "torch.Tensor":
        """[windows, samples] to [windows, frames, 40]."""
        import torch

        spectrum = torch.stft(
            samples,
            SPAN,
            HOP,
            window=self.taper,
            center=True,
            pad_mode="constant",
            return_complex=True,
        )
        power = spectrum.real.square() + spectrum.imag.square()
        return (self.mel @ power).transpose(1, 2)[:, :WINDOW_FRAMES]


def take(waveform: Waveform, start: int, length: int) -> Waveform:
    """Return `length` samples from `start`, zeros beyond the ends, raised to the trained level."""
    piece = waveform[max(start, 0) : max(start + length, 0)]
    before = max(-start, 0)
    piece = np.pad(piece, (before, length - piece.size - before))
    level = float(np.sqrt(np.mean(np.square(piece))))
    return piece * np.float32(max(1.0, SPEECH_LEVEL / max(level, 1e-6)))


def weights_file() -> Path:
    """Return the file of weights in the installed Resemblyzer, without importing that package."""
    package = find_spec("resemblyzer")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("resemblyzer")
    return Path(package.origin).with_name("pretrained.pt")


def mel_filters() -> NDArray[np.float32]:
    """Return [40, 201] triangular filters on Slaney's mel scale, each of unit area."""
    frequencies = np.linspace(0, SAMPLE_RATE / 2, SPAN // 2 + 1)
    edges = _mel_to_hertz(np.linspace(0, _hertz_to_mel(SAMPLE_RATE / 2), BANDS + 2))
    widths = np.diff(edges)
    ramps = edges[:, None] - frequencies[None, :]
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return np.asarray(triangles * (2 / (edges[2:] - edges[:-2]))[:, None], np.float32)


# Slaney's scale: linear (200/3 Hz a mel) up to 1 kHz, then 27 mels for each factor of 6.4.
_BREAK = 1000.0
_STEP = np.log(6.4) / 27


def _hertz_to_mel(hertz: float) -> float:
    if hertz < _BREAK:
        return hertz * 3 / 200
    return float(_BREAK * 3 / 200 + np.log(hertz / _BREAK) / _STEP)


def _mel_to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _BREAK * 3 / 200
    return np.where(mel < knee, mel * 200 / 3, _BREAK * np.exp(_STEP * (mel - knee)))
