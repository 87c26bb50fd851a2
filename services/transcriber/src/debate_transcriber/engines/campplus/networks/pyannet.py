"""segmentation-3.0's network (PyanNet): who of three local speakers is heard in a window of 10 s.

Learned band-pass filters (Ravanelli and Bengio, 2018, arXiv:1808.00158), two convolutions, four
two-way LSTM layers, two linear ones. Classes are the powerset of three speakers, two at most at
once (Plaquet and Bredin, 2023, arXiv:2310.13025). Equal to pyannote.audio's class, which tests
compare; what it costs to import that is the reason for this one.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import conv1d, instance_norm, leaky_relu, linear, max_pool1d

from debate_transcriber.engines.speech import SAMPLE_RATE

FILTER_STRIDE = 10
LOWEST = 50.0  # Hz: the least frequency of a filter, and its least width
UNITS, LAYERS = 128, 4  # of the LSTM

Weights = Mapping[str, Tensor]


class PyanNet:
    """The network over its weights, on the device that they are on."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.filters = band_pass_filters(weights, "sincnet.conv1d.0.filterbank")
        features = weights["sincnet.conv1d.2.bias"].numel()
        self.lstm = nn.LSTM(features, UNITS, LAYERS, bidirectional=True, batch_first=True)
        own = {n.removeprefix("lstm."): w for n, w in weights.items() if n.startswith("lstm.")}
        self.lstm.load_state_dict(own)
        self.lstm.to(self.filters.device).eval()

    def __call__(self, windows: Tensor) -> Tensor:
        """[windows, samples] to the classes' scores, [windows, frames, 7], not normalised."""
        x = self._normalised(windows[:, None], "sincnet.wav_norm1d")
        for layer in range(3):
            x = max_pool1d(self._convolved(x, layer), 3, 3)
            x = leaky_relu(self._normalised(x, f"sincnet.norm1d.{layer}"))
        x, _ = self.lstm(x.transpose(1, 2))
        for layer in (0, 1):
            x = leaky_relu(self._linear(x, f"linear.{layer}"))
        return self._linear(x, "classifier")

    def _convolved(self, x: Tensor, layer: int) -> Tensor:
        if layer == 0:
            return conv1d(x, self.filters, stride=FILTER_STRIDE).abs()
        name = f"sincnet.conv1d.{layer}"
        return conv1d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def _normalised(self, x: Tensor, name: str) -> Tensor:
        return instance_norm(
            x, weight=self.weights[f"{name}.weight"], bias=self.weights[f"{name}.bias"]
        )

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])


def band_pass_filters(weights: Weights, name: str) -> Tensor:
    """80 filters, [80, 1, 251]: each of 40 bands as a cosine and as a sine."""
    low = LOWEST + weights[f"{name}.low_hz_"].abs()
    high = (low + LOWEST + weights[f"{name}.band_hz_"].abs()).clamp(LOWEST, SAMPLE_RATE / 2)
    half, taper = weights[f"{name}.n_"], weights[f"{name}.window_"]
    lows, highs, band = low @ half, high @ half, high - low
    cosine = (highs.sin() - lows.sin()) / (half / 2) * taper
    sine = (lows.cos() - highs.cos()) / (half / 2) * taper
    even = torch.cat([cosine, 2 * band, cosine.flip(1)], 1)
    odd = torch.cat([sine, torch.zeros_like(band), -sine.flip(1)], 1)
    return torch.cat([even / (2 * band), odd / (2 * band)])[:, None]
