from collections.abc import Callable
from pathlib import Path

import pytest
from debate_transcriber.engines import Availability, campplus, pyannote, whisper
from debate_transcriber.engines.selection import choose_engines
from debate_transcriber.engines.whisper import names
from debate_transcriber.errors import EngineUnavailable, TemporaryFault, UsageFault
from debate_transcriber.settings import Settings
from debate_transcriber.weights.registry import Weights

Machine = Callable[..., None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Say what is missing for Whisper, pyannote and CAM++; None: nothing."""

    def make(
        for_whisper: str | None, for_pyannote: str | None, for_campplus: str | None = None
    ) -> None:
        missing = {whisper: for_whisper, pyannote: for_pyannote, campplus: for_campplus}
        for engine, what in missing.items():
            monkeypatch.setattr(engine, "availability", lambda _, what=what: Availability(what))

    return make


def settings(**more: object) -> Settings:
    return Settings(video_prefix="in", output_prefix="out", **more)


def test_auto_takes_the_best_where_they_can_run(machine: Machine) -> None:
    machine(None, None)
    engines = choose_engines(settings())
    assert (engines.asr, engines.diarization) == ("whisper", "pyannote")


def test_without_a_token_voices_are_told_apart_by_campplus(machine: Machine) -> None:
    machine(None, "no token was given")
    engines = choose_engines(settings())
    assert (engines.asr, engines.diarization) == ("whisper", "campplus")
    assert engines.reasons[1] == "DIARIZATION_ENGINE=auto takes campplus: no token was given"


def test_auto_takes_the_embedded_ones_last_and_says_why(machine: Machine) -> None:
    machine("no model", "no token was given", "no weights")
    engines = choose_engines(settings())
    assert (engines.asr, engines.diarization) == ("embedded", "embedded")
    assert engines.reasons[1].endswith(
        "takes embedded (draft quality): no token was given; no weights"
    )


def test_in_batch_campplus_serves_too(machine: Machine) -> None:
    machine(None, "no token was given")
    assert choose_engines(settings(job_id="1")).diarization == "campplus"


def test_in_batch_auto_never_falls_back_to_drafts(machine: Machine) -> None:
    machine(None, "no token was given", "no weights")
    with pytest.raises(EngineUnavailable, match=r"in AWS Batch: no token was given; no weights"):
        choose_engines(settings(job_id="1"))


def test_in_batch_the_embedded_engines_may_be_asked_for(machine: Machine) -> None:
    machine("no", "no", "no")
    engines = choose_engines(
        settings(job_id="1", asr_engine="embedded", diarization_engine="embedded")
    )
    assert engines.reasons == ()


def test_the_embedded_recogniser_refuses_what_a_list_asks_of_it(machine: Machine) -> None:
    machine("no model", None)
    with pytest.raises(UsageFault, match="English only, not LANGUAGE=cs"):
        choose_engines(settings(), {None, "en", "cs"})


@pytest.mark.parametrize("engine", ["pyannote", "campplus"])
def test_an_engine_asked_for_by_name_is_never_replaced(machine: Machine, engine: str) -> None:
    machine("no model", "no weights", "no weights")
    with pytest.raises(EngineUnavailable, match="ASR_ENGINE=whisper cannot run: no model"):
        choose_engines(settings(asr_engine="whisper"))
    with pytest.raises(EngineUnavailable, match=f"{engine} cannot run: no weights"):
        choose_engines(settings(asr_engine="embedded", diarization_engine=engine))


@pytest.fixture
def mirror(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[set[str]], list[str]]:
    """A machine on which these models can be fetched; says which were asked for."""
    available = whisper.availability
    machine(None, None)
    monkeypatch.setattr(whisper, "availability", available)
    for variable in ("MODELS_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(tmp_path))

    def make(can_be_fetched: set[str]) -> list[str]:
        asked: list[str] = []

        def obtain(weights: Weights, *_: object) -> None:
            asked.append(weights.title)
            if weights.title not in can_be_fetched:
                raise TemporaryFault(f"{weights.title} could not be fetched.")
            (tmp_path / weights.file).parent.mkdir(exist_ok=True)
            (tmp_path / weights.file).touch()

        monkeypatch.setattr(whisper, "obtain", obtain)
        return asked

    return make


Mirror = Callable[[set[str]], list[str]]


def test_where_the_publisher_cannot_be_reached_base_serves_and_this_is_said(mirror: Mirror) -> None:
    mirror({"Whisper base"})
    engines = choose_engines(settings(device="cpu"))
    assert engines.asr == "whisper"
    assert "Whisper base (draft quality) in place of small" in engines.reasons[0]
    assert names.choose_model("cpu", None) == "base"


def test_base_gives_way_once_the_publisher_can_be_reached(mirror: Mirror) -> None:
    mirror({"Whisper base"})
    choose_engines(settings(device="cpu"))
    asked = mirror({"Whisper small"})
    choose_engines(settings(device="cpu"))
    assert asked == ["Whisper small"]
    assert names.choose_model("cpu", None) == "small"


def test_a_cut_network_is_no_matter_once_a_model_is_there(mirror: Mirror) -> None:
    mirror({"Whisper base"})
    choose_engines(settings(device="cpu"))
    mirror(set())
    assert choose_engines(settings(device="cpu")).asr == "whisper"


def test_the_model_asked_for_is_not_replaced(mirror: Mirror) -> None:
    mirror({"Whisper base"})
    with pytest.raises(EngineUnavailable, match="Whisper medium could not be fetched"):
        choose_engines(settings(asr_engine="whisper", whisper_model="medium"))


def test_small_models_are_drafts() -> None:
    assert [n for n in ("tiny.en", "base", "small", "turbo", "mine") if names.is_draft(n)] == [
        "tiny.en",
        "base",
    ]
