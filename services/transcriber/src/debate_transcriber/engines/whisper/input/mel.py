"""Chunks of waveform to Whisper's input, and on to its encoded features."""

from collections.abc import Sequence
from typing import Any

import torch
from whisper.audio import N_SAMPLES, log_mel_spectrogram, pad_or_trim

from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform
from debate_transcriber.engines.whisper.input.chunks import Chunk

MEL_HOP = 160  # samples per mel frame
FRAMES_PER_SECOND = SAMPLE_RATE // MEL_HOP


def stack_mels(model: Any, waveform: Waveform, chunks: Sequence[Chunk]) -> torch.Tensor:
    """One log-mel window per chunk, padded with silence to 30 s: [chunks, n_mels, 3000].

    Row by row, since Whisper's normalisation takes the maximum over all that it is given.
    """
    rows = [
        log_mel_spectrogram(
            pad_or_trim(torch.from_numpy(chunk.samples(waveform)), N_SAMPLES),
            model.dims.n_mels,
            device=model.device,
        )
        for chunk in chunks
    ]
    return torch.stack(rows)


def mel_frames(chunk: Chunk) -> int:
    """How many of the 3000 mel frames hold the chunk; the rest is padding."""
    return min(round(chunk.duration * SAMPLE_RATE), int(N_SAMPLES)) // MEL_HOP


@torch.no_grad()
def encode(model: Any, mels: torch.Tensor) -> torch.Tensor:
    """Encode each window once, in the precision of the mels: [chunks, 1500, state].

    On a CPU one window at a time, which is as fast there and keeps memory at one window's.
    """
    if mels.is_cuda:
        return model.encoder(mels)  # type: ignore[no-any-return]  # whisper has no types
    return torch.cat([model.encoder(mel[None]) for mel in mels])
