"""Loads the pipeline from a folder or the hub and says plainly why it could not."""

import contextlib
import io
import os
import pickle
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.pyannote import places
from debate_transcriber.engines.torchaudio_shim import ensure_torchaudio
from debate_transcriber.errors import BadInput, EngineUnavailable, TemporaryFault

GPU_BATCH = 32  # chunks; a CPU gains nothing from batches of the voice encoder

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
            f"{folder} is not a complete pyannote pipeline ({_first_line(error)}): copy the whole "
            f"of {places.TERMS} at revision {places.REVISION[:7]} there."
        ) from error


def _from_hub(token: str | None) -> Any:
    if not token or not token.startswith("hf_"):
        problem = "needs HF_TOKEN" if not token else "got an HF_TOKEN that does not begin with hf_"
        raise EngineUnavailable(
            f"pyannote {problem}: accept the terms at {places.TERMS}, make a token at "
            f"{places.TOKENS} and set HF_TOKEN to it, or put the model into MODELS_PREFIX/pyannote."
        )
    pyannote = _import_pyannote()
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return pyannote.Pipeline.from_pretrained(
            places.REPOSITORY, revision=places.REVISION, token=token
        )
    except (LocalEntryNotFoundError, ConnectionError, TimeoutError) as error:
        raise _unreachable(error) from error
    except HfHubHTTPError as error:
        raise _refused(error) from error


def _refused(error: Any) -> Exception:
    status = error.response.status_code if error.response is not None else None
    if status == 401:
        return EngineUnavailable(
            f"{places.HOST} does not accept HF_TOKEN: make a new one at {places.TOKENS}."
        )
    if status in {403, 404}:
        return EngineUnavailable(
            f"HF_TOKEN may not read pyannote's model: accept the terms at {places.TERMS} with the "
            f"account of the token, and let the token read gated repositories ({places.TOKENS})."
        )
    return _unreachable(error)


def _unreachable(error: Exception) -> TemporaryFault:
    cause = _first_line(error.__cause__ or error)
    return TemporaryFault(
        f"pyannote's model could not be downloaded from {places.HOST} ({cause}): try again later, "
        "or put it into MODELS_PREFIX/pyannote."
    )


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".:")


def _made_fast(pipeline: Any, device: str) -> Any:
    """Exchange the class for ours: `config.yaml` names the stock one, and state is the same."""
    import torch

    from debate_transcriber.engines.pyannote.pipeline import SharedFrameDiarization

    if type(pipeline) is SharedFrameDiarization.__base__:
        pipeline.__class__ = SharedFrameDiarization
    pipeline.embedding_batch_size = 1 if device == "cpu" else GPU_BATCH
    pipeline.segmentation_batch_size = 1 if device == "cpu" else GPU_BATCH
    pipeline.legacy = False
    return pipeline.to(torch.device(device))
