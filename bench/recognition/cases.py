"""What is measured: stock Whisper and pyannote, and ours, on the same audio and weights.

Run by running.py, a process per case. A case prepares everything, warms up on a small piece and
only then is timed.
"""

import json
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

warnings.simplefilter("ignore")

WINDOW = 30.0  # s
TOKENS = 80  # per window: about what half a minute of quick speech takes
END_OF_TEXT = 50257  # and after it all other marks
SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class Inputs:
    """The audio and the checkpoints that all cases share, and how much of the audio each takes."""

    folder: Path
    size: str
    asr_seconds: float
    diarization_seconds: float
    pipeline_seconds: float
    threads: int
    device: str = "cpu"

    @property
    def longest(self) -> float:
        """Seconds of audio that are needed."""
        return max(self.asr_seconds, self.diarization_seconds, self.pipeline_seconds)

    @property
    def whisper(self) -> str:
        """The checkpoint's file."""
        return str(self.folder / f"{self.size}.pt")

    def dump(self) -> str:
        """All of it as JSON, for the process of a case."""
        return json.dumps(asdict(self) | {"folder": str(self.folder)})

    @classmethod
    def parse(cls, text: str) -> "Inputs":
        """Reverse `dump`."""
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
    gpu_mb: float
    steps: dict[str, float]  # seconds by the case's own clock; they may overlap

    def dump(self) -> str:
        """The figures as JSON, with CPU and wall seconds per hour of audio."""
        scale = 3600 / self.seconds
        return json.dumps(
            asdict(self)
            | {
                "cpu_s_per_hour": round(self.cpu_s * scale, 1),
                "wall_s_per_hour": round(self.wall_s * scale, 1),
                "real_time_factor": round(self.seconds / self.wall_s, 1),
            }
        )


Prepared = tuple[float, Callable[[], Any]]  # seconds of audio, what to time


def time_case(name: str, prepare: Callable[[Inputs], Prepared], inputs: Inputs) -> Measurement:
    """Prepare the case, then time it."""
    seconds, work = prepare(inputs)
    cpu, wall = time.process_time(), time.perf_counter()
    steps = work()
    _finish()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    costs = (round(cpu, 2), round(wall, 2), round(peak), _gpu_mb())
    return Measurement(name, seconds, *costs, steps=steps if name == "pipeline ours" else {})


