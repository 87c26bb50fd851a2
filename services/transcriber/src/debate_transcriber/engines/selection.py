"""Which engines do the work: the ones asked for, or the best that can run here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from debate_contract.errors import StageError, TemporaryFault

from debate_transcriber.engines import Availability, EngineSettings, campplus, pyannote, whisper
from debate_transcriber.engines.models import fetch_models
from debate_transcriber.engines.speech import Diarizer, SpeechRecogniser
from debate_transcriber.errors import EngineUnavailable
from debate_transcriber.settings import Settings
from debate_transcriber.weights.fetching import Report, ignore_progress

# By name, the best first: what "auto" tries in this order.
Candidates = Mapping[str, Callable[[EngineSettings], Availability]]


@dataclass(frozen=True)
class Engines:
    """The engines chosen; each is loaded when first used and kept for the next recording."""

    asr: str
    diarization: str
    settings: EngineSettings
    reasons: tuple[str, ...] = ()

    @property
    def names(self) -> dict[str, object]:
        """The choice as it stands in the transcript's parameters."""
        return {"asr_engine": self.asr, "diarization_engine": self.diarization}

    @cached_property
    def recogniser(self) -> SpeechRecogniser:
        """The recogniser, its weights read on first use."""
        return whisper.load(self.settings)

    @cached_property
    def diarizer(self) -> Diarizer:
        """The diarizer, its weights read on first use."""
        load = pyannote.load if self.diarization == "pyannote" else campplus.load
        return load(self.settings)


def choose_engines(settings: Settings, report: Report = ignore_progress) -> Engines:
    """Resolve "auto" and make sure that what was chosen can run here.

    Open weights that are missing are fetched. What was asked for by name is never replaced. Raises
    EngineUnavailable, or TemporaryFault where weights are only out of reach.
    """
    given = _engine_settings(settings, report)
    recognisers: Candidates = {"whisper": whisper.availability}
    diarizers: Candidates = {
        "pyannote": pyannote.availability,
        "campplus": campplus.availability,
    }
    asr, why_asr = _choose(given, "ASR_ENGINE", settings.asr_engine, recognisers)
    diarization, why_diarization = _choose(
        given, "DIARIZATION_ENGINE", settings.diarization_engine, diarizers
    )
    return Engines(asr, diarization, given, tuple(why for why in (why_asr, why_diarization) if why))


def _engine_settings(settings: Settings, report: Report) -> EngineSettings:
    return EngineSettings(
        device=settings.device,
        whisper_model=settings.whisper_model,
        beam_size=settings.beam_size,
        models=fetch_models(settings.models_prefix),
        hf_token=settings.hf_token,
        may_download=not settings.in_batch,
        threads=settings.threads,
        report=report,
    )


def _choose(
    given: EngineSettings, variable: str, asked: str, candidates: Candidates
) -> tuple[str, str | None]:
    """Return the engine's name and what is worth saying of the choice."""
    refused: list[Availability] = []
    for name in candidates if asked == "auto" else [asked]:
        answer = candidates[name](given)
        if answer.missing is None:
            because = _clauses([*refused, answer])
            said = f"{variable}=auto takes {name}" + (f": {because}" if because else "")
            return name, said if asked == "auto" else answer.remark
        refused.append(answer)
    raise _unavailable(f"{variable}={asked} cannot run: {_clauses(refused)}", refused)


def _clauses(answers: list[Availability]) -> str:
    return "; ".join(clause for a in answers if (clause := a.missing or a.remark))


def _unavailable(sentence: str, refused: list[Availability]) -> StageError:
    """What a later attempt may find is worth another one."""
    if any(answer.temporary for answer in refused):
        return TemporaryFault(sentence)
    return EngineUnavailable(sentence)
