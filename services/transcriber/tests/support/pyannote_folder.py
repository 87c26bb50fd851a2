"""Writes a pyannote pipeline with random weights: real models, real files, no hub."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

CONFIG = """
dependencies:
  pyannote.audio: 4.0.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: VBxClustering
    segmentation: $model/segmentation
    segmentation_batch_size: {batch}
    segmentation_step: {step}
    embedding: $model/embedding
    embedding_batch_size: {batch}
    embedding_exclude_overlap: true
    plda: $model/plda
params:
  clustering:
    threshold: 0.6
    Fa: 0.07
    Fb: 0.8
  segmentation:
    min_duration_off: 0.0
"""
CHUNK_SECONDS = 2.0  # community-1 has 10 s; shorter keeps the tests quick
DIMENSION = 256


def write_pipeline(
    folder: Path,
    chunk_seconds: float = CHUNK_SECONDS,
    step: float = 0.5,
    batch: int = 4,
    seed: int = 2,
) -> Path:
    """`step` is the part of a chunk after which the next one begins."""
    torch.manual_seed(seed)
    for name, model in (
        ("segmentation", _segmentation(chunk_seconds)),
        ("embedding", _embedding()),
    ):
        (folder / name).mkdir(parents=True, exist_ok=True)
        _save(model, folder / name / "pytorch_model.bin")
    _write_plda(folder / "plda", seed)
    (folder / "config.yaml").write_text(CONFIG.format(step=step, batch=batch))
    return folder


def _segmentation(chunk_seconds: float) -> Any:
    """Three local speakers, two at once; weights so large that the sound changes the classes."""
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.segmentation import PyanNet

    model = PyanNet()
    model.specifications = Specifications(
        problem=Problem.MONO_LABEL_CLASSIFICATION,
        resolution=Resolution.FRAME,
        duration=chunk_seconds,
        classes=["speaker#1", "speaker#2", "speaker#3"],
        powerset_max_classes=2,
        permutation_invariant=True,
    )
    model.build()
    with torch.no_grad():
        for name, weight in model.lstm.named_parameters():
            if "weight_ih" in name:
                weight.mul_(6)
        model.classifier.weight.mul_(40)
        model.classifier.bias.zero_()
    return _deaf_to_silence(model, chunk_seconds)


def _deaf_to_silence(model: Any, chunk_seconds: float) -> Any:
    """Choose the bias so that on silence the class "nobody" wins by a little."""
    captured: list[torch.Tensor] = []
    hook = model.classifier.register_forward_hook(lambda *args: captured.append(args[-1]))
    model.eval()
    with torch.no_grad():
        model(torch.zeros(1, 1, round(chunk_seconds * 16_000)))
        hook.remove()
        model.classifier.bias.copy_(-captured[0].mean(dim=(0, 1)))
        model.classifier.bias[0] += 1
    return model


def _embedding() -> Any:
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from pyannote.audio.models.embedding import WeSpeakerResNet34

    model = WeSpeakerResNet34()
    model.specifications = Specifications(
        problem=Problem.REPRESENTATION,
        resolution=Resolution.CHUNK,
        duration=5.0,
        classes=["a", "b"],
    )
    return model


def _save(model: Any, path: Path) -> None:
    checkpoint: dict[str, Any] = {
        "state_dict": model.state_dict(),
        "hyper_parameters": dict(model.hparams),
        "pytorch-lightning_version": "2.6.6",
    }
    model.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, path)


def _write_plda(folder: Path, seed: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(rng.normal(size=(DIMENSION, DIMENSION)))
    np.savez(
        folder / "xvec_transform.npz",
        mean1=np.zeros(DIMENSION),
        mean2=np.zeros(128),
        lda=basis[:, :128],
    )
    rotation, _ = np.linalg.qr(rng.normal(size=(128, 128)))
    np.savez(
        folder / "plda.npz",
        mu=np.zeros(128),
        tr=rotation,
        psi=np.sort(rng.uniform(1, 20, 128))[::-1],
    )
