"""The windows that a recording is read in, and who of three local speakers is heard in each.

window 0   0 ───────── 10 s
window 1      2 ───────── 12 s        local speakers are numbered anew in each window
…
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import pad

from debate_transcriber.engines.campplus.networks.pyannet import PyanNet
from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform

WINDOW = 10.0  # s, what the network was trained on
STEP = 2.0  # s from window to window: each moment is looked at five times
FRAMES = 589  # of a window
FRAME_STEP, FRAME_SPAN = 270 / SAMPLE_RATE, 991 / SAMPLE_RATE  # s
SPEAKERS = 3
# Who is heard in each of the network's classes.
POWERSET = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.bool_
)

Classes = NDArray[np.uint8]  # [windows, frames], an index into POWERSET
Activity = NDArray[np.bool_]  # [windows, frames, speakers]


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of a recording of so many samples."""

    samples: int

    @property
    def count(self) -> int:
        """How many there are; the last one reaches beyond the end."""
        beyond = self.samples - int(WINDOW * SAMPLE_RATE)
        return 1 + max(0, -(-beyond // int(STEP * SAMPLE_RATE)))

    @property
    def first_frames(self) -> NDArray[np.int64]:
        """Where each window begins among the frames of the recording."""
        starts = np.arange(self.count) * STEP / FRAME_STEP
        return np.asarray(np.rint(starts), np.int64)

    def stretches(self, size: int) -> Iterator[range]:
        """The windows in groups of `size`."""
        for first in range(0, self.count, size):
            yield range(first, min(first + size, self.count))

    def cut(self, waveform: Waveform, which: range) -> torch.Tensor:
        """Windows that follow each other, [windows, samples], zeros beyond the end."""
        hop, size = int(STEP * SAMPLE_RATE), int(WINDOW * SAMPLE_RATE)
        piece = waveform[which.start * hop : (which.stop - 1) * hop + size]
        samples = torch.from_numpy(np.ascontiguousarray(piece))
        return pad(samples, (0, (len(which) - 1) * hop + size - len(samples))).unfold(0, size, hop)


@torch.inference_mode()
def classify(network: PyanNet, windows: torch.Tensor) -> Classes:
    """The likeliest class of every frame."""
    device = network.filters.device
    return network(windows.to(device)).argmax(-1).to(torch.uint8).cpu().numpy()


def activity_of(classes: Classes) -> Activity:
    """Which local speakers are heard, [windows, frames, speakers]."""
    return np.asarray(POWERSET[classes])
