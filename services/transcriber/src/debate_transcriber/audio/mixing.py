"""Several channels to one, and what their levels tell about who speaks in them.

Blocks are [frames, channels] of float32 at 16 kHz.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform

Block = NDArray[np.float32]
Levels = NDArray[np.float64]  # RMS of every channel, [tenths of a second, channels]

LEVEL_FRAME = SAMPLE_RATE // 10
CANCELLED = 0.2  # of the energy that unrelated channels add up to; turned-over copies leave none
AUDIBLE = 0.003  # RMS (-50 dBFS): below it nobody is speaking
UNRELATED = 0.1  # correlation of levels; one room's microphones have 0.6 and more
LEAST_SHARE = 0.05  # of a second voice in the time in which anybody speaks
BLEED = 0.18  # -15 dB: what a voice leaves in the other people's microphones
SMOOTHED = 5  # tenths of a second


def mix(block: Block) -> Waveform:
    """Average the channels, or take the loudest one where they cancel each other out."""
    if cancel_out(block):
        return block[:, int(np.square(block).mean(axis=0).argmax())]
    mean: Waveform = block.mean(axis=1)
    return mean


def cancel_out(block: Block) -> bool:
    """Whether next to nothing is left of what can be heard in the channels when they are added."""
    energies = np.square(block).mean(axis=0)
    left = np.square(block.mean(axis=1)).mean()
    expected = energies.sum() / block.shape[1] ** 2
    return bool(energies.max() > AUDIBLE**2 and left < CANCELLED * expected)


def levels_of(block: Block) -> Levels:
    """Measure how loud each channel is, tenth of a second by tenth; a remainder is left out."""
    count = len(block) // LEVEL_FRAME
    frames = block[: count * LEVEL_FRAME].reshape(count, LEVEL_FRAME, block.shape[1])
    levels: Levels = np.sqrt(np.square(frames, dtype=np.float64).mean(axis=1))
    return levels


def hold_a_voice_each(levels: Levels) -> bool:
    """Whether two or more channels speak, and when one is loud says nothing about the others.

    Two people who take turns give a negative correlation, two microphones in one room nearly 1.
    """
    audible = levels[levels.max(axis=1, initial=0.0) > AUDIBLE]
    if len(audible) < 2:
        return False
    loud = audible[:, (audible > AUDIBLE).mean(axis=0) >= LEAST_SHARE]
    if loud.shape[1] < 2 or (loud.std(axis=0) == 0).any():
        return False
    among = np.corrcoef(loud, rowvar=False)[np.triu_indices(loud.shape[1], 1)]
    return bool(among.max() < UNRELATED)


def silence_bleed(voices: Sequence[Waveform]) -> None:
    """Mute each voice, in place, where it is only what another one leaves in its microphone.

    Levels are compared with the channel's own loud ones, so microphones may differ. People who
    speak at once are about as loud as each other, and stay.
    """
    levels = np.stack([_own_levels(voice) for voice in voices])
    for voice, own, others in zip(voices, levels, _loudest_others(levels), strict=True):
        for frame in np.flatnonzero(own < BLEED * others):
            voice[frame * LEVEL_FRAME : (frame + 1) * LEVEL_FRAME] = 0


def _own_levels(voice: Waveform) -> Levels:
    """Smoothed levels against the loudest twentieth of the channel's audible ones."""
    padded = np.pad(voice, (0, -voice.size % LEVEL_FRAME))[:, None]
    levels = levels_of(padded)[:, 0]
    audible = levels[levels > AUDIBLE]
    if not audible.size:
        return np.zeros_like(levels)
    smoothed = np.convolve(levels, np.ones(SMOOTHED) / SMOOTHED, mode="same")[: levels.size]
    return smoothed / np.quantile(audible, 0.95)


def _loudest_others(levels: Levels) -> Levels:
    others = [np.delete(levels, row, axis=0) for row in range(len(levels))]
    return np.stack([rest.max(axis=0, initial=0.0) for rest in others])
