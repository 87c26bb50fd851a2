"""How long an hour takes with the real weights: voices, words, the whole job; CPU or GPU.

    services/transcriber/.venv/bin/python bench/recognition/real.py talk.wav other.wav --device cuda

The recordings given are repeated to an hour. Weights come from --models (a folder that
`make models OUT=…` has filled) or from this user's cache. `--parts voices` needs torch, numpy and
scipy alone, and of recordings 16 kHz mono WAV.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "services" / "transcriber" / "src"))

RATE = 16_000
PARTS = ("voices", "words", "job")
# Of faster-whisper, in its own environment (make bench-transcriber): what it computes in, beams.
FASTER = (("int8", 1), ("int8", 5), ("float32", 1))
WARM_UP = 60 * RATE


def main() -> None:
    """Measure the parts one after the other, print a line for each, write the figures."""
    given = _arguments()
    waveform = _repeated([_read(path) for path in given.recordings], given.seconds)
    figures: dict[str, Any] = {"machine": _machine(given.device), "seconds": given.seconds}
    print(f"{figures['machine']}, {given.seconds:.0f} s of audio, {given.threads} CPU threads")
    for part in given.parts:
        figures[part] = globals()[f"measure_{part}"](waveform, given)
        print(part, json.dumps(figures[part]), flush=True)
    if given.output:
        given.output.write_text(json.dumps(figures, indent=1) + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recordings", nargs="+", type=Path)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--models", type=Path, help="folder of weights; left out: the cache")
    parser.add_argument("--whisper-model", help="left out: what the engine takes by itself")
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--threads", type=int, default=4, help="CPU threads")
    parser.add_argument("--parts", nargs="+", choices=(*PARTS, "faster"), default=PARTS)
    parser.add_argument("--compare", type=float, default=0, help="s to read on the CPU as well")
    parser.add_argument("--output", type=Path, help="write the figures as JSON")
    return parser.parse_args()


def _read(path: Path) -> Any:
    """Samples of a recording; ffmpeg is asked for anything but 16 kHz mono WAV of 16 bits."""
    if path.suffix == ".wav":
        with wave.open(str(path)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2):
                raw = np.frombuffer(file.readframes(file.getnframes()), np.int16)
                return raw.astype(np.float32) / 32768
    from debate_transcriber import audio

    return audio.decode(path, None, lambda *_: None)


def _repeated(pieces: list[Any], seconds: float) -> Any:
    joined = np.concatenate(pieces)
    return np.tile(joined, -(-int(seconds * RATE) // len(joined)))[: int(seconds * RATE)]


def _machine(device: str) -> str:
    import torch

    name = torch.cuda.get_device_name(device) if device.startswith("cuda") else "CPU"
    return f"{name}, torch {torch.__version__}, {datetime.now(UTC):%Y-%m-%d}"


def _settings(given: argparse.Namespace, device: str) -> Any:
    from debate_transcriber.engines import EngineSettings

    return EngineSettings(
        device, models=given.models, whisper_model=given.whisper_model, threads=given.threads
    )


def _timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """The result, and seconds by the wall and of all CPU threads, and the peaks of memory."""
    import torch

    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.synchronize()
    return result, {
        "wall_s": round(time.perf_counter() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "gpu_mb": round(torch.cuda.max_memory_allocated() / 1e6) if on_gpu else 0,
    }


def measure_voices(waveform: Any, given: argparse.Namespace) -> dict[str, Any]:
    """The campplus engine; `half` is when segmentation was done, `clustering` is timed again."""
    from debate_transcriber.engines import campplus
    from debate_transcriber.engines.speech import Interval, SpeakerCount

    diarizer = campplus.load(_settings(given, given.device))
    halves: list[float] = []
    kept: dict[str, Any] = {}

    def diarize(samples: Any, store: dict[str, Any], engine: Any = diarizer) -> Any:
        def progress(done: float, total: float) -> None:
            if done >= total / 2:
                halves.append(time.perf_counter())

        speech = [Interval(0.0, len(samples) / RATE)]
        return engine.diarize(samples, speech, SpeakerCount(), progress, store)

    diarize(waveform[:WARM_UP], {})
    halves.clear()
    begun = time.perf_counter()
    found, figures = _timed(lambda: diarize(waveform, kept))
    figures["half_s"] = round(halves[0] - begun, 2)
    _again, clustering = _timed(lambda: diarize(waveform, kept))
    figures |= {"clustering_s": clustering["wall_s"], "batch": diarizer.batch}
    figures |= {"speakers": len(found.voices), "turns": len(found.speech)}
    if given.compare:
        piece = waveform[: int(given.compare * RATE)]
        other = diarize(piece, {}, campplus.load(_settings(given, "cpu")))
        figures["equal_to_cpu"] = _likeness(diarize(piece, {}), other, len(piece) / RATE)
    return figures


def _likeness(one: Any, other: Any, duration: float) -> float:
    """The share of all hundredths of a second at which the same labels are heard."""
    labels = sorted({turn.label for found in (one, other) for turn in found.speech})
    grids = []
    for found in (one, other):
        grid = np.zeros((len(labels), int(duration * 100)), np.bool_)
        for turn in found.speech:
            grid[labels.index(turn.label), int(turn.start * 100) : int(turn.end * 100)] = True
        grids.append(grid)
    return round(float((grids[0] == grids[1]).all(0).mean()), 5)


def measure_words(waveform: Any, given: argparse.Namespace) -> dict[str, Any]:
    """Voice activity, then Whisper; loading left out."""
    from debate_transcriber.audio import voice_activity
    from debate_transcriber.engines import whisper
    from debate_transcriber.engines.speech import Hints

    recogniser = whisper.load(_settings(given, given.device))
    speech, activity = _timed(lambda: voice_activity.find_speech(waveform, lambda *_: None))

    def recognise(stretches: Any) -> Any:
        return recogniser.recognise(waveform, stretches, Hints(), lambda *_: None)

    recognise(speech[:1])
    found, figures = _timed(lambda: recognise(speech))
    figures |= {"voice_activity_s": activity["wall_s"], "words": len(found.words)}
    return figures | {"speech_s": round(sum(s.end - s.start for s in speech))}


def measure_faster(waveform: Any, given: argparse.Namespace) -> dict[str, Any]:
    """faster-whisper's batched pipeline with the same weights, word times too; CPU only."""
    import faster
    from debate_transcriber.engines.whisper.names import cached_file, choose_model, local_file

    name = given.whisper_model or choose_model("cpu", given.models)
    weights = local_file(name, given.models) or cached_file(name)
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "audio.npy", waveform)
        (Path(folder) / f"{name}.pt").symlink_to(weights)
        faster.write_files(Path(folder), name)
        return {
            f"{compute}, {beams} beams": _in_its_environment(folder, compute, beams, given.threads)
            for compute, beams in FASTER
        }


