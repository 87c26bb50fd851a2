"""The whole engine on random weights, and on the real ones where this machine has them."""

from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
import torch
from debate_contract.errors import BadInput
from debate_transcriber.engines import EngineSettings, campplus
from debate_transcriber.engines.campplus import diarizer as engine
from debate_transcriber.engines.campplus.diarizer import CampplusDiarizer
from debate_transcriber.engines.campplus.networks.campplus import CamPlusPlus
from debate_transcriber.engines.campplus.networks.pyannet import PyanNet
from debate_transcriber.engines.speech import Diarization, Interval, SpeakerCount, Waveform
from debate_transcriber.weights.registry import CAMPPLUS, SEGMENTATION
from debate_transcriber.work.checkpoints import pack, unpack
from random_weights import hum, publish, random_campplus, random_segmentation, real

AUTO = SpeakerCount()
REAL = [*zip(real(SEGMENTATION), real(CAMPPLUS), strict=False)]


def ignore(_done: float, _total: float) -> None: ...


@pytest.fixture(scope="module")
def diarizer() -> CampplusDiarizer:
    return CampplusDiarizer(PyanNet(random_segmentation()), CamPlusPlus(random_campplus()), "cpu")


@pytest.fixture(scope="module")
def waveform() -> Waveform:
    return np.concatenate([hum(9.0), np.zeros(32_000, np.float32), hum(14.0, 220, 1)])


@pytest.fixture
def small_stretches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "STRETCH", 3)


def diarize(
    diarizer: CampplusDiarizer, waveform: Waveform, count: SpeakerCount = AUTO, **more: object
) -> Diarization:
    speech = [Interval(0.0, len(waveform) / 16_000)]
    return diarizer.diarize(waveform, speech, count, **({"progress": ignore} | more))


def same(one: Diarization, other: Diarization) -> bool:
    return (
        (one.speech, one.exclusive) == (other.speech, other.exclusive)
        and [v.label for v in one.voices] == [v.label for v in other.voices]
        and all(
            np.allclose(a.vector, b.vector, atol=1e-4)
            for a, b in zip(one.voices, other.voices, strict=True)
        )
    )


def test_turns_voices_and_labels_belong_together(
    diarizer: CampplusDiarizer, waveform: Waveform
) -> None:
    found = diarize(diarizer, waveform)
    labels = {turn.label for turn in found.speech}
    assert labels
    assert sorted(labels) == [f"SPEAKER_{i:02}" for i in range(len(labels))]
    assert {voice.label for voice in found.voices} == labels
    assert {turn.label for turn in found.exclusive} <= labels
    assert found.speech[0].label == "SPEAKER_00"
    assert all(0 <= t.start < t.end <= len(waveform) / 16_000 for t in found.speech)
    assert [np.linalg.norm(v.vector) for v in found.voices] == pytest.approx([1] * len(labels))
    ends = [turn.end for turn in found.exclusive]
    assert all(end <= turn.start for end, turn in zip(ends, found.exclusive[1:], strict=False))


@pytest.mark.usefixtures("small_stretches")
def test_what_was_kept_is_found_after_a_stop_whatever_the_count(
    diarizer: CampplusDiarizer, waveform: Waveform
) -> None:
    kept: dict[str, object] = {}
    first = diarize(diarizer, waveform, kept=kept)
    read_only = MappingProxyType(unpack(pack(kept)))  # as from disk; refuses every new piece
    assert same(diarize(diarizer, waveform, kept=read_only), first)
    diarize(diarizer, waveform, SpeakerCount(2), kept=read_only)


@pytest.mark.usefixtures("small_stretches")
@pytest.mark.parametrize("pieces", range(1, 6, 2))
def test_a_stop_after_any_piece_changes_nothing(
    diarizer: CampplusDiarizer, waveform: Waveform, pieces: int
) -> None:
    kept: dict[str, object] = {}
    whole = diarize(diarizer, waveform, kept=kept)
    partly = dict(list(kept.items())[:pieces])
    assert len(partly) < len(kept)
    assert same(diarize(diarizer, waveform, kept=partly), whole)


@pytest.mark.usefixtures("small_stretches")
def test_progress_goes_from_nothing_to_all(diarizer: CampplusDiarizer, waveform: Waveform) -> None:
    told: list[float] = []
    diarize(diarizer, waveform, progress=lambda done, total: told.append(done / total))
    assert told == sorted(told)
    assert (told[0] < 0.3, told[-1]) == (True, 1.0)


def test_without_speech_there_are_no_turns(diarizer: CampplusDiarizer) -> None:
    found = diarizer.diarize(np.zeros(160_000, np.float32), [], AUTO, ignore)
    assert (found.speech, found.exclusive, found.voices) == ([], [], [])


@pytest.mark.parametrize("samples", [0, 1, 399, 400, 1600, 160_000, 160_001])
@pytest.mark.parametrize("count", [AUTO, SpeakerCount(3)])
def test_a_recording_of_any_length_can_be_read(
    diarizer: CampplusDiarizer, samples: int, count: SpeakerCount
) -> None:
    found = diarize(diarizer, hum(11.0)[:samples], count)
    assert all(turn.end <= samples / 16_000 for turn in found.speech)


def test_a_gpu_that_is_too_small_classifies_halves(
    diarizer: CampplusDiarizer, waveform: Waveform, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, classify = diarize(diarizer, waveform), engine.classify

    def small(network: PyanNet, windows: torch.Tensor) -> np.ndarray:
        if len(windows) > 2:
            raise torch.OutOfMemoryError("too small")
        return classify(network, windows)

    monkeypatch.setattr(engine, "classify", small)
    monkeypatch.setattr(diarizer, "batch", 9)
    assert same(diarize(diarizer, waveform), whole)
    assert diarizer.batch <= 2


def test_weights_come_from_the_folder_of_models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waveform: Waveform
) -> None:
    publish(tmp_path, monkeypatch)
    settings = EngineSettings("cpu", models=tmp_path, may_download=False)
    assert campplus.availability(settings).missing is None
    assert diarize(campplus.load(settings), waveform).speech


def test_another_file_under_their_name_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, monkeypatch)
    (tmp_path / SEGMENTATION.file).write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(BadInput, match=r"segmentation-3\.0\.pt is not the file of.*remove it"):
        campplus.load(EngineSettings("cpu", models=tmp_path))


def test_a_job_in_batch_is_told_which_weights_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELS_CACHE", str(tmp_path / "none"))
    answer = campplus.availability(EngineSettings("cpu", models=tmp_path, may_download=False))
    assert "CAM++ are not in MODELS_PREFIX, which `make models` fills" in str(answer.missing)


if REAL:

    @pytest.mark.parametrize(("segmentation", "voices"), REAL)
    def test_two_voices_are_told_apart_by_the_real_weights(
        segmentation: dict[str, torch.Tensor], voices: dict[str, torch.Tensor], debate: Waveform
    ) -> None:
        found = diarize(CampplusDiarizer(PyanNet(segmentation), CamPlusPlus(voices), "cpu"), debate)
        heard = [turn.label for turn in found.exclusive if turn.end - turn.start > 1]
        order = [label for i, label in enumerate(heard) if i == 0 or label != heard[i - 1]]
        assert order == ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"]
