"""What the engines take and give: the two narrow interfaces of this service.

A recogniser turns a waveform into words, a diarizer turns the same waveform into turns; neither
knows of the other, of files or of settings. All times are seconds from the start of the waveform.
"""

from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE = 16_000  # Hz; what every engine here was trained on

Waveform = NDArray[np.float32]  # shape [samples], mono, 16 kHz, within -1..1
Quality = Literal["standard", "draft"]
Progress = Callable[[float, float], None]  # seconds of audio done, seconds in all
# Finished pieces of an engine's work by name: lists, numbers, texts, arrays. What an engine puts
# there it finds again after a stop. None, or a dict: nothing outlives the process.
Kept = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time that holds speech, whoever speaks."""

    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word with its punctuation and without surrounding space.

    `probability` is the recogniser's own, 0-1. In a language written without spaces
    `space_before` is False between words, so that the text can be put together again. `language`
    is the one that the word was recognised in.
    """

    text: str
    start: float
    end: float
    probability: float
    space_before: bool = True
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One label's uninterrupted speech."""

    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True)
class Voice:
    """A label's voice: a unit-length vector made from `seconds` of its speech."""

    label: str
    vector: NDArray[np.float32]
    seconds: float


@dataclass(frozen=True, slots=True)
class SpeakerCount:
    """What the user knows about the number of speakers; None is "find out"."""

    exact: int | None = None
    minimum: int | None = None
    maximum: int | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What the user knows about the words: a language code, a text before it, names to expect."""

    language: str | None = None
    initial_prompt: str | None = None
    vocabulary: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Names an engine in the transcript, so that a figure can be reproduced."""

    name: str
    version: str
    quality: Quality
    parameters: dict[str, object] = field(default_factory=dict)

    @property
    def identity(self) -> dict[str, object]:
        """What decides the result; device and batch size decide only how fast it comes."""
        decisive = {k: v for k, v in self.parameters.items() if k not in {"device", "batch_size"}}
        return {"engine": self.name, "engine_version": self.version, **decisive}


@dataclass(frozen=True, slots=True)
class Unheard:
    """A stretch with seconds of speech of which no words were made, and why."""

    start: float
    end: float
    why: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """Words in order of start, none before the one it follows; where speech has none."""

    words: list[Word]
    language: str | None
    language_probability: float | None
    unheard: list[Unheard] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Diarization:
    """Who spoke when.

    `speech` keeps overlaps and is the basis of every speaking-time figure; `exclusive` has one
    label at a time and is what words are assigned by. Labels are SPEAKER_00, SPEAKER_01, ... in
    order of first appearance.
    """

    speech: list[Turn]
    exclusive: list[Turn]
    voices: list[Voice]
    voice_model: str
    voice_model_version: str


class SpeechRecogniser(Protocol):
    """Waveform to words."""

    info: EngineInfo

    def remark(self, hints: Hints) -> str | None:
        """Say what of the hints cannot be heeded; None where all of it can."""
        ...

    def recognise(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        hints: Hints,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Recognition:
        """Recognise the words inside `speech` (voice activity found beforehand, sorted).

        Pieces found in `kept` are not recognised again.
        """
        ...


class Diarizer(Protocol):
    """Waveform to turns."""

    info: EngineInfo

    def diarize(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        count: SpeakerCount,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Diarization:
        """Tell the speakers apart; `speech` as for the recogniser (an engine may do its own).

        What is in `kept` does not depend on `count`, so that another count finds it too.
        """
        ...