def _in_its_environment(*arguments: object) -> dict[str, Any]:
    here = Path(__file__).parent
    command = [here / ".venv" / "bin" / "python", here / "faster.py", "hear", *arguments]
    found = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, check=True)
    figures: dict[str, Any] = json.loads(found.stdout)
    return figures


def measure_job(waveform: Any, given: argparse.Namespace) -> dict[str, Any]:
    """From a WAV file to the three artefacts, loading left out."""
    from debate_contract.logs import Log
    from debate_transcriber import job
    from debate_transcriber.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder) / "hour.wav", waveform)
        settings = Settings(
            f"{folder}/hour.wav",
            folder,
            diarization_engine="campplus",
            asr_engine="whisper",
            whisper_model=given.whisper_model,
            models_prefix=str(given.models) if given.models else None,
            device=given.device,
            threads=given.threads,
        )
        _none, figures = _timed(lambda: job.run(settings, Log("transcribe", as_json=True)))
        written = json.loads(
            next(Path(folder).glob("transcripts/*_transcription.json")).read_text()
        )
    return figures | {"timings": written["timings"], "of_it_work_s": written["processing_time"]}


def _write(path: Path, waveform: Any) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(waveform, -1, 1) * 32767).astype(np.int16).tobytes())


if __name__ == "__main__":
    main()
