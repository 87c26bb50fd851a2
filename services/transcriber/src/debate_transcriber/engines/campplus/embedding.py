"""A vector for each local speaker of each window and for each piece, from frames computed once.

The recording is read in blocks of 10 s with half a second of margin. The frames in which a local
speaker is heard alone (at all, where that is too short) give mean and deviation, and these the
vector. Blocks in which nobody is heard are left out.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from debate_transcriber.engines.campplus.networks import campplus, fbank
from debate_transcriber.engines.campplus.networks.campplus import CamPlusPlus
from debate_transcriber.engines.campplus.windows import (
    FRAME_STEP,
    SPEAKERS,
    STEP,
    WINDOW,
    Activity,
)
from debate_transcriber.engines.devices import tensor_floats
from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform

FRAME = campplus.STRIDE * fbank.HOP  # samples of a frame of the voice network
BLOCK = round(WINDOW * SAMPLE_RATE / FRAME)  # frames: a window is as long as a block
MARGIN = 25  # frames on either side of a block that are read with it and left aside
PER_STEP = round(STEP * SAMPLE_RATE / FRAME)
LEAST_ALONE = 0.5  # s heard alone that make a vector by themselves

Vectors = NDArray[np.float32]  # [masks, 192], NaN where nobody is heard
Masks = NDArray[np.bool_]  # [windows, speakers, frames]


def masks_of(activity: Activity) -> Masks:
    """Which frames each local speaker's voice is taken from."""
    heard, alone = activity.transpose(0, 2, 1), alone_in(activity)
    enough = alone.sum(2, keepdims=True) * FRAME_STEP >= LEAST_ALONE
    return np.where(enough, alone, heard)


