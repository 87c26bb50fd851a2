"""Where pyannote's pipeline may lie: no torch, so that choosing an engine stays quick."""

import os
from pathlib import Path

HOST = "huggingface.co"
REPOSITORY = "pyannote/speaker-diarization-community-1"
# The commit of the weights: the checkpoints are pickles and could run code, so no other is loaded.
REVISION = "3533c8cf8e369892e6b79ff1bf80f7b0286a54ee"
TERMS = f"https://{HOST}/{REPOSITORY}"
TOKENS = f"https://{HOST}/settings/tokens"

KEPT = "kept"  # key of the finished pieces in the "file" that the pipeline is called with

# All that the pipeline reads, its config first.
FILES = (
    "config.yaml",
    "segmentation/pytorch_model.bin",
    "embedding/pytorch_model.bin",
    "plda/plda.npz",
    "plda/xvec_transform.npz",
)


def local_pipeline(models: Path | None) -> Path | None:
    """The pipeline's folder in the folder of models."""
    folder = models / "pyannote" if models else None
    return folder if folder and (folder / "config.yaml").is_file() else None


def cached_pipeline() -> Path | None:
    """The complete snapshot of an earlier download."""
    folder = "models--" + REPOSITORY.replace("/", "--")
    snapshot = _hub_cache() / folder / "snapshots" / REVISION
    return snapshot if all((snapshot / name).is_file() for name in FILES) else None


def _hub_cache() -> Path:
    """Where huggingface_hub keeps its downloads, by its own variables."""
    home = os.environ.get("HF_HOME")
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    base = Path(home) if home else Path(cache) / "huggingface"
    return Path(os.environ.get("HF_HUB_CACHE") or base / "hub").expanduser()
