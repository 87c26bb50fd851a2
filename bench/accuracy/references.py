"""Recordings whose words or voices are known: a sound file with its reference beside it.

| beside `talk.wav` | what it is |
|---|---|
| `talk.txt` | the text |
| `talk.stm` | the text with speakers and times (NIST) |
| `talk.json` | `transcript_with_punctuation` and `words` with `start_sec` and `end_sec` |
| `talk.json` | `left` and `right`: the text of each channel |
| `talk.rttm` | who speaks when (NIST) |
| `test_data.json` | the same, of files in the same folder (Falcon) |

The language is the reference's own `language`, else that of the file's name (`de-DE.wav`), else
English. A sound file without any of these has no text: it is read to see what is missed.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from debate_transcriber.audio import ffmpeg
from debate_transcriber.engines.speech import SAMPLE_RATE, Waveform
from debate_transcriber.evaluation.references import Passage, read_rttm, read_stm

SOUNDS = {".wav", ".flac", ".mp3", ".m4a", ".mp4", ".opus"}
LOCALE = re.compile(r"(?:^|_)([a-z]{2})(?:-[A-Z]{2})?$")


@dataclass(frozen=True, slots=True)
class TimedWord:
    """A word of a reference, in seconds from the beginning of its recording."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Reference:
    """What is said in a recording; `channel` is 0 or 1 where it is that channel's alone."""

    name: str
    sound: Path
    language: str = "en"
    text: str = ""
    words: tuple[TimedWord, ...] = ()
    channel: int | None = None

    def waveform(self) -> Waveform:
        """Mono at 16 kHz: the channel that is meant, else the mean of all."""
        mix = [] if self.channel is None else ["-af", f"pan=mono|c0=c{self.channel}"]
        sound = ["-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "f32le", "-"]
        command = [ffmpeg(), "-nostdin", "-v", "error", "-i", str(self.sound), *mix, *sound]
        decoded = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        return np.frombuffer(decoded, np.float32).copy()


def read_references(folder: Path) -> list[Reference]:
    """Read the references of all sound files under a folder, in order of their paths."""
    sounds = sorted(path for path in folder.rglob("*") if path.suffix in SOUNDS)
    return [
        reference
        for sound in sounds
        for reference in _beside(sound, sound.relative_to(folder).with_suffix("").as_posix())
    ]


def turns_of(sound: Path) -> list[Passage]:
    """Who speaks when in a recording; empty where nobody has written it down."""
    if (rttm := sound.with_suffix(".rttm")).exists():
        return read_rttm(rttm)
    if not (listed := sound.parent / "test_data.json").exists():
        return []
    tests = json.loads(listed.read_text("utf-8"))["tests"].get("diarization_tests", [])
    return [
        Passage(segment["start_sec"], segment["end_sec"], str(segment["speaker_tag"]))
        for test in tests
        if test["audio_file"] == sound.name
        for segment in test["segments"]
    ]


def _beside(sound: Path, name: str) -> Iterator[Reference]:
    found = LOCALE.search(sound.stem)
    language = found[1] if found else "en"
    if (text := sound.with_suffix(".txt")).exists():
        yield Reference(name, sound, language, text.read_text("utf-8"))
    elif (stm := sound.with_suffix(".stm")).exists():
        said = " ".join(word for passage in read_stm(stm) for word in passage.words)
        yield Reference(name, sound, language, said)
    elif (described := sound.with_suffix(".json")).exists():
        yield from _described(sound, name, json.loads(described.read_text("utf-8")))
    else:
        yield Reference(name, sound, language)


def _described(sound: Path, name: str, reference: dict[str, Any]) -> Iterator[Reference]:
    for channel, side in enumerate(("left", "right")):
        if side in reference:
            yield Reference(f"{name} {side}", sound, text=reference[side], channel=channel)
    if "transcript_with_punctuation" in reference:
        words = (TimedWord(w["word"], w["start_sec"], w["end_sec"]) for w in reference["words"])
        text = reference["transcript_with_punctuation"]
        yield Reference(name, sound, reference["language"], text, tuple(words))
