"""Where somebody speaks: silero-vad's network, run over many frames at once.

The wheel's own loop calls its network once per 32 ms. Only the recurrent cell depends on the frame
before, so here everything else runs in batches; the probabilities are the same (a test compares
them) at a fraction of the time.
"""

import warnings
from collections.abc import Iterator
from dataclasses import astuple
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from debate_transcriber.engines.speech import SAMPLE_RATE, Interval, Kept, Progress, Waveform

if TYPE_CHECKING:
    import torch

FRAME = 512  # samples the network judges at once
CONTEXT = 64  # samples of the frame before that it also sees
BLOCK = 1024  # frames per batch, 33 s
LEVEL_WINDOW = 10 * SAMPLE_RATE
SPEECH_LEVEL = 0.07  # RMS (-23 dBFS) that the loudest second of each window is raised to
GREATEST_GAIN = 10.0  # beyond it only noise would be raised
PAUSE = 0.25  # s; over a shorter one a voice goes on
MARGIN = 0.1  # s that a stretch is longer at either end than the speech in it
LAG = 0.16  # s; for so long the network hears a voice that has fallen silent
INSTANT = SAMPLE_RATE // 100  # samples over which loudness is measured
FAINT = 0.01  # of the loudest instant before (-40 dB): where it is quieter, a voice has ended
ABOVE_PAUSE = 2.0  # times as loud as the pause after it a voice is, at the least


def find_speech(waveform: Waveform, progress: Progress, kept: Kept | None = None) -> list[Interval]:
    """Return the stretches that hold speech, in order, with 0.1 s of margin.

    Quiet speech is raised first: far-field voices are otherwise missed.
    """
    kept = {} if kept is None else kept
    if "speech" not in kept:
        kept["speech"] = [astuple(interval) for interval in _find_speech(waveform, progress)]
    return [Interval(*row) for row in kept["speech"]]


def _find_speech(waveform: Waveform, progress: Progress) -> list[Interval]:
    from silero_vad.utils_vad import get_speech_timestamps_from_probs

    probabilities = compute_speech_probabilities(waveform, progress).tolist()
    # A pause after the last frame, without which speech ends with the recording and not before.
    pause = [0.0] * (2 + round(PAUSE * SAMPLE_RATE / FRAME))
    found = get_speech_timestamps_from_probs(
        probabilities + pause,
        threshold=0.35,
        min_silence_duration_ms=round(1000 * PAUSE),
        speech_pad_ms=0,
        audio_length_samples=waveform.size,
    )
    return [_with_margin(waveform, s["start"], s["end"]) for s in found]


def _with_margin(waveform: Waveform, start: int, end: int) -> Interval:
    last = end_of_voice(waveform, start, end) / SAMPLE_RATE
    total = waveform.size / SAMPLE_RATE
    return Interval(max(0.0, start / SAMPLE_RATE - MARGIN), min(total, last + MARGIN))


