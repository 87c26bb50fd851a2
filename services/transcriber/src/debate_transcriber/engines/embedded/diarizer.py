"""Who spoke when, without a token: voice vectors of short windows, clustered."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.embedded import encoder, resegmentation
from debate_transcriber.engines.embedded.clustering import cluster, unit
from debate_transcriber.engines.embedded.encoder import Vectors, VoiceEncoder
from debate_transcriber.speech import (
    SAMPLE_RATE,
    Diarization,
    EngineInfo,
    Interval,
    Kept,
    Progress,
    SpeakerCount,
    Turn,
    Voice,
    Waveform,
)

STEP = int(0.4 * SAMPLE_RATE)  # samples from window to window
BATCHES = 512  # windows embedded between two reports of progress


class VoiceDiarizer:
    """silero-vad's speech, GE2E vectors, spectral clustering; one voice at a time."""

    def __init__(self, threads: int) -> None:
        import torch

        torch.set_num_threads(threads)
        self.encoder = VoiceEncoder()
        self.info = EngineInfo(
            "ge2e-spectral",
            self.encoder.version,
            "draft",
            {"device": "cpu", "step": 0.4, "window": 1.6},
        )

    def diarize(
        self,
        waveform: Waveform,
        speech: Sequence[Interval],
        count: SpeakerCount,
        progress: Progress,
        kept: Kept | None = None,
    ) -> Diarization:
        """Give each moment of speech to one voice; overlapping ones are not told apart."""
        starts = window_starts(speech)
        vectors = self._embed(waveform, starts, progress, {} if kept is None else kept)
        turns = resegmentation.turns_of(speech, starts, vectors, cluster(vectors, count))
        return Diarization(
            turns, turns, voices_of(turns, starts, vectors), encoder.MODEL, self.encoder.version
        )

    def _embed(
        self, waveform: Waveform, starts: NDArray[np.int64], progress: Progress, kept: Kept
    ) -> Vectors:
        parts = []
        total = waveform.size / SAMPLE_RATE
        for first in range(0, starts.size, BATCHES):
            name = f"windows from {first}"
            if name not in kept:
                kept[name] = self.encoder.embed(waveform, starts[first : first + BATCHES])
            parts.append(kept[name])
            progress(min(starts[min(first + BATCHES, starts.size) - 1] / SAMPLE_RATE, total), total)
        progress(total, total)
        return np.concatenate(parts) if parts else np.zeros((0, 256), np.float32)


def window_starts(speech: Sequence[Interval]) -> NDArray[np.int64]:
    """Return where windows begin: every 0.4 s inside speech, one around a short stretch."""
    starts: list[NDArray[np.int64]] = [np.zeros(0, np.int64)]
    for stretch in speech:
        first, last = (
            int(stretch.start * SAMPLE_RATE),
            int(stretch.end * SAMPLE_RATE) - encoder.WINDOW,
        )
        if last <= first:
            starts.append(np.array([(first + last) // 2]))
        else:
            starts.append(np.linspace(first, last, 1 + -(-(last - first) // STEP)).astype(np.int64))
    return np.concatenate(starts)


def voices_of(turns: Sequence[Turn], starts: NDArray[np.int64], vectors: Vectors) -> list[Voice]:
    """Return each label's voice: the mean direction of the windows centred in its turns."""
    labels = sorted({turn.label for turn in turns})
    middles = (starts + encoder.WINDOW / 2) / SAMPLE_RATE
    sums = {label: np.zeros(256) for label in labels}
    for turn in turns:
        first, last = np.searchsorted(middles, (turn.start, turn.end))
        first = min(first, middles.size - 1)  # a turn between two middles: the next window
        sums[turn.label] += vectors[first : max(last, first + 1)].sum(axis=0)
    seconds = {label: sum(t.end - t.start for t in turns if t.label == label) for label in labels}
    return [Voice(label, unit(sums[label].astype(np.float32)), seconds[label]) for label in labels]
