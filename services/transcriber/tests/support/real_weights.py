"""The smallest real weights, for tests of the whole command; `make test-weights` fetches them."""

import os

from debate_transcriber.weights.cache import cache_folder, find
from debate_transcriber.weights.registry import VOICES, WHISPER

MODEL = "tiny.en"
REAL = {
    "MODELS_PREFIX": str(cache_folder()),
    "WHISPER_MODEL": MODEL,
    "THREADS": "1",
    "LOG_FORMAT": "json",
}
# What a developer's shell may have set, or a machine have in its caches, must not reach a test.
CLEAN = {
    k: v for k, v in os.environ.items() if k not in {"LANGUAGE", "HF_TOKEN", "AWS_BATCH_JOB_ID"}
} | {"MODELS_CACHE": "/nowhere", "HF_HUB_CACHE": "/nowhere"}


def missing_weights() -> list[str]:
    """What has not been fetched yet."""
    return [w.title for w in (WHISPER[MODEL], *VOICES) if find(w, None) is None]
