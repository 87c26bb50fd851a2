"""Frames computed once in blocks, and vectors from the parts of them that a voice is heard in."""

import numpy as np
import pytest
import torch
from debate_transcriber.engines.campplus import embedding
from debate_transcriber.engines.campplus.embedding import (
    Embedder,
    at_frames,
    masks_of,
    seconds_alone,
)
from debate_transcriber.engines.campplus.networks import fbank
from debate_transcriber.engines.campplus.networks.campplus import CamPlusPlus
from debate_transcriber.engines.campplus.windows import FRAME_STEP, Windows
from debate_transcriber.engines.speech import SAMPLE_RATE
from random_weights import hum, random_campplus


@pytest.fixture(scope="module")
def encoder() -> CamPlusPlus:
    return CamPlusPlus(random_campplus())


def activity(*rows: tuple[float, float, int], windows: int = 1) -> np.ndarray:
    """Windows in which (start, end, speaker) is heard."""
    found = np.zeros((windows, 589, 3), np.bool_)
    for start, end, speaker in rows:
        found[:, round(start / FRAME_STEP) : round(end / FRAME_STEP), speaker] = True
    return found


def test_a_voice_is_taken_from_where_it_is_alone() -> None:
    #   speaker 0   ██████░░
    #   speaker 1       ░░░░██████
    masks = masks_of(activity((0, 4, 0), (3, 8, 1)))
    assert masks[0].sum(1) * FRAME_STEP == pytest.approx([3, 4, 0], abs=0.05)


def test_a_voice_that_is_hardly_alone_is_taken_from_wherever_it_is_heard() -> None:
    #   speaker 0   ████████
    #   speaker 1     ██████▁
    masks = masks_of(activity((0, 4, 0), (1, 4.3, 1)))
    assert masks[0].sum(1) * FRAME_STEP == pytest.approx([1, 3.3, 0], abs=0.05)


def embed(embedder: Embedder, which: range, masks: np.ndarray) -> np.ndarray:
    """The vectors of all speakers of windows, [windows, speakers, 192]."""
    owners = np.repeat(np.arange(which.start, which.stop), masks.shape[1])
    rows = at_frames(masks).reshape(len(owners), -1)
    return embedder.embed(which, owners, rows).reshape(*masks.shape[:2], -1)


@pytest.mark.parametrize("seconds", [3.3, 10.0, 25.0])
def test_vectors_are_those_of_the_blocks_read_one_by_one(
    encoder: CamPlusPlus, seconds: float
) -> None:
    waveform = hum(seconds)
    windows = Windows(waveform.size)
    masks = masks_of(activity((1, 3, 0), (4, 7.5, 1), windows=windows.count))

    found = embed(Embedder(encoder, waveform), range(windows.count), masks)

    expected = one_by_one(encoder, waveform, masks)
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert np.nanmax(np.abs(found - expected)) < 1e-3 * np.nanmax(np.abs(expected))


def one_by_one(encoder: CamPlusPlus, waveform: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """The plain way: frames of the whole recording first, then each voice by itself."""
    features = fbank.log_mel(torch.from_numpy(waveform))
    parts = []
    with torch.inference_mode():
        for first in range(0, len(features), 1000):
            begin, end = max(0, first - 50), min(len(features), first + 1050)
            piece = features[begin:end]
            frames = encoder.frames((piece - piece.mean(0))[None])[0]
            parts.append(frames[(first - begin) // 2 :][:500])
        frames = torch.cat(parts)
        vectors = np.full((*masks.shape[:2], 192), np.nan, np.float32)
        for window, speakers in enumerate(at_frames(masks)):
            piece = frames[window * 100 :][:500]
            for speaker, mask in enumerate(speakers):
                chosen = piece[torch.from_numpy(mask[: len(piece)])]
                if len(chosen) > 1:
                    deviation, mean = torch.std_mean(chosen, 0)
                    vectors[window, speaker] = encoder.vectors(mean[None], deviation[None])[0]
    return vectors


def test_in_pieces_and_in_batches_the_vectors_are_the_same(encoder: CamPlusPlus) -> None:
    waveform = hum(50.0)
    windows = Windows(waveform.size)
    masks = masks_of(activity((1, 3, 0), (4, 7.5, 1), windows=windows.count))
    at_once = embed(Embedder(encoder, waveform, batch=3), range(windows.count), masks)
    embedder = Embedder(encoder, waveform)
    pieces = [
        embed(embedder, which, masks[which.start : which.stop]) for which in windows.stretches(4)
    ]
    assert np.nanmax(np.abs(np.concatenate(pieces) - at_once)) < 1e-3 * np.nanmax(np.abs(at_once))


def test_each_block_is_read_once_and_silent_ones_never(
    encoder: CamPlusPlus, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    batch = Embedder._read_batch

    def noting(self: Embedder, numbers: list[int]) -> None:
        read.extend(numbers)
        batch(self, numbers)

    monkeypatch.setattr(Embedder, "_read_batch", noting)
    waveform = hum(60.0)
    windows = Windows(waveform.size)
    heard = activity((0, 10, 0), windows=windows.count)
    heard[6:16] = False  # nobody from 20 s to 30 s
    embedder = Embedder(encoder, waveform)
    for which in windows.stretches(5):
        embed(embedder, which, masks_of(heard[which.start : which.stop]))
    assert sorted(read) == [0, 1, 3, 4, 5]


def test_a_gpu_that_is_too_small_reads_halves(
    encoder: CamPlusPlus, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    frames = CamPlusPlus.frames

    def small(self: CamPlusPlus, features: torch.Tensor) -> torch.Tensor:
        sizes.append(len(features))
        if len(features) > 1:
            raise torch.OutOfMemoryError("too small")
        return frames(self, features)

    monkeypatch.setattr(CamPlusPlus, "frames", small)
    waveform = hum(50.0)
    windows = Windows(waveform.size)
    masks = masks_of(activity((0, 10, 0), windows=windows.count))
    found = embed(Embedder(encoder, waveform, batch=3), range(windows.count), masks)
    assert sizes[0] == 3
    assert not np.isnan(found[:, 0]).any()


def test_seconds_of_all_windows_add_up_to_those_of_the_recording() -> None:
    windows = Windows(30 * SAMPLE_RATE)
    heard = np.zeros((windows.count, 589, 3), np.bool_)
    heard[..., 0] = True
    clean, own = seconds_alone(heard, windows.first_frames)
    assert clean[:, 0] == pytest.approx(589 * FRAME_STEP)
    assert own.sum() == pytest.approx(30, abs=0.1)
    assert embedding.BLOCK == 500