@dataclass
class Embedder:
    """The frames of one recording, kept for as long as a later window needs them."""

    encoder: CamPlusPlus
    waveform: Waveform
    batch: int = 1  # blocks at once
    blocks: dict[int, Tensor] = field(default_factory=dict)

    @torch.inference_mode()
    def embed(self, which: range, owners: NDArray[np.int64], masks: NDArray[np.bool_]) -> Vectors:
        """The vectors of masks, [masks, frames], in windows that follow each other.

        `owners` is the window of each mask; a mask of fewer than two frames gives NaN.
        """
        begin = which.start * PER_STEP
        frames = self._frames(begin, _wanted(which, owners, masks))
        vectors = np.full((len(masks), campplus.SIZE), np.nan, np.float32)
        pooled, rows = [], []
        for window in np.unique(owners):
            piece = frames[(window - which.start) * PER_STEP :][:BLOCK]
            mine = np.flatnonzero((owners == window) & (masks[:, : len(piece)].sum(1) > 1))
            if len(mine):
                weights = torch.from_numpy(masks[mine, : len(piece)]).to(piece)
                pooled.append(_mean_and_deviation(piece, weights))
                rows.append(mine)
        if rows:
            found = self.encoder.vectors(*torch.cat(pooled, 1))
            vectors[np.concatenate(rows)] = found.float().cpu().numpy()
        return vectors

    def _frames(self, begin: int, wanted: NDArray[np.bool_]) -> Tensor:
        """Frames from `begin` on, [frames, 512]; where none is wanted they may be zeros."""
        last = min(begin + len(wanted), -(-self._features() // campplus.STRIDE))
        needed = range(begin // BLOCK, -(-last // BLOCK))
        self.blocks = {i: block for i, block in self.blocks.items() if i in needed}
        heard = [
            i for i in needed if wanted[max(0, i * BLOCK - begin) : (i + 1) * BLOCK - begin].any()
        ]
        self._read([i for i in heard if i not in self.blocks])
        empty = next(iter(self.encoder.weights.values())).new_zeros(BLOCK, campplus.WIDTH)
        parts = [self.blocks.get(i, empty) for i in needed]
        joined = torch.cat(parts) if parts else empty[:0]
        return joined[begin - needed.start * BLOCK :][: last - begin]

    def _features(self) -> int:
        """How many features of 10 ms the recording has."""
        return max(0, 1 + (self.waveform.size - fbank.SPAN) // fbank.HOP)

    def _read(self, missing: list[int]) -> None:
        """Compute blocks, those of equal length in batches, halved when memory runs out."""
        whole = [i for i in missing if i > 0 and self._reach(i)[1] == (i + 1) * BLOCK + MARGIN]
        for first in range(0, len(whole), self.batch):
            self._read_batch(whole[first : first + self.batch])
        for i in set(missing) - set(whole):
            self._read_batch([i])

    def _read_batch(self, numbers: list[int]) -> None:
        try:
            with tensor_floats():
                pieces = torch.stack([self._piece(i) for i in numbers])
                frames = self.encoder.frames(pieces - pieces.mean(1, keepdim=True))
        except torch.OutOfMemoryError:
            if len(numbers) == 1:
                raise
            torch.cuda.empty_cache()
            self.batch = middle = len(numbers) // 2
            self._read_batch(numbers[:middle])
            self._read_batch(numbers[middle:])
            return
        for i, row in zip(numbers, frames, strict=True):
            self.blocks[i] = row[i * BLOCK - self._reach(i)[0] :][:BLOCK].clone()

    def _reach(self, number: int) -> tuple[int, int]:
        """The frames from and to which a block is read."""
        last = -(-self._features() // campplus.STRIDE)
        return max(0, number * BLOCK - MARGIN), min(last, (number + 1) * BLOCK + MARGIN)

    def _piece(self, number: int) -> Tensor:
        """A block's features with its margins."""
        first, last = self._reach(number)
        end = (min(last * campplus.STRIDE, self._features()) - 1) * fbank.HOP + fbank.SPAN
        samples = torch.from_numpy(np.ascontiguousarray(self.waveform[first * FRAME : end]))
        return fbank.log_mel(samples.to(next(iter(self.encoder.weights.values())).device))


def _wanted(which: range, owners: NDArray[np.int64], masks: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The frames of the windows, from the first one's on, that are in any mask."""
    wanted = np.zeros((len(which) - 1) * PER_STEP + BLOCK, np.bool_)
    for window, mask in zip(owners - which.start, masks, strict=True):
        wanted[window * PER_STEP : window * PER_STEP + BLOCK] |= mask
    return wanted


def _mean_and_deviation(frames: Tensor, weights: Tensor) -> Tensor:
    """[frames, 512] and [masks, frames] of 0 and 1 to [2, masks, 512]."""
    count = weights.sum(1, keepdim=True)
    means = weights @ frames / count
    variance = (weights @ frames.square() - count * means.square()).clamp_min(0) / (count - 1)
    return torch.stack([means, variance.sqrt()])


def alone_in(activity: Activity) -> Masks:
    """Where each local speaker is heard and nobody else, [windows, speakers, frames]."""
    return np.asarray((activity & (activity.sum(2, keepdims=True) == 1)).transpose(0, 2, 1))


def at_frames(masks: Masks) -> Masks:
    """The masks at the voice network's frames of 20 ms, [windows, speakers, 500]."""
    nearest = (np.arange(BLOCK) * FRAME / SAMPLE_RATE / FRAME_STEP).astype(np.int64)
    return masks[:, :, np.minimum(nearest, masks.shape[2] - 1)]


def seconds_alone(
    activity: Activity, first_frames: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds that each local speaker is heard alone, [windows, speakers], twice.

    The second time each moment is shared out among the windows that hold it, so that the seconds
    of all windows add up to those of the recording.
    """
    frames = activity.shape[1]
    seen = np.zeros(first_frames[-1] + frames)
    for first in first_frames:
        seen[first : first + frames] += 1
    alone = activity & (activity.sum(2, keepdims=True) == 1)
    own = np.empty((len(activity), SPEAKERS))
    for row, first in enumerate(first_frames):
        own[row] = (alone[row] / seen[first : first + frames, None]).sum(0)
    return alone.sum(1) * FRAME_STEP, own * FRAME_STEP