def end_of_voice(waveform: Waveform, start: int, end: int) -> int:
    """The sample at which a voice falls silent, in speech that the network ends at `end`.

    network  ━━━━━━━━━━━━━━━━━━━━┥
    loudness ▇▅▇▆▇▅▇▃▁                  at most `LAG` before
    voice    ├───────┤

    Where the voice is as quiet as what follows it, the network is right.
    """
    earliest = max(start, end - round(LAG * SAMPLE_RATE))
    before = _loudness(waveform[max(start, earliest - SAMPLE_RATE // 2) : end])
    after = _loudness(waveform[end : end + round(PAUSE * SAMPLE_RATE)])
    pause = float(np.median(after)) if after.size else 0.0
    least = max(FAINT * before.max(initial=0.0), ABOVE_PAUSE * pause)
    quiet = int((before[::-1] > least).argmax()) * INSTANT if before.size else 0
    return max(earliest, end - quiet)


def _loudness(samples: Waveform) -> NDArray[np.float64]:
    """Root mean square of each instant, counted from the last one; of none where there is none."""
    whole = samples[samples.size % INSTANT :].reshape(-1, INSTANT)
    power: NDArray[np.float64] = np.square(whole, dtype=np.float64).mean(axis=1)
    return np.sqrt(power)


def compute_speech_probabilities(waveform: Waveform, progress: Progress) -> NDArray[np.float32]:
    """Return the probability of speech for each frame of 512 samples, the last one padded."""
    import torch

    network = _Network()
    state: tuple[torch.Tensor, torch.Tensor] | None = None
    found = []
    with torch.inference_mode():
        for first, frames in _blocks(waveform):
            block, state = network(torch.from_numpy(frames), state)
            found.append(block.numpy())
            progress(
                min(first + BLOCK * FRAME, waveform.size) / SAMPLE_RATE, waveform.size / SAMPLE_RATE
            )
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def _blocks(waveform: Waveform) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield the first sample and [frames, context + frame] of each block, level raised."""
    gains = level_gains(waveform)
    context = np.zeros(CONTEXT, np.float32)
    for first in range(0, waveform.size, BLOCK * FRAME):
        piece = waveform[first : first + BLOCK * FRAME]
        gain = np.interp(np.arange(first, first + piece.size) / LEVEL_WINDOW, *gains)
        samples = np.clip(piece * gain, -1, 1).astype(np.float32)
        samples = np.pad(samples, (0, -samples.size % FRAME)).reshape(-1, FRAME)
        contexts = np.concatenate([context[None], samples[:-1, -CONTEXT:]])
        context = samples[-1, -CONTEXT:]
        yield first, np.concatenate([contexts, samples], axis=1)


def level_gains(waveform: Waveform) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Return positions (in windows of 10 s) and the gain that raises quiet speech there.

    The loudest second decides, so that a window with one short remark keeps its background down.
    """
    count = max(1, -(-waveform.size // LEVEL_WINDOW))
    loudest = np.array(
        [_loudest_second(waveform[i * LEVEL_WINDOW : (i + 1) * LEVEL_WINDOW]) for i in range(count)]
    )
    gains = np.clip(SPEECH_LEVEL / np.maximum(loudest, 1e-9), 1.0, GREATEST_GAIN)
    return np.arange(count) + 0.5, gains


def _loudest_second(samples: Waveform) -> float:
    seconds = np.pad(samples, (0, -samples.size % SAMPLE_RATE)).reshape(-1, SAMPLE_RATE)
    return float(np.sqrt(np.square(seconds).mean(axis=1).max(initial=0.0)))


class _Network:
    """silero-vad 5/6 at 16 kHz: short-time spectrum, four convolutions, one LSTM, one unit."""

    def __init__(self) -> None:
        import torch

        self.weights = _load_weights()
        self.lstm = torch.nn.LSTM(128, 128)
        parts = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        self.lstm.load_state_dict({f"{n}_l0": self.weights[f"decoder.rnn.{n}"] for n in parts})

    def __call__(
        self, frames: "torch.Tensor", state: "tuple[torch.Tensor, torch.Tensor] | None"
    ) -> "tuple[torch.Tensor, tuple[torch.Tensor, torch.Tensor]]":
        """[frames, context + frame] to [frames] and the state to go on with."""
        from torch.nn.functional import conv1d

        features = self._encode(frames)
        hidden, state = self.lstm(features.squeeze(-1), state)
        logits = conv1d(
            hidden.relu().unsqueeze(-1),
            self.weights["decoder.decoder.2.weight"],
            self.weights["decoder.decoder.2.bias"],
        )
        return logits.sigmoid().flatten(), state

    def _encode(self, frames: "torch.Tensor") -> "torch.Tensor":
        from torch.nn.functional import conv1d, pad

        padded = pad(frames.unsqueeze(1), (0, 64), "reflect")
        spectrum = conv1d(padded, self.weights["stft.forward_basis_buffer"], stride=128)
        features = (spectrum[:, :129].square() + spectrum[:, 129:].square()).sqrt()
        for layer, stride in enumerate((1, 2, 2, 1)):
            name = f"encoder.{layer}.reparam_conv"
            features = conv1d(
                features,
                self.weights[f"{name}.weight"],
                self.weights[f"{name}.bias"],
                stride,
                padding=1,
            ).relu()
        return features


def _load_weights() -> "dict[str, torch.Tensor]":
    """Read the weights at 16 kHz; the wheel's safetensors file holds those of an older version."""
    import torch

    package = find_spec("silero_vad")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("silero_vad")
    file = Path(package.origin).parent / "data" / "silero_vad.jit"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the wheel has no other format of it
        model = torch.jit.load(str(file), map_location="cpu")  # type: ignore[no-untyped-call]
    own = "_model."
    return {n.removeprefix(own): w for n, w in model.state_dict().items() if n.startswith(own)}
