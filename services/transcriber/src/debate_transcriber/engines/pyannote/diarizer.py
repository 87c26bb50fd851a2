"""The diarizer: pyannote's pipeline behind our interface."""

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import torch

from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.devices import limit_threads, own_stream, resolve_device
from debate_transcriber.engines.labels import labels_by_appearance, renamed
from debate_transcriber.engines.pyannote import places
from debate_transcriber.engines.pyannote.model import load_pipeline
from debate_transcriber.engines.pyannote.turns import turns_of, voices_of
from debate_transcriber.engines.speech import (
    SAMPLE_RATE,
    Diarization,
    EngineInfo,
    Interval,
    Kept,
    Progress,
    SpeakerCount,
    Waveform,
)

VOICE_MODEL = "pyannote-wespeaker-resnet34"
SEGMENTATION_SHARE = 0.06  # of the time; the voice encoder takes the rest
# Clustering compares every chunk with every other. Three hours have this many at pyannote's step of
# 1 s; longer recordings take a longer step, which bounds its memory at about 2 GB.
MOST_CHUNKS = 10_800


def load_diarizer(settings: EngineSettings) -> "PyannoteDiarizer":
    """Load the pipeline that the settings lead to."""
    limit_threads(settings.threads)
    device = resolve_device(settings.device)
    return PyannoteDiarizer(load_pipeline(settings, device), device)


@dataclass
class PyannoteDiarizer:
    """pyannote's pipeline; one instance serves any number of recordings."""

    pipeline: Any
    device: str

    def __post_init__(self) -> None:
        self.info = EngineInfo(
            "pyannote",
            version("pyannote.audio"),
            "standard",
            {"model": places.REPOSITORY, "revision": places.REVISION, "device": self.device},
        )
        self.step = self.pipeline._segmentation.step  # seconds
        self.stream = own_stream(torch.device(self.device))

    def diarize(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        count: SpeakerCount,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Diarization:
        """Tell the speakers apart; a recording without speech has none. See `Diarizer`."""
        if not speech:
            return Diarization([], [], [], VOICE_MODEL, places.REVISION)
        duration = len(waveform) / SAMPLE_RATE
        self.pipeline._segmentation.step = max(self.step, shortest_step(duration))
        file = {
            "waveform": torch.from_numpy(waveform)[None],
            "sample_rate": SAMPLE_RATE,
            places.KEPT: {} if kept is None else kept,
        }
        with self.stream:
            output = self._run(file, count, _hook(progress, duration))
        progress(duration, duration)
        return _diarization(output, duration)

    def _run(self, file: dict[str, Any], count: SpeakerCount, hook: Callable[..., None]) -> Any:
        """Run the pipeline; a count that so little speech cannot fill is dropped."""
        wanted = {
            "num_speakers": count.exact,
            "min_speakers": count.minimum,
            "max_speakers": count.maximum,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # advice to programmers about precision
            try:
                return self.pipeline(dict(file), hook=hook, **wanted)
            except ValueError as error:
                if "n_clusters" not in str(error):
                    raise
            return self.pipeline(dict(file), hook=hook)


def shortest_step(duration: float) -> float:
    """The step between chunks, in whole tenths of a second, that keeps to MOST_CHUNKS of them."""
    return math.ceil(duration / MOST_CHUNKS * 10) / 10


def _hook(progress: Progress, duration: float) -> Callable[..., None]:
    """pyannote's progress by steps to ours by seconds."""
    shares = {
        "segmentation": (0.0, SEGMENTATION_SHARE),
        "embeddings": (SEGMENTATION_SHARE, 1 - SEGMENTATION_SHARE),
    }

    def report(step: str, _artefact: object, **counts: Any) -> None:
        if step in shares and counts.get("total"):
            before, share = shares[step]
            fraction = min(1.0, counts["completed"] / counts["total"])
            progress(duration * (before + share * fraction), duration)

    return report


def _diarization(output: Any, duration: float) -> Diarization:
    regular = turns_of(output.speaker_diarization, duration)
    exclusive = turns_of(output.exclusive_speaker_diarization, duration)
    names = labels_by_appearance([*regular, *exclusive])
    speech = renamed(regular, names)
    labels = output.speaker_diarization.labels()
    voices = voices_of(labels, output.speaker_embeddings, names, speech)
    return Diarization(speech, renamed(exclusive, names), voices, VOICE_MODEL, places.REVISION)
