"""Models with random weights and sounds that are no speech."""

from pathlib import Path

import numpy as np
import torch
from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform
from whisper.model import ModelDimensions, Whisper

END_OF_TEXT = 50257
# 64 wide, two layers, the real vocabulary and windows; four heads in all.
DIMENSIONS = ModelDimensions(
    n_mels=80,
    n_audio_ctx=1500,
    n_audio_state=64,
    n_audio_head=2,
    n_audio_layer=2,
    n_vocab=51865,
    n_text_ctx=448,
    n_text_state=64,
    n_text_head=2,
    n_text_layer=2,
)


def random_whisper(dimensions: ModelDimensions = DIMENSIONS, seed: int = 1) -> Whisper:
    """Random weights that listen: attention so strong that the audio decides the text.

    The end-of-text token is made likelier than others, so that rows end at different lengths.
    """
    torch.manual_seed(seed)
    model = Whisper(dimensions).eval()
    with torch.no_grad():
        model.encoder.conv1.weight.mul_(3)
        model.decoder.positional_embedding.normal_(std=2.0)
        model.decoder.token_embedding.weight.normal_(std=0.5)
        model.decoder.token_embedding.weight[END_OF_TEXT] *= 3
        for block in model.decoder.blocks:
            attention = block.cross_attn
            for layer, gain in (
                (attention.query, 6),
                (attention.key, 6),
                (attention.value, 4),
                (attention.out, 4),
            ):
                layer.weight.mul_(gain)
    return model


def save_whisper(model: Whisper, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"dims": vars(model.dims), "model_state_dict": model.state_dict()}, path)
    return path


def sound(seconds: float, seed: int = 0) -> Waveform:
    """Noise bursts and gliding tones: no speech, but no two windows alike."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    glide = np.sin(2 * np.pi * (200 + 40 * rng.random() * time) * time)
    bursts = rng.normal(size=time.size) * (np.sin(2 * np.pi * rng.uniform(0.3, 3) * time) > 0)
    return (0.3 * glide + 0.1 * bursts).astype(np.float32)
