"""Kaldi's log-mel features, as the voice network was trained on: 80 bands of 25 ms every 10 ms."""

from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import pad

from debate_transcriber.engines.speech import SAMPLE_RATE

HOP = 160  # samples from frame to frame
SPAN = 400  # samples of a frame
FFT = 512
BANDS = 80
LOWEST = 20.0  # Hz
PREEMPHASIS = 0.97


def log_mel(samples: Tensor) -> Tensor:
    """[samples] in -1..1 to [frames, 80]; frames that would go beyond the end are left out.

    Equal to torchaudio's `compliance.kaldi.fbank` without dither (a test compares them).
    """
    if samples.numel() < SPAN:
        return samples.new_zeros(0, BANDS)
    frames = samples.unfold(0, SPAN, HOP)
    frames = frames - frames.mean(1, keepdim=True)
    before = pad(frames[:, None], (1, 0), mode="replicate")[:, 0, :-1]
    window, filters = _constants(samples.device)
    spectrum = torch.fft.rfft((frames - PREEMPHASIS * before) * window, FFT)
    power = spectrum.real.square() + spectrum.imag.square()
    bands: Tensor = power @ filters
    return bands.clamp_min(torch.finfo(torch.float32).eps).log()


@cache
def _constants(device: torch.device) -> tuple[Tensor, Tensor]:
    """Povey's window, [400], and the filters, [257, 80]."""
    window = torch.hann_window(SPAN, periodic=False).pow(0.85)
    return window.to(device), _mel_filters().to(device)


def _mel_filters() -> Tensor:
    """Triangles of equal width on Kaldi's mel scale; the last bin of the spectrum has no part."""
    edges = torch.linspace(_mel(LOWEST), _mel(SAMPLE_RATE / 2), BANDS + 2, dtype=torch.float64)
    bins = torch.arange(FFT // 2, dtype=torch.float64) * SAMPLE_RATE / FFT
    mels = 1127.0 * (1 + bins / 700).log()[:, None]
    width = edges[1] - edges[0]
    rising, falling = (mels - edges[:-2]) / width, (edges[2:] - mels) / width
    return pad(torch.minimum(rising, falling).clamp_min(0).float(), (0, 0, 0, 1))


def _mel(hertz: float) -> float:
    return float(1127.0 * torch.tensor(1 + hertz / 700, dtype=torch.float64).log())