def _finish() -> None:
    """Wait for what a GPU still has to do."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.synchronize()


def _gpu_mb() -> float:
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return 0.0
    return float(round(torch.cuda.max_memory_allocated() / 1e6))


def marks(vocabulary: int) -> list[int]:
    """What no side may say: then every window runs to TOKENS, and all of them are text."""
    return list(range(END_OF_TEXT, vocabulary))


def windows(seconds: float) -> list[tuple[float, float]]:
    """Start and end of the windows that all sides read."""
    return [(start, start + WINDOW) for start in np.arange(0, seconds, WINDOW).tolist()]


def stock_recognition(inputs: Inputs) -> Prepared:
    """`whisper.transcribe(word_timestamps=True)`, greedy, no retries."""
    transcribe = _stock_recogniser(inputs)
    transcribe(inputs.waveform(WINDOW))
    waveform = inputs.waveform(inputs.asr_seconds)
    return inputs.asr_seconds, lambda: transcribe(waveform)


def _stock_recogniser(inputs: Inputs) -> Callable[[Any], Any]:
    from debate_transcriber.engines.whisper.model import load_model

    model = load_model(inputs.whisper, None, inputs.device).model  # with its alignment heads
    _always_move_on_by_a_window()
    return lambda waveform: model.transcribe(
        waveform,
        language="en",
        temperature=0.0,
        word_timestamps=True,
        condition_on_previous_text=False,
        compression_ratio_threshold=None,
        logprob_threshold=None,
        no_speech_threshold=None,
        without_timestamps=True,
        sample_len=TOKENS,
        suppress_tokens=marks(model.dims.n_vocab),
        fp16=inputs.device != "cpu",
    )


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
    engine = _our_recogniser(inputs)
    waveform = inputs.waveform(inputs.asr_seconds)

    def recognise(seconds: float) -> Any:
        hints = _hints()
        return engine.recognise(waveform, _speech(seconds), hints, lambda *_: None)

    recognise(WINDOW)
    return inputs.asr_seconds, lambda: recognise(inputs.asr_seconds)


def _hints() -> Any:
    from debate_transcriber.engines.speech import Hints

    return Hints(language="en")


def _speech(seconds: float) -> list[Any]:
    from debate_transcriber.engines.speech import Interval

    return [Interval(*window) for window in windows(seconds)]


def _our_recogniser(inputs: Inputs) -> Any:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.engines.whisper.decoding.fallback import Limits
    from debate_transcriber.engines.whisper.recogniser import load_recogniser
    from whisper.decoding import DecodingOptions

    engine = load_recogniser(
        EngineSettings(inputs.device, whisper_model=inputs.whisper, threads=inputs.threads)
    )
    engine.limits = Limits(no_speech_prob=1.0, retries=())
    engine.options = DecodingOptions(
        without_timestamps=True,
        sample_len=TOKENS,
        suppress_tokens=marks(engine.model.dims.n_vocab),
    )
    return engine


def stock_alignment(inputs: Inputs) -> Prepared:
    """`whisper.timing.find_alignment`, window by window."""
    from debate_transcriber.engines.whisper.words.alignment import tokenizer_for
    from whisper.timing import find_alignment

    engine, mels, rows, _audio = _decoded(inputs)
    tokenizer = tokenizer_for(engine.model, "en")

    def align(count: int) -> None:
        for mel, row in zip(mels[:count], rows[:count], strict=True):
            find_alignment(engine.model, tokenizer, row.tokens, mel, 3000)

    align(1)
    return inputs.asr_seconds, lambda: align(len(rows))


def our_alignment(inputs: Inputs) -> Prepared:
    """Our alignment of the same texts, from what decoding has left."""
    return _our_alignment(inputs, traced=True)


def our_alignment_read_again(inputs: Inputs) -> Prepared:
    """The same where decoding left nothing: after a retry, or with names to expect."""
    return _our_alignment(inputs, traced=False)


def _our_alignment(inputs: Inputs, *, traced: bool) -> Prepared:
    from debate_transcriber.engines.whisper.words.alignment import Text, align_rows

    engine, _mels, rows, audio = _decoded(inputs)
    texts = [Text(row.tokens, "en", 3000, row.trace if traced else None) for row in rows]
    size = engine.size

    def align(count: int) -> None:
        for first in range(0, count, size):
            end = min(first + size, count)
            align_rows(engine.model, audio[first:end], texts[first:end])

    align(1)
    return inputs.asr_seconds, lambda: align(len(rows))


def _decoded(inputs: Inputs) -> tuple[Any, ...]:
    """Engine, mels, decoded rows and what the decoder made of the audio, of all windows."""
    from debate_transcriber.engines.whisper.decoding.passes import read_audio
    from debate_transcriber.engines.whisper.decoding.rows import decode_rows
    from debate_transcriber.engines.whisper.input.chunks import Chunk
    from debate_transcriber.engines.whisper.input.mel import encode, stack_mels

    engine = _our_recogniser(inputs)
    chunks = [Chunk(*window, WINDOW) for window in windows(inputs.asr_seconds)]
    mels = stack_mels(engine.model, inputs.waveform(inputs.asr_seconds), chunks)
    audio = read_audio(engine.model, encode(engine.model, mels.to(engine.precision)))
    rows: list[Any] = []
    for first in range(0, len(chunks), engine.size):
        part = audio[first : first + engine.size]
        rows += decode_rows(engine.model, part, ["en"] * len(part), engine.options)
    return engine, mels.to(engine.precision), rows, audio


def stock_diarization(inputs: Inputs) -> Prepared:
    """pyannote's pipeline as it comes, on a waveform in memory."""
    pipeline = _stock_diarizer(inputs)
    _warm_up(pipeline)
    file = _file(inputs.waveform(inputs.diarization_seconds))
    return inputs.diarization_seconds, lambda: pipeline(file)


def _stock_diarizer(inputs: Inputs) -> Any:
    import torch
    from debate_transcriber.engines.pyannote.model import _import_pyannote, _quiet

    torch.set_num_threads(inputs.threads)
    with _quiet():
        pipeline = _import_pyannote().Pipeline.from_pretrained(inputs.folder / "pyannote")
        return pipeline.to(torch.device(inputs.device))


