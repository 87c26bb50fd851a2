"""Finds and loads Whisper's weights, with the official alignment heads wherever they come from."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from debate_contract.errors import BadInput
from torch import nn

from debate_transcriber.engines.whisper.names import (
    cached_file,
    local_file,
    unknown_model,
    weights_of,
)
from debate_transcriber.errors import EngineUnavailable
from debate_transcriber.weights.fetching import Report, ignore_progress, obtain


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A Whisper model, its name, and whether the official alignment heads are set.

    Without them word times come from all heads of the upper layers and are less exact.
    """

    model: Any
    name: str
    official_heads: bool


def load_model(
    name: str, models: Path | None, device: str, report: Report = ignore_progress
) -> LoadedModel:
    """Load `name` (official name or path of a file) from `models`, the cache, or the network.

    Raises BadInput for a file that is no Whisper checkpoint, TemporaryFault for the network,
    UsageFault for an unknown name.
    """
    path = local_file(name, models) or cached_file(name)
    if path is not None:
        return _load_file(path, device)
    weights = weights_of(name)
    if weights is None:
        raise unknown_model(name)
    return _load_file(obtain(weights, models, report), device)


def _load_file(path: Path, device: str) -> LoadedModel:
    import pickle

    import whisper

    try:
        model = whisper.load_model(str(path), device=device)
    except (KeyError, TypeError, RuntimeError, EOFError, pickle.UnpicklingError) as error:
        if "memory" in str(error).lower():
            raise EngineUnavailable(
                f"There is too little memory on {device} for the Whisper model {path.name}: "
                "choose a smaller one with WHISPER_MODEL."
            ) from error
        raise BadInput(
            f"{path} is not a Whisper checkpoint in OpenAI's format: take the official .pt file."
        ) from error
    return LoadedModel(model, path.stem, official_heads=_set_official_heads(model, path))


def _set_official_heads(model: Any, path: Path) -> bool:
    """Give a model from a file the heads that `load_model` gives only to downloaded ones.

    The model is known by its file name, else by the checksum of its content.
    """
    import whisper

    name = path.stem if path.stem in whisper._ALIGNMENT_HEADS else _name_by_checksum(path)
    if name is None:
        return False
    try:
        model.set_alignment_heads(whisper._ALIGNMENT_HEADS[name])
    except RuntimeError:  # another shape under an official name
        return False
    model.alignment_heads = model.alignment_heads.to(model.device)
    return True


def _name_by_checksum(path: Path) -> str | None:
    import whisper

    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return next((name for name, url in whisper._MODELS.items() if f"/{digest}/" in url), None)


def choose_precision(
    capability: tuple[int, int] | None, overflows: Callable[[torch.dtype], bool]
) -> torch.dtype:
    """The precision to compute in, by the GPU's compute capability (None: no NVIDIA GPU).

    Half precision is quicker from Volta (7.0) on. Whisper's own weights were trained in fp16 and
    fit it; fine-tuned ones may overflow it, and go in bf16, which Ampere (8.0) brought.
    """
    if capability is None or capability < (7, 0):
        return torch.float32
    if not overflows(torch.float16):
        return torch.float16
    return torch.bfloat16 if capability >= (8, 0) else torch.float32


@torch.no_grad()
def overflows(model: Any, precision: torch.dtype) -> bool:
    """Whether the encoder's numbers leave the range of `precision`, tried on noise."""
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(1, model.dims.n_mels, 2 * model.dims.n_audio_ctx, generator=generator)
    return not bool(model.encoder(noise.to(model.device, precision)).isfinite().all())


def keep_weights_as(model: Any, precision: torch.dtype) -> None:
    """Keep the weights of linear and convolution layers in the precision they are used in.

    Stock Whisper keeps them as fp32 and converts all of them again for every token. The result is
    the same: normalisation and embeddings stay fp32, as they are in stock Whisper.
    """
    for module in model.modules():
        if isinstance(module, nn.Linear | nn.Conv1d):
            module.to(precision)
