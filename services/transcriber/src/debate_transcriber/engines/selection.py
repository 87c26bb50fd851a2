"""Which engines do the work: the ones asked for, or the best that works here."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from debate_transcriber.engines import (
    Availability,
    EngineSettings,
    campplus,
    embedded,
    pyannote,
    whisper,
)
from debate_transcriber.engines.models import fetch_models
from debate_transcriber.errors import EngineUnavailable, UsageFault
from debate_transcriber.settings import Settings
from debate_transcriber.speech import Diarizer, SpeechRecogniser
from debate_transcriber.weights.fetching import Report, ignore_progress

# By name, the best first: what "auto" tries in this order.
Candidates = Mapping[str, Callable[[EngineSettings], Availability]]
DRAFT = "embedded"


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
        load = whisper.load if self.asr == "whisper" else embedded.load_recogniser
        return load(self.settings)

    @cached_property
    def diarizer(self) -> Diarizer:
        """The diarizer, its weights read on first use."""
        loaders = {"pyannote": pyannote.load, "campplus": campplus.load}
        return loaders.get(self.diarization, embedded.load_diarizer)(self.settings)


def choose_engines(
    settings: Settings,
    languages: Iterable[str | None] = (),
    report: Report = ignore_progress,
) -> Engines:
    """Resolve "auto" and make sure that what was asked for, in these languages, can run here.

    Open weights that are missing are fetched. Raises EngineUnavailable for an engine asked for by
    name that cannot run, and in Batch also where "auto" would come to draft quality: that would be
    noticed only after the money is spent.
    """
    given = _engine_settings(settings, report)
    recognisers: Candidates = {
        "whisper": whisper.availability,
        DRAFT: embedded.availability,
    }
    diarizers: Candidates = {
        "pyannote": pyannote.availability,
        "campplus": campplus.availability,
        DRAFT: embedded.availability,
    }
    choose = partial(_choose, given, in_batch=settings.in_batch)
    asr, why_asr = choose("ASR_ENGINE", settings.asr_engine, recognisers)
    diarization, why_diarization = choose(
        "DIARIZATION_ENGINE", settings.diarization_engine, diarizers
    )
    if asr == DRAFT:
        _refuse_other_languages({settings.hints.language, *languages})
    return Engines(asr, diarization, given, tuple(why for why in (why_asr, why_diarization) if why))


def _engine_settings(settings: Settings, report: Report) -> EngineSettings:
    wants_models = {settings.asr_engine, settings.diarization_engine} != {DRAFT}
    return EngineSettings(
        device=settings.device,
        whisper_model=settings.whisper_model,
        beam_size=settings.beam_size,
        models=fetch_models(settings.models_prefix) if wants_models else None,
        hf_token=settings.hf_token,
        may_download=not settings.in_batch,
        threads=settings.threads,
        report=report,
    )


def _choose(
    given: EngineSettings, variable: str, asked: str, candidates: Candidates, *, in_batch: bool
) -> tuple[str, str | None]:
    """Return the engine's name and what is worth saying of the choice."""
    if asked != "auto":
        answer = candidates[asked](given)
        if answer.missing is not None:
            raise EngineUnavailable(f"{variable}={asked} cannot run: {answer.missing}")
        return asked, answer.remark
    reasons: list[str] = []
    for name, available in candidates.items():
        if name == DRAFT and in_batch:
            raise EngineUnavailable(
                f"{variable}=auto has no engine to take in AWS Batch: {'; '.join(reasons)}; set "
                f"{variable}={DRAFT} to accept draft quality"
            )
        answer = available(given)
        if answer.missing is None:
            return name, _explain(variable, name, reasons, answer.remark)
        reasons.append(answer.missing)
    raise EngineUnavailable(f"{variable}=auto finds no engine: {'; '.join(reasons)}")


def _explain(variable: str, name: str, reasons: list[str], remark: str | None) -> str:
    quality = " (draft quality)" if name == DRAFT else ""
    because = "; ".join([*reasons, *([remark] if remark else [])])
    return f"{variable}=auto takes {name}{quality}" + (f": {because}" if because else "")


def _refuse_other_languages(languages: set[str | None]) -> None:
    for language in languages - {None, "en"}:
        raise UsageFault(
            f"the embedded recogniser knows English only, not LANGUAGE={language}; "
            "use ASR_ENGINE=whisper on a machine that has its model or a network"
        )
