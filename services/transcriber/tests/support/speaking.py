"""Makes recordings on the spot: espeak-ng's voices and ffmpeg's tones."""

import subprocess
from pathlib import Path

import numpy as np
from debate_transcriber import audio
from debate_transcriber.engines.speech import Waveform

MAN, WOMAN = "en-us+m3", "en-us+f4"
QUESTION = (
    "Good evening. The first question tonight is about the price of a bus ticket in this town."
)
ANSWER = (
    "Thank you. I have always said that every child in this town should travel to school for free."
)


def ignore_progress(done: float, total: float) -> None:
    """For calls that want to tell how far they are."""


def say(folder: Path, voice: str, text: str) -> Waveform:
    """Let espeak-ng speak."""
    file = folder / "said.wav"
    pitch = "20" if voice == MAN else "80"
    subprocess.run(["espeak-ng", "-v", voice, "-p", pitch, "-w", file, text], check=True)
    return audio.decode(file, None, ignore_progress)


def write_wav(file: Path, samples: Waveform) -> Path:
    """Write mono 16 kHz samples through ffmpeg."""
    command = [
        audio.ffmpeg(),
        "-v",
        "error",
        "-y",
        "-f",
        "f32le",
        "-ar",
        "16000",
        "-ac",
        "1",
        "-i",
        "-",
    ]
    subprocess.run([*command, str(file)], input=samples.astype(np.float32).tobytes(), check=True)
    return file


def make_media(file: Path, *arguments: str) -> Path:
    """Let ffmpeg generate a file."""
    subprocess.run([audio.ffmpeg(), "-v", "error", "-y", *arguments, str(file)], check=True)
    return file
