"""Loads the pipeline from a folder or the hub and says plainly why it could not."""

import contextlib
import io
import os
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from debate_contract.errors import BadInput

from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.devices import items_that_fit
from debate_transcriber.engines.pyannote import hub, places
from debate_transcriber.engines.torchaudio_shim import ensure_torchaudio

# Chunks per batch. A CPU gains nothing from batches of the voice encoder, and a fifth on the other.
CPU_VOICE_BATCH, CPU_SEGMENTATION_BATCH = 1, 16
MOST_ON_GPU = 64
BYTES_PER_CHUNK = 60e6  # of the largest layers' input and output, for 10 s of audio in fp32

# What loading a folder with missing, cut-off or foreign files raises.
DAMAGE = (
    *(OSError, EOFError, ImportError, pickle.UnpicklingError),
    *(AttributeError, KeyError, RuntimeError, TypeError, ValueError),
)


def load_pipeline(settings: EngineSettings, device: str) -> Any:
    """Load the pipeline, with shared frames, onto `device`."""
    folder = places.local_pipeline(settings.models) or places.cached_pipeline()
    with _quiet():
        pipeline = _from_folder(folder) if folder else _from_hub(settings.hf_token)
        return _made_fast(pipeline, device)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep pyannote's advice to programmers out of the log of a job.

    It prints on standard output when a download fails and warns that it cannot decode files, which
    it is never asked to.
    """
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def _import_pyannote() -> Any:
    """Import pyannote.audio with its telemetry off: it reads the variable once, at import."""
    os.environ["PYANNOTE_METRICS_ENABLED"] = "0"
    ensure_torchaudio()
    import pyannote.audio

    return pyannote.audio


def _from_folder(folder: Path) -> Any:
    pyannote = _import_pyannote()
    from yaml import YAMLError  # type: ignore[import-untyped]

    try:
        return pyannote.Pipeline.from_pretrained(folder)
    except (YAMLError, *DAMAGE) as error:
        raise BadInput(
            f"{folder} is not a complete pyannote pipeline ({hub.first_line(error)}): fill it anew "
            f"with `make models`, or copy the whole of {places.TERMS} at revision "
            f"{places.REVISION[:7]} there."
        ) from error


def _from_hub(token: str | None) -> Any:
    checked = hub.require_token(token)
    pyannote = _import_pyannote()
    with hub.hub_faults():
        return pyannote.Pipeline.from_pretrained(
            places.REPOSITORY, revision=places.REVISION, token=checked
        )


def _made_fast(pipeline: Any, device: str) -> Any:
    """Exchange the class for ours: `config.yaml` names the stock one, and state is the same."""
    import torch

    from debate_transcriber.engines.pyannote.pipeline import SharedFrameDiarization
    from debate_transcriber.engines.pyannote.resnet import make_quick

    if type(pipeline) is SharedFrameDiarization.__base__:
        pipeline.__class__ = SharedFrameDiarization
    if hasattr(pipeline._embedding.model_, "resnet"):
        make_quick(pipeline._embedding.model_.resnet)
    pipeline.legacy = False
    pipeline.to(torch.device(device))
    pipeline.embedding_batch_size, pipeline.segmentation_batch_size = _batches(device)
    return pipeline


def _batches(device: str) -> tuple[int, int]:
    """Chunks per batch of the voice encoder and of the segmentation."""
    import torch

    if not device.startswith("cuda"):
        return CPU_VOICE_BATCH, CPU_SEGMENTATION_BATCH
    size = items_that_fit(torch.device(device), BYTES_PER_CHUNK, MOST_ON_GPU)
    return size, size
