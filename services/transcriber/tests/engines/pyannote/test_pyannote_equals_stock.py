"""Our pipeline against the stock one on the same random weights, and the diarizer around it."""

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
import torch
from debate_transcriber.engines import EngineSettings
from debate_transcriber.engines.pyannote import load
from debate_transcriber.engines.pyannote.diarizer import PyannoteDiarizer
from debate_transcriber.engines.speech import (
    SAMPLE_RATE,
    Diarization,
    Interval,
    SpeakerCount,
    Waveform,
)
from generated import sound
from pyannote_folder import write_pipeline

pytestmark = pytest.mark.timeout(400)  # importing pyannote.audio takes 5-20 s

SECONDS = 10.0
SPEECH = [Interval(0, SECONDS)]
AUTO = SpeakerCount()


def ignore(_done: float, _total: float) -> None: ...


def waveform() -> Waveform:
    """10 s with a silence longer than two chunks in it."""
    samples = sound(SECONDS)
    samples[3 * SAMPLE_RATE : 8 * SAMPLE_RATE] = 0
    return samples


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from debate_transcriber.engines.pyannote.model import _import_pyannote, _quiet

    with _quiet():
        _import_pyannote()
        folder = tmp_path_factory.mktemp("models")
        write_pipeline(folder / "pyannote")
    return folder


@pytest.fixture(scope="module")
def diarizer(models: Path) -> PyannoteDiarizer:
    engine = load(EngineSettings("cpu", models=models))
    assert isinstance(engine, PyannoteDiarizer)
    return engine


@pytest.fixture(scope="module")
def stock(models: Path) -> Any:
    from debate_transcriber.engines.pyannote.model import _quiet
    from pyannote.audio import Pipeline

    with _quiet():
        return Pipeline.from_pretrained(models / "pyannote")


@pytest.fixture
def file() -> dict[str, Any]:
    return {"waveform": torch.from_numpy(waveform())[None], "sample_rate": SAMPLE_RATE}


@pytest.fixture(scope="module")
def result(diarizer: PyannoteDiarizer) -> Diarization:
    return diarizer.diarize(waveform(), SPEECH, AUTO, ignore)


def passes_of(encoder: Any, work: Callable[[], Any]) -> tuple[Any, int]:
    """What `work` returns and how many chunks the ResNet read meanwhile."""
    chunks = 0

    def count(_module: Any, inputs: tuple[torch.Tensor, ...], _output: Any) -> None:
        nonlocal chunks
        chunks += len(inputs[0])

    hook = encoder.layer1.register_forward_hook(count)
    try:
        return work(), chunks
    finally:
        hook.remove()


@pytest.mark.parametrize("exclude_overlap", [True, False])
def test_voice_vectors_equal_the_stock_pipelines_at_a_third_of_the_passes(
    diarizer: PyannoteDiarizer, stock: Any, file: dict[str, Any], exclude_overlap: bool
) -> None:
    ours = diarizer.pipeline
    segments = stock.get_segmentations(file)
    resnet, stock_resnet = ours._embedding.model_.resnet, stock._embedding.model_.resnet
    _ = ours._embedding.min_num_samples, stock._embedding.min_num_samples  # found by trial passes

    expected, stock_passes = passes_of(
        stock_resnet, lambda: stock.get_embeddings(file, segments, exclude_overlap)
    )
    vectors, passes = passes_of(
        resnet, lambda: ours.get_embeddings(file, segments, exclude_overlap)
    )

    silent = ~segments.data.any(axis=(1, 2))
    assert 2 <= silent.sum() < len(silent)
    assert np.abs(vectors - expected).max() < 1e-5
    assert stock_passes == 3 * len(silent)
    assert passes == len(silent) - silent.sum() + 1  # one pass learns what silence looks like


def test_turns_are_those_of_the_stock_pipeline(
    result: Diarization, stock: Any, file: dict[str, Any]
) -> None:
    with np.errstate(all="ignore"):
        expected = stock(file)

    for ours, theirs in (
        (result.speech, expected.speaker_diarization),
        (result.exclusive, expected.exclusive_speaker_diarization),
    ):
        assert sorted((t.start, t.end) for t in ours) == sorted(
            (span.start, min(span.end, SECONDS))
            for span, _ in theirs.itertracks()
            if span.start < SECONDS
        )
    assert len(result.speech) > 10


