"""What the stage was asked to do, validated once."""

import os
import re
from dataclasses import dataclass, field, replace
from typing import Literal

from debate_contract.errors import UsageFault

from debate_transcriber.engines.speech import Hints, SpeakerCount

Channels = Literal["mix", "speakers"]  # all sound as one, or every channel a person's own

LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is known about one recording in particular; None: what the command says."""

    language: str | None = None
    initial_prompt: str | None = None
    count: SpeakerCount | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """One field per option; prefixes are still text, see storage.locate."""

    video_prefix: str
    output_prefix: str
    asr_engine: str = "auto"
    diarization_engine: str = "auto"
    count: SpeakerCount = field(default_factory=SpeakerCount)
    channels: Channels = "mix"
    hints: Hints = field(default_factory=Hints)
    whisper_model: str | None = None
    beam_size: int | None = None  # None: by the model and the language
    models_prefix: str | None = None
    hf_token: str | None = None
    device: str = "auto"
    force: bool = False
    job_id: str | None = None  # AWS_BATCH_JOB_ID: set means that this runs in Batch
    array_index: str | None = None
    threads: int = 1
    max_seconds: int = 24 * 3600  # of a recording

    @property
    def request(self) -> dict[str, object]:
        """What changes the result, as it stands in the transcript's parameters."""
        return {
            "language": self.hints.language,
            "initial_prompt": self.hints.initial_prompt,
            "vocabulary": list(self.hints.vocabulary),
            "num_speakers": self.count.exact,
            "min_speakers": self.count.minimum,
            "max_speakers": self.count.maximum,
            "channels": self.channels,
            "whisper_model": self.whisper_model,
            "beam_size": self.beam_size,
        }

    def for_recording(self, wishes: Wishes) -> "Settings":
        """Let what is known about a recording go before what was said about all."""
        hints = replace(
            self.hints,
            language=wishes.language or self.hints.language,
            initial_prompt=wishes.initial_prompt or self.hints.initial_prompt,
        )
        return replace(self, hints=hints, count=wishes.count or self.count)

    @property
    def in_batch(self) -> bool:
        """Whether AWS Batch runs this, where nothing is downloaded while a GPU is paid for."""
        return self.job_id is not None


def validate_count(
    exact: int | None, minimum: int | None, maximum: int | None, *, channels: Channels = "mix"
) -> SpeakerCount:
    """Raise UsageFault for numbers of speakers that contradict each other, or the channels."""
    if channels == "speakers" and any(count is not None for count in (exact, minimum, maximum)):
        raise UsageFault(
            "CHANNELS=speakers says already how many speak, one in each channel: "
            "leave NUM_SPEAKERS, MIN_SPEAKERS and MAX_SPEAKERS out"
        )
    if exact is not None and (minimum is not None or maximum is not None):
        raise UsageFault("give either NUM_SPEAKERS or MIN_SPEAKERS and MAX_SPEAKERS, not both")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise UsageFault(f"MIN_SPEAKERS={minimum} is more than MAX_SPEAKERS={maximum}")
    return SpeakerCount(exact, minimum, maximum)


def parse_language(value: str | None) -> tuple[str | None, str | None]:
    """Return the language code and, where the value was left aside, a sentence that says so.

    Desktops set LANGUAGE for gettext ("en_US:en"); that says nothing about the recording. Raises
    UsageFault for anything that is neither that nor a code.
    """
    if not value or value == "auto":
        return None, None
    if "_" in value or ":" in value or value == "C":
        return None, f"LANGUAGE={value} is the desktop's setting, not a language code: left aside"
    code = value.lower().partition("-")[0]
    if not LANGUAGE_CODE.fullmatch(code):
        raise UsageFault(f"LANGUAGE={value} is not a language code such as en, cs or de")
    return code, None


def usable_cores() -> int:
    """Return the cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
