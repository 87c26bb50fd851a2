"""Which engines do the work: the ones asked for, or the best that works here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from debate_transcriber.engines import EngineSettings, embedded, pyannote, whisper
from debate_transcriber.engines.models import fetch_models
from debate_transcriber.errors import EngineUnavailable, UsageFault
from debate_transcriber.settings import Settings
from debate_transcriber.speech import Diarizer, SpeechRecogniser


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
        """The recogniser, its weights fetched and read on first use."""
        load = whisper.load if self.asr == "whisper" else embedded.load_recogniser
        return load(self.settings)

    @cached_property
    def diarizer(self) -> Diarizer:
        """The diarizer, its weights fetched and read on first use."""
        load = pyannote.load if self.diarization == "pyannote" else embedded.load_diarizer
        return load(self.settings)


def choose_engines(settings: Settings, languages: Iterable[str | None] = ()) -> Engines:
    """Resolve "auto" and make sure that what was asked for, in these languages, can run here.

    Raises EngineUnavailable for an engine asked for by name that cannot run, and in Batch also for
    "auto": a lesser engine would be noticed only after the money is spent.
    """
    given = _engine_settings(settings)
    asr, why_asr = _choose(
        "ASR_ENGINE",
        settings.asr_engine,
        "whisper",
        lambda: whisper.availability(given.whisper_model, given.models, given.may_download),
        settings.in_batch,
    )
    diarization, why_diarization = _choose(
        "DIARIZATION_ENGINE",
        settings.diarization_engine,
        "pyannote",
        lambda: pyannote.availability(given.hf_token, given.models, given.may_download),
        settings.in_batch,
    )
    if asr == "embedded":
        _refuse_other_languages({settings.hints.language, *languages})
    return Engines(asr, diarization, given, tuple(why for why in (why_asr, why_diarization) if why))


def _engine_settings(settings: Settings) -> EngineSettings:
    wants_models = {settings.asr_engine, settings.diarization_engine} != {"embedded"}
    return EngineSettings(
        device=settings.device,
        whisper_model=settings.whisper_model,
        models=fetch_models(settings.models_prefix) if wants_models else None,
        hf_token=settings.hf_token,
        may_download=not settings.in_batch,
        threads=settings.threads,
    )


def _choose(
    variable: str, asked: str, best: str, missing: Callable[[], str | None], in_batch: bool
) -> tuple[str, str | None]:
    """Return the engine's name and, for "auto", the sentence that explains it."""
    if asked == "embedded":
        return _embedded(variable), None
    reason = missing()
    if reason is None:
        return best, f"{variable}=auto takes {best}" if asked == "auto" else None
    if asked == best:
        raise EngineUnavailable(f"{variable}={best} cannot run: {reason}")
    if in_batch:
        raise EngineUnavailable(
            f"{variable}=auto means {best} in AWS Batch, and it cannot run: {reason}; "
            f"set {variable}=embedded to accept draft quality"
        )
    return _embedded(variable), f"{variable}=auto takes embedded (draft quality): {reason}"


def _embedded(variable: str) -> str:
    reason = embedded.availability()
    if reason is not None:
        raise EngineUnavailable(f"{variable}=embedded cannot run: {reason}")
    return "embedded"


def _refuse_other_languages(languages: set[str | None]) -> None:
    for language in languages - {None, "en"}:
        raise UsageFault(
            f"the embedded recogniser knows English only, not LANGUAGE={language}; "
            "use ASR_ENGINE=whisper on a machine that has its model or a network"
        )
