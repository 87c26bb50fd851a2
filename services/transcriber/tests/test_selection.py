from collections.abc import Callable

import pytest
from debate_transcriber.engines import pyannote, whisper
from debate_transcriber.engines.selection import choose_engines
from debate_transcriber.errors import EngineUnavailable, UsageFault
from debate_transcriber.settings import Settings

Machine = Callable[[str | None, str | None], None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Say what is missing for Whisper and for pyannote; None: nothing."""

    def make(without_whisper: str | None, without_pyannote: str | None) -> None:
        monkeypatch.setattr(whisper, "availability", lambda *_: without_whisper)
        monkeypatch.setattr(pyannote, "availability", lambda *_: without_pyannote)

    return make


def settings(**more: object) -> Settings:
    return Settings(video_prefix="in", output_prefix="out", **more)


def test_auto_takes_the_standard_engines_where_they_can_run(machine: Machine) -> None:
    machine(None, None)
    engines = choose_engines(settings())
    assert (engines.asr, engines.diarization) == ("whisper", "pyannote")


def test_auto_takes_the_embedded_ones_elsewhere_and_says_why(machine: Machine) -> None:
    machine(None, "no token was given")
    engines = choose_engines(settings())
    assert (engines.asr, engines.diarization) == ("whisper", "embedded")
    assert "takes embedded (draft quality): no token was given" in engines.reasons[1]


def test_in_batch_auto_never_falls_back(machine: Machine) -> None:
    machine(None, "no token was given")
    with pytest.raises(EngineUnavailable, match=r"means pyannote in AWS Batch.*no token"):
        choose_engines(settings(job_id="1"))


def test_in_batch_the_embedded_engines_may_be_asked_for(machine: Machine) -> None:
    machine("no", "no")
    engines = choose_engines(
        settings(job_id="1", asr_engine="embedded", diarization_engine="embedded")
    )
    assert engines.reasons == ()


def test_the_embedded_recogniser_refuses_what_a_list_asks_of_it(machine: Machine) -> None:
    machine("no model", None)
    with pytest.raises(UsageFault, match="English only, not LANGUAGE=cs"):
        choose_engines(settings(), {None, "en", "cs"})


def test_an_engine_asked_for_by_name_is_never_replaced(machine: Machine) -> None:
    machine("no model", None)
    with pytest.raises(EngineUnavailable, match="ASR_ENGINE=whisper cannot run: no model"):
        choose_engines(settings(asr_engine="whisper"))
