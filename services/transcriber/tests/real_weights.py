"""The smallest real weights, for tests of the whole command; `make test-weights` fetches them."""

from debate_transcriber.weights.cache import cache_folder, find
from debate_transcriber.weights.registry import VOICES, WHISPER

MODEL = "tiny.en"
REAL = {
    "MODELS_PREFIX": str(cache_folder()),
    "WHISPER_MODEL": MODEL,
    "THREADS": "1",
    "LOG_FORMAT": "json",
}


def missing_weights() -> list[str]:
    """What has not been fetched yet."""
    return [w.title for w in (WHISPER[MODEL], *VOICES) if find(w, None) is None]
