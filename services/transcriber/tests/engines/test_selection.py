from collections.abc import Callable
from pathlib import Path

import pytest
from debate_contract.errors import TemporaryFault
from debate_transcriber.engines import Availability, campplus, pyannote, whisper
from debate_transcriber.engines.selection import choose_engines
from debate_transcriber.engines.whisper import names
from debate_transcriber.errors import EngineUnavailable
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


def test_without_weights_auto_fails_and_names_all_that_is_missing(machine: Machine) -> None:
    machine(None, "no token was given", "no weights")
    with pytest.raises(
        EngineUnavailable,
        match=r"^DIARIZATION_ENGINE=auto cannot run: no token was given; no weights$",
    ):
        choose_engines(settings())
    machine("no model", None)
    with pytest.raises(EngineUnavailable, match=r"^ASR_ENGINE=auto cannot run: no model$"):
        choose_engines(settings())


@pytest.mark.parametrize("engine", ["auto", "campplus"])
def test_weights_out_of_reach_are_worth_another_attempt(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    machine(None, "no token was given")
    answer = Availability("the network is down", temporary=True)
    monkeypatch.setattr(campplus, "availability", lambda _: answer)
    with pytest.raises(TemporaryFault, match=f"{engine} cannot run: .*the network is down"):
        choose_engines(settings(diarization_engine=engine))


def test_in_batch_campplus_serves_too(machine: Machine) -> None:
    machine(None, "no token was given")
    assert choose_engines(settings(job_id="1")).diarization == "campplus"


@pytest.mark.parametrize("engine", ["pyannote", "campplus"])
def test_an_engine_asked_for_by_name_is_never_replaced(machine: Machine, engine: str) -> None:
    machine(None, "no weights", "no weights")
    with pytest.raises(EngineUnavailable, match=f"{engine} cannot run: no weights"):
        choose_engines(settings(diarization_engine=engine))


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
    with pytest.raises(TemporaryFault, match="Whisper medium could not be fetched"):
        choose_engines(settings(asr_engine="whisper", whisper_model="medium"))


def test_small_models_are_drafts() -> None:
    assert [n for n in ("tiny.en", "base", "small", "turbo", "mine") if names.is_draft(n)] == [
        "tiny.en",
        "base",
    ]
