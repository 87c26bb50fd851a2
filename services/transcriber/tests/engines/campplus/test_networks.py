"""Both networks and the features against what they are written after."""

from typing import Any

import numpy as np
import pytest
import torch
from debate_transcriber.engines.campplus.networks import fbank
from debate_transcriber.engines.campplus.networks.campplus import CamPlusPlus
from debate_transcriber.engines.campplus.networks.pyannet import PyanNet
from debate_transcriber.weights.registry import CAMPPLUS, SEGMENTATION
from random_weights import hum, random_campplus, random_segmentation, real
from torch import Tensor

pytestmark = pytest.mark.timeout(400)  # importing pyannote.audio takes 5-20 s

# What 3D-Speaker's own class makes of three seconds of hum(): the largest entries of the vector,
# and its length. With the random weights of this folder, and with the published ones.
BY_LOT = (
    {17: -16.47263, 39: -15.50728, 106: -15.25765, 127: -23.83276, 163: 17.92405, 179: -21.38074},
    96.3024,
)
PUBLISHED = (
    {29: 1.26516, 35: -1.64597, 61: 1.45727, 108: 1.44075, 140: 1.23165, 169: -2.31902},
    7.97837,
)


@pytest.mark.parametrize("samples", [400, 401, 48_000])
def test_features_equal_those_of_kaldi(samples: int) -> None:
    from debate_transcriber.engines.torchaudio_shim import ensure_torchaudio

    ensure_torchaudio()
    from torchaudio.compliance.kaldi import fbank as kaldi

    sound = torch.from_numpy(hum(3.0)[:samples])
    ours = fbank.log_mel(sound)
    stock = kaldi(sound[None], num_mel_bins=80, sample_frequency=16_000, dither=0.0)
    assert ours.shape == stock.shape
    assert np.abs(ours.numpy() - stock.numpy()).max() < 2e-3


@pytest.mark.parametrize("samples", [0, 1, 399])
def test_less_than_a_frame_has_no_features(samples: int) -> None:
    assert fbank.log_mel(torch.zeros(samples)).shape == (0, 80)


def test_features_do_not_depend_on_where_a_piece_begins() -> None:
    sound = torch.from_numpy(hum(2.0))
    assert torch.allclose(fbank.log_mel(sound[16_000:]), fbank.log_mel(sound)[100:], atol=1e-5)


def vector(weights: dict[str, Tensor]) -> Tensor:
    features = fbank.log_mel(torch.from_numpy(hum(3.0)))
    network = CamPlusPlus(weights)
    with torch.inference_mode():
        frames = network.frames((features - features.mean(0))[None])[0]
        deviation, mean = torch.std_mean(frames, 0)
        return network.vectors(mean[None], deviation[None])[0]


@pytest.mark.parametrize(
    ("weights", "recorded"),
    [(random_campplus(), BY_LOT), *((weights, PUBLISHED) for weights in real(CAMPPLUS))],
)
def test_a_voice_is_that_of_3d_speakers_network(
    weights: dict[str, Tensor], recorded: tuple[dict[int, float], float]
) -> None:
    entries, length = recorded
    found = vector(weights)
    assert float(found.norm()) == pytest.approx(length, rel=1e-4)
    assert {i: pytest.approx(float(found[i]), rel=2e-4) for i in entries} == entries


@pytest.mark.parametrize("features", [1, 2, 99, 201])
def test_any_number_of_features_makes_half_as_many_frames(features: int) -> None:
    network = CamPlusPlus(random_campplus())
    with torch.inference_mode():
        frames = network.frames(torch.zeros(2, features, 80))
    assert frames.shape == (2, -(-features // 2), 512)


def stock(weights: dict[str, Tensor]) -> Any:
    """pyannote.audio's own network with these weights."""
    from debate_transcriber.engines.pyannote.model import _import_pyannote, _quiet

    with _quiet():
        _import_pyannote()
        from pyannote.audio.core.task import Problem, Resolution, Specifications
        from pyannote.audio.models.segmentation import PyanNet as Stock

        model = Stock(
            sincnet={"stride": 10},
            lstm={
                "hidden_size": 128,
                "num_layers": 4,
                "bidirectional": True,
                "monolithic": True,
                "dropout": 0.0,
                "batch_first": True,
            },
            linear={"hidden_size": 128, "num_layers": 2},
        )
        model.specifications = Specifications(
            problem=Problem.MONO_LABEL_CLASSIFICATION,
            resolution=Resolution.FRAME,
            duration=10.0,
            classes=["speaker#1", "speaker#2", "speaker#3"],
            powerset_max_classes=2,
            permutation_invariant=True,
        )
        model.build()
    model.load_state_dict(weights)
    return model.eval()


@pytest.mark.parametrize("weights", [random_segmentation(), *real(SEGMENTATION)])
def test_segmentation_is_that_of_pyannotes_network(weights: dict[str, Tensor]) -> None:
    windows = torch.stack([torch.from_numpy(hum(10.0, pitch)) for pitch in (110, 210)])
    windows[1, 60_000:90_000] = 0
    with torch.inference_mode():
        ours = PyanNet(weights)(windows).log_softmax(-1)
        theirs = stock(weights)(windows[:, None])
    assert ours.shape == theirs.shape == (2, 589, 7)
    assert float((ours - theirs).abs().max()) < 2e-3
    assert len(ours.argmax(-1).unique()) > 1
    assert float((ours.argmax(-1) == theirs.argmax(-1)).float().mean()) > 0.998
