"""Engines that find at once what a test has put into them, and remember what they were asked."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from debate_contract.logs import Log
from debate_transcriber import job
from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.selection import Engines
from debate_transcriber.engines.speech import (
    Diarization,
    EngineInfo,
    Hints,
    Interval,
    Kept,
    Progress,
    Recognition,
    SpeakerCount,
    Turn,
    Voice,
    Waveform,
    Word,
)
from debate_transcriber.settings import Settings


@dataclass
class FakeRecogniser:
    """Recognises the same words in whatever it hears."""

    words: list[Word]
    info = EngineInfo("whisper", "1", "standard", {"model": "small", "device": "cpu"})
    asked: list[Hints] = field(default_factory=list)

    def remark(self, hints: Hints) -> str | None:
        return f"no use for {hints.vocabulary}" if hints.vocabulary else None

    def recognise(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        hints: Hints,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Recognition:
        self.asked.append(hints)
        progress(1.0, 1.0)
        return Recognition(self.words, hints.language or "en", 0.9)


@dataclass
class FakeDiarizer:
    """Shares the recording out among as many speakers as are asked for, two unless told."""

    info = EngineInfo("pyannote", "1", "standard", {"device": "cpu"})
    asked: list[SpeakerCount] = field(default_factory=list)

    def diarize(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        count: SpeakerCount,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Diarization:
        self.asked.append(count)
        edges = np.linspace(0, len(waveform) / 16_000, (count.exact or 2) + 1).tolist()
        labels = [f"SPEAKER_{i:02}" for i in range(len(edges) - 1)]
        turns = [Turn(*span) for span in zip(edges[:-1], edges[1:], labels, strict=True)]
        voices = [Voice(label, np.ones(4, np.float32) / 2, 1.0) for label in labels]
        return Diarization(turns, turns, voices, "fake", "1")


class FakeEngines(Engines):
    """Both, as the job gets them."""

    def __init__(self, words: list[Word]) -> None:
        super().__init__("whisper", "pyannote", EngineSettings())
        self.__dict__["recogniser"] = FakeRecogniser(words)
        self.__dict__["diarizer"] = FakeDiarizer()


def run(settings: Settings) -> str:
    """Run the job and return what it said."""
    said = io.StringIO()
    job.run(settings, Log("transcribe", as_json=True, stream=said))
    return said.getvalue()


def findings(settings: Settings, stem: str = "talk") -> dict[str, Any]:
    """The transcript without what says when it was made, and the voices."""
    folder = Path(settings.output_prefix) / "transcripts"
    transcript = json.loads((folder / f"{stem}_transcription.json").read_text())
    for name in ("created_at", "timings", "processing_time"):
        del transcript[name]
    voices = pq.read_table(folder / f"{stem}_speaker_embeddings.parquet").to_pylist()
    return transcript | {"voices": voices}