def test_labels_are_numbered_in_order_of_first_appearance(result: Diarization) -> None:
    seen = list(dict.fromkeys(turn.label for turn in result.speech))

    assert seen == [f"SPEAKER_{i:02d}" for i in range(len(seen))]
    assert len(seen) > 1


def test_speech_keeps_overlaps_and_exclusive_turns_have_none(result: Diarization) -> None:
    def overlaps(turns: list[Any]) -> bool:
        ends = [turn.end for turn in turns]
        return any(turn.start < max(ends[:i], default=0) for i, turn in enumerate(turns))

    assert overlaps(result.speech)
    assert not overlaps(result.exclusive)


def test_each_label_has_one_voice_of_unit_length_made_from_its_speech(
    diarizer: PyannoteDiarizer,
) -> None:
    result = diarizer.diarize(waveform(), SPEECH, SpeakerCount(exact=2), ignore)

    assert [voice.label for voice in result.voices] == sorted({t.label for t in result.speech})
    for voice in result.voices:
        assert np.linalg.norm(voice.vector) == pytest.approx(1)
        assert voice.vector.dtype == np.float32
        assert voice.seconds == pytest.approx(
            sum(t.end - t.start for t in result.speech if t.label == voice.label)
        )


@pytest.mark.parametrize(
    ("count", "allowed"),
    [
        (SpeakerCount(exact=3), {3}),
        (SpeakerCount(minimum=3, maximum=4), {3, 4}),
    ],
)
def test_the_number_of_speakers_is_honoured(
    diarizer: PyannoteDiarizer, count: SpeakerCount, allowed: set[int]
) -> None:
    found = diarizer.diarize(waveform(), SPEECH, count, ignore)

    assert len({turn.label for turn in found.speech}) in allowed


def test_one_second_and_more_speakers_than_voices_still_give_an_answer(
    diarizer: PyannoteDiarizer,
) -> None:
    found = diarizer.diarize(sound(1), [Interval(0, 1)], SpeakerCount(exact=9), ignore)

    assert all(0 <= turn.start <= turn.end <= 1 for turn in found.speech)


def test_a_recording_without_speech_has_no_speakers(diarizer: PyannoteDiarizer) -> None:
    found = diarizer.diarize(sound(3), [], AUTO, ignore)

    assert (found.speech, found.exclusive, found.voices) == ([], [], [])


def test_progress_grows_to_the_length_of_the_recording(diarizer: PyannoteDiarizer) -> None:
    seen: list[tuple[float, float]] = []

    diarizer.diarize(waveform(), SPEECH, AUTO, lambda done, total: seen.append((done, total)))

    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (SECONDS, SECONDS)


def test_a_batch_too_large_for_the_gpu_is_halved(
    diarizer: PyannoteDiarizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = diarizer.pipeline
    waveforms = torch.from_numpy(waveform()).reshape(5, 1, -1)
    masks = torch.ones(5, 3, 100)
    expected = pipeline._embed(waveforms, masks)
    forward = pipeline._embedding.model_.forward

    def small_gpu(waveforms: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        if len(waveforms) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(waveforms, weights=weights)

    monkeypatch.setattr(pipeline._embedding.model_, "forward", small_gpu)

    assert np.abs(pipeline._embed(waveforms, masks) - expected).max() < 1e-5


def test_a_segmentation_batch_too_large_for_the_gpu_is_halved(
    diarizer: PyannoteDiarizer, file: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = diarizer.pipeline
    expected = pipeline.get_segmentations(file).data
    forward = pipeline._segmentation.model.forward

    def small_gpu(chunks: torch.Tensor) -> torch.Tensor:
        if len(chunks) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(chunks)

    monkeypatch.setattr(pipeline._segmentation.model, "forward", small_gpu)
    monkeypatch.setattr(pipeline, "segmentation_batch_size", 16)

    assert np.array_equal(pipeline.get_segmentations(file).data, expected)
    assert pipeline.segmentation_batch_size == 4


def test_telemetry_is_off() -> None:
    from pyannote.audio.telemetry.metrics import is_metrics_enabled

    assert not is_metrics_enabled()


def test_kept_pieces_are_not_made_again(diarizer: PyannoteDiarizer, result: Diarization) -> None:
    kept: dict[str, Any] = {}
    arguments = (waveform(), SPEECH, AUTO, ignore)
    first = diarizer.diarize(*arguments, kept)
    again = diarizer.diarize(*arguments, MappingProxyType(kept))  # refuses every new piece

    assert first.speech == again.speech == result.speech
    assert "segmentation" in kept
    assert any(name.startswith("chunks") for name in kept)
