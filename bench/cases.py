"""What `bench/transcriber.py` measures; each case runs in a process of its own.

A case prepares everything, warms up on a small piece and only then is timed.
"""

import json
import resource
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

warnings.simplefilter("ignore")

WINDOW = 30.0  # s
TOKENS = 80  # per window: about what half a minute of quick speech takes
# The end of text and all other marks: every window runs to TOKENS, all of them text.
SUPPRESSED = ",".join(map(str, range(50257, 51865)))
SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class Inputs:
    """The audio and the checkpoints that all cases share."""

    folder: Path
    asr_seconds: float
    diarization_seconds: float
    threads: int

    @classmethod
    def parse(cls, text: str) -> "Inputs":
        """Read what `str` of an instance's fields as JSON gave; see transcriber.py."""
        fields = json.loads(text)
        return cls(**fields | {"folder": Path(fields["folder"])})

    def waveform(self, seconds: float) -> np.ndarray:
        """The first `seconds` of the audio."""
        return np.load(self.folder / "audio.npy")[: round(seconds * SAMPLE_RATE)]


@dataclass(frozen=True)
class Measurement:
    """Cost of a case on `seconds` of audio."""

    case: str
    seconds: float
    cpu_s: float
    wall_s: float
    peak_mb: float

    def per_hour(self) -> dict[str, Any]:
        """The figures with CPU and wall seconds per hour of audio."""
        scale = 3600 / self.seconds
        costs = {"cpu_s_per_hour": self.cpu_s * scale, "wall_s_per_hour": self.wall_s * scale}
        return asdict(self) | {name: round(cost, 1) for name, cost in costs.items()}


Prepared = tuple[float, Callable[[], Any]]  # seconds of audio, what to time


def time_case(name: str, prepare: Callable[[Inputs], Prepared], inputs: Inputs) -> Measurement:
    """Prepare the case, then time it."""
    seconds, work = prepare(inputs)
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measurement(name, seconds, round(cpu, 2), round(wall, 2), round(peak))


def stock_recognition(inputs: Inputs) -> Prepared:
    """`whisper.transcribe(word_timestamps=True)`, greedy, no retries."""
    import whisper

    model = whisper.load_model(str(inputs.folder / "whisper.pt"), device="cpu")
    _always_move_on_by_a_window()

    def transcribe(seconds: float) -> Any:
        return model.transcribe(
            inputs.waveform(seconds),
            language="en",
            temperature=0.0,
            word_timestamps=True,
            condition_on_previous_text=False,
            compression_ratio_threshold=None,
            logprob_threshold=None,
            no_speech_threshold=None,
            without_timestamps=True,
            sample_len=TOKENS,
            suppress_tokens=SUPPRESSED,
            fp16=False,
        )

    transcribe(WINDOW)
    return inputs.asr_seconds, lambda: transcribe(inputs.asr_seconds)


def _always_move_on_by_a_window() -> None:
    """Stock Whisper goes on from the end of the last word.

    Under random weights that is anywhere, and the number of windows with it. With this both sides
    read the same windows.
    """
    import whisper  # noqa: F401  # loads the module below, which the function of that name hides

    module = sys.modules["whisper.transcribe"]
    module.get_end = lambda segments: segments[0]["seek"] / 100 + WINDOW  # type: ignore[attr-defined]


def our_recognition(inputs: Inputs) -> Prepared:
    """Our recogniser on the same windows."""
    from debate_transcriber.speech import Hints, Interval

    engine = _our_recogniser(inputs)

    def recognise(seconds: float) -> Any:
        speech = [Interval(t, t + WINDOW) for t in np.arange(0, seconds, WINDOW)]
        hints = Hints(language="en")
        return engine.recognise(inputs.waveform(seconds), speech, hints, lambda *_: None)

    recognise(WINDOW)
    return inputs.asr_seconds, lambda: recognise(inputs.asr_seconds)


def _our_recogniser(inputs: Inputs) -> Any:
    from debate_transcriber.engines.whisper.fallback import Limits
    from debate_transcriber.engines.whisper.model import load_model
    from debate_transcriber.engines.whisper.recogniser import WhisperRecogniser
    from whisper.decoding import DecodingOptions

    options = DecodingOptions(
        without_timestamps=True, sample_len=TOKENS, suppress_tokens=SUPPRESSED
    )
    limits = Limits(no_speech_prob=1.0, retries=())
    loaded = load_model(str(inputs.folder / "whisper.pt"), None, "cpu")
    return WhisperRecogniser(loaded, limits=limits, options=options)


def stock_alignment(inputs: Inputs) -> Prepared:
    """`whisper.timing.find_alignment`, window by window."""
    from debate_transcriber.engines.whisper.alignment import tokenizer_for
    from whisper.timing import find_alignment

    model, mels, _features, texts = _texts(inputs)
    tokenizer = tokenizer_for(model, "en")

    def align(count: int) -> None:
        for mel, text in zip(mels[:count], texts[:count], strict=True):
            find_alignment(model, tokenizer, text.tokens, mel, text.mel_frames)

    align(1)
    return inputs.asr_seconds, lambda: align(len(texts))


def our_alignment(inputs: Inputs) -> Prepared:
    """Our batched alignment of the same texts, on features that decoding has left."""
    from debate_transcriber.engines.whisper.alignment import align_rows

    model, _mels, features, texts = _texts(inputs)
    align_rows(model, features[:1], texts[:1])
    return inputs.asr_seconds, lambda: align_rows(model, features, texts)


def _texts(inputs: Inputs) -> tuple[Any, ...]:
    """Model, mels, features and random texts of equal length, one per window."""
    from debate_transcriber.engines.whisper.alignment import Text
    from debate_transcriber.engines.whisper.chunks import Chunk
    from debate_transcriber.engines.whisper.mel import encode, stack_mels
    from debate_transcriber.engines.whisper.passes import read_audio

    model = _our_recogniser(inputs).model
    starts = np.arange(0, inputs.asr_seconds, WINDOW)
    chunks = [Chunk(t, t + WINDOW, WINDOW) for t in starts]
    mels = stack_mels(model, inputs.waveform(inputs.asr_seconds), chunks)
    rng = np.random.default_rng(0)
    texts = [Text(rng.integers(1000, 40_000, TOKENS).tolist(), "en", 3000) for _ in chunks]
    return model, mels, read_audio(model, encode(model, mels)), texts


def stock_diarization(inputs: Inputs) -> Prepared:
    """pyannote's pipeline as it comes, on a waveform in memory."""
    from debate_transcriber.engines.pyannote.model import _import_pyannote, _quiet

    with _quiet():
        pipeline = _import_pyannote().Pipeline.from_pretrained(inputs.folder / "pyannote")
    return inputs.diarization_seconds, lambda: pipeline(_file(inputs))


def our_diarization(inputs: Inputs) -> Prepared:
    """Our pipeline on the same checkpoints."""
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.engines.pyannote.model import load_pipeline

    pipeline = load_pipeline(EngineSettings("cpu", models=inputs.folder), "cpu")
    return inputs.diarization_seconds, lambda: pipeline(_file(inputs))


def _file(inputs: Inputs) -> dict[str, Any]:
    import torch

    waveform = torch.from_numpy(inputs.waveform(inputs.diarization_seconds))
    return {"waveform": waveform[None], "sample_rate": SAMPLE_RATE}


CASES: dict[str, Callable[[Inputs], Prepared]] = {
    "recognition stock": stock_recognition,
    "recognition ours": our_recognition,
    "alignment stock": stock_alignment,
    "alignment ours": our_alignment,
    "diarization stock": stock_diarization,
    "diarization ours": our_diarization,
}
