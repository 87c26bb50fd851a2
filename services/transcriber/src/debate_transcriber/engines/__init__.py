"""The engines behind the two interfaces of `speech.py`, and what they are loaded with."""

from dataclasses import dataclass
from pathlib import Path

from debate_transcriber.weights.fetching import Report, ignore_progress


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What an engine's factory may want to know; each takes what concerns it."""

    device: str = "auto"  # auto, cpu, cuda, cuda:1, mps
    whisper_model: str | None = None  # None: the engine's choice for the device
    models: Path | None = None  # local folder of weights (MODELS_PREFIX)
    hf_token: str | None = None
    may_download: bool = True  # False in Batch, where nobody pays a GPU for waiting
    threads: int = 1  # CPU threads or processes that the engine may use
    beam_size: int | None = None  # None: by the model and the language
    report: Report = ignore_progress  # told how far the fetching of weights is


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can run here: what is missing, as a clause, and what is worth saying."""

    missing: str | None = None
    temporary: bool = False  # what is missing may be had later: the network failed
    remark: str | None = None