def our_diarization(inputs: Inputs) -> Prepared:
    """Our pipeline on the same checkpoints."""
    pipeline = _our_diarizer(inputs).pipeline
    _warm_up(pipeline)
    file = _file(inputs.waveform(inputs.diarization_seconds))
    return inputs.diarization_seconds, lambda: pipeline(file)


def _our_diarizer(inputs: Inputs) -> Any:
    from debate_transcriber.engines import EngineSettings
    from debate_transcriber.engines.pyannote.diarizer import load_diarizer

    return load_diarizer(
        EngineSettings(inputs.device, models=inputs.folder, threads=inputs.threads)
    )


def _warm_up(pipeline: Any) -> None:
    """Find the shortest audio that the voice encoder takes, by which stock's first call begins."""
    _ = pipeline._embedding.min_num_samples


def _file(waveform: np.ndarray) -> dict[str, Any]:
    import torch

    return {"waveform": torch.from_numpy(waveform)[None], "sample_rate": SAMPLE_RATE}


def stock_pipeline(inputs: Inputs) -> Prepared:
    """Whisper, then pyannote, on a file, as a script of a few lines would have it."""
    from debate_transcriber import audio

    transcribe, diarize = _stock_recogniser(inputs), _stock_diarizer(inputs)
    transcribe(inputs.waveform(WINDOW))
    _warm_up(diarize)
    path = Path(_cut(inputs))

    def work() -> None:
        waveform = audio.decode(path, None, lambda *_: None)  # Whisper's needs an ffmpeg installed
        transcribe(waveform)
        diarize(_file(waveform))

    return inputs.pipeline_seconds, work


def our_pipeline(inputs: Inputs) -> Prepared:
    """The whole job, from the file to the three artefacts, with the models loaded."""
    from debate_contract.logs import Log
    from debate_transcriber import job
    from debate_transcriber.audio import voice_activity
    from debate_transcriber.settings import Settings

    recogniser, diarizer = _our_recogniser(inputs), _our_diarizer(inputs)
    waveform = inputs.waveform(WINDOW)
    recogniser.recognise(waveform, _speech(WINDOW), _hints(), lambda *_: None)
    _warm_up(diarizer.pipeline)
    engines = SimpleNamespace(recogniser=recogniser, diarizer=diarizer, reasons=(), names={})
    job.choose_engines = lambda *_: engines  # type: ignore[assignment,return-value]
    find = voice_activity.find_speech

    def find_speech(*arguments: Any) -> list[Any]:
        find(*arguments)  # takes its time, but random audio is to count as speech
        return _speech(inputs.pipeline_seconds)

    voice_activity.find_speech = find_speech
    output = Path(tempfile.mkdtemp(dir=inputs.folder))
    settings = Settings(_cut(inputs), str(output), hints=_hints())
    log = Log("transcribe", as_json=False, stream=(inputs.folder / "log").open("w"))

    def work() -> dict[str, float]:
        job.run(settings, log)
        transcript = next(output.glob("transcripts/*_transcription.json"))
        steps: dict[str, float] = json.loads(transcript.read_text())["timings"]
        return steps

    return inputs.pipeline_seconds, work


def _cut(inputs: Inputs) -> str:
    """The file with the first `pipeline_seconds` of the audio."""
    import wave

    path = str(inputs.folder / "pipeline.wav")
    with wave.open(str(inputs.folder / "audio.wav")) as whole, wave.open(path, "wb") as part:
        part.setparams(whole.getparams())
        part.writeframes(whole.readframes(round(inputs.pipeline_seconds * SAMPLE_RATE)))
    return path


CASES: dict[str, Callable[[Inputs], Prepared]] = {
    "recognition stock": stock_recognition,
    "recognition ours": our_recognition,
    "alignment stock": stock_alignment,
    "alignment ours": our_alignment,
    "realignment stock": stock_alignment,
    "realignment ours": our_alignment_read_again,
    "diarization stock": stock_diarization,
    "diarization ours": our_diarization,
    "pipeline stock": stock_pipeline,
    "pipeline ours": our_pipeline,
}
PARTS: Sequence[str] = tuple(dict.fromkeys(name.partition(" ")[0] for name in CASES))


if __name__ == "__main__":
    print(time_case(sys.argv[1], CASES[sys.argv[1]], Inputs.parse(sys.argv[2])).dump())
