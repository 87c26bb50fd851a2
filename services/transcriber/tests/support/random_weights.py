"""Both networks' weights in their real shapes, drawn by lot; the same on every machine."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from debate_contract.storage import sha256_of
from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform
from debate_transcriber.weights import registry
from debate_transcriber.weights.cache import find
from torch import Tensor

Shapes = dict[str, tuple[int, ...]]


def hum(seconds: float, pitch: float = 140, seed: int = 0) -> Waveform:
    """A voiced sound made from formulas, pitch and loudness swinging, with some noise."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * np.cumsum(pitch + 30 * np.sin(2 * np.pi * 3 * time)) / SAMPLE_RATE
    sound = sum(np.sin(k * phase) / k for k in range(1, 20))
    swinging = sound * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    return np.float32(0.05 * (swinging + rng.normal(0, 0.1, time.size)))


def _norm(name: str, width: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    for part in ("weight", "bias", "running_mean", "running_var"):
        yield f"{name}.{part}", (width,)


def campplus_shapes() -> Shapes:
    shapes: Shapes = {"head.conv1.weight": (32, 1, 3, 3), **dict(_norm("head.bn1", 32))}
    for layer in (1, 2):
        for i in (0, 1):
            name = f"head.layer{layer}.{i}"
            for n in (1, 2):
                shapes[f"{name}.conv{n}.weight"] = (32, 32, 3, 3)
                shapes |= _norm(f"{name}.bn{n}", 32)
            if i == 0:
                shapes[f"{name}.shortcut.0.weight"] = (32, 32, 1, 1)
                shapes |= _norm(f"{name}.shortcut.1", 32)
    shapes |= {"head.conv2.weight": (32, 32, 3, 3), **dict(_norm("head.bn2", 32))}
    shapes |= {"xvector.tdnn.linear.weight": (128, 320, 5)}
    shapes |= _norm("xvector.tdnn.nonlinear.batchnorm", 128)
    width = 128
    for block, layers in enumerate((12, 24, 16), 1):
        for layer in range(1, layers + 1):
            shapes |= _dense(f"xvector.block{block}.tdnnd{layer}", width)
            width += 32
        shapes |= _norm(f"xvector.transit{block}.nonlinear.batchnorm", width)
        shapes[f"xvector.transit{block}.linear.weight"] = (width // 2, width, 1)
        width //= 2
    shapes |= _norm("xvector.out_nonlinear.batchnorm", 512)
    shapes["xvector.dense.linear.weight"] = (192, 1024, 1)
    last = _norm("xvector.dense.nonlinear.batchnorm", 192)
    return shapes | {name: shape for name, shape in last if "running" in name}


def _dense(name: str, width: int) -> Shapes:
    return {
        **dict(_norm(f"{name}.nonlinear1.batchnorm", width)),
        f"{name}.linear1.weight": (128, width, 1),
        **dict(_norm(f"{name}.nonlinear2.batchnorm", 128)),
        f"{name}.cam_layer.linear_local.weight": (32, 128, 3),
        f"{name}.cam_layer.linear1.weight": (64, 128, 1),
        f"{name}.cam_layer.linear1.bias": (64,),
        f"{name}.cam_layer.linear2.weight": (32, 64, 1),
        f"{name}.cam_layer.linear2.bias": (32,),
    }


def segmentation_shapes() -> Shapes:
    shapes: Shapes = {"sincnet.wav_norm1d.weight": (1,), "sincnet.wav_norm1d.bias": (1,)}
    for layer, width in enumerate((80, 60, 60)):
        shapes[f"sincnet.norm1d.{layer}.weight"] = shapes[f"sincnet.norm1d.{layer}.bias"] = (width,)
    shapes |= {"sincnet.conv1d.1.weight": (60, 80, 5), "sincnet.conv1d.1.bias": (60,)}
    shapes |= {"sincnet.conv1d.2.weight": (60, 60, 5), "sincnet.conv1d.2.bias": (60,)}
    for layer in range(4):
        for way in (f"l{layer}", f"l{layer}_reverse"):
            shapes[f"lstm.weight_ih_{way}"] = (512, 60 if layer == 0 else 256)
            shapes[f"lstm.weight_hh_{way}"] = (512, 128)
            shapes[f"lstm.bias_ih_{way}"] = shapes[f"lstm.bias_hh_{way}"] = (512,)
    for layer, width in enumerate((256, 128)):
        shapes |= {f"linear.{layer}.weight": (128, width), f"linear.{layer}.bias": (128,)}
    return shapes | {"classifier.weight": (7, 128), "classifier.bias": (7,)}


def _drawn(shapes: Shapes, rng: np.random.Generator, gain: float) -> dict[str, Tensor]:
    """Weights by the number of inputs, normalisations near one, biases near zero."""
    drawn = {}
    for name, shape in shapes.items():
        values = rng.normal(size=shape)
        if len(shape) > 1:
            values *= gain / np.sqrt(np.prod(shape[1:]))
        elif name.endswith("running_var") or ("bias" not in name and "mean" not in name):
            values = np.exp(values / 4)
        else:
            values /= 10
        drawn[name] = torch.from_numpy(np.float32(values))
    return drawn


def random_campplus(seed: int = 0) -> dict[str, Tensor]:
    return _drawn(campplus_shapes(), np.random.default_rng(seed), gain=1.4)


def random_segmentation(seed: int = 0) -> dict[str, Tensor]:
    """So large that the sound changes the classes."""
    weights = _drawn(segmentation_shapes(), np.random.default_rng(seed), gain=2.5)
    weights["classifier.weight"] *= 4
    edges = torch.linspace(30, 7000, 41)[:, None]
    bank = "sincnet.conv1d.0.filterbank"
    weights |= {f"{bank}.low_hz_": edges[:-1], f"{bank}.band_hz_": edges[1:] - edges[:-1]}
    weights[f"{bank}.n_"] = 2 * torch.pi * torch.arange(-125, 0)[None] / SAMPLE_RATE
    weights[f"{bank}.window_"] = torch.hamming_window(250, periodic=False)[:125]
    return weights


def publish(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fill a folder of models with them, and let the registry know their digests."""
    from debate_transcriber.engines.campplus import diarizer

    made = {"SEGMENTATION": random_segmentation(), "CAMPPLUS": random_campplus()}
    for name, tensors in made.items():
        known = getattr(registry, name)
        file = folder / known.file
        file.parent.mkdir(parents=True, exist_ok=True)
        torch.save({"state_dict": tensors}, file)
        sources = (replace(known.sources[0], sha256=sha256_of(file)),)
        monkeypatch.setattr(diarizer, name, replace(known, sources=sources))
    return folder


def real(weights: registry.Weights) -> list[dict[str, Tensor]]:
    """The real weights, where this machine has them: a case more."""
    file = find(weights, None)
    if file is None:
        return []
    loaded = torch.load(file, weights_only=True)
    return [loaded.get("state_dict", loaded)]
