#!/usr/bin/env python3
# /// script
# requires-python = ">=3.11"
# dependencies = ["numpy==2.4.6", "pillow==12.3.0"]
# ///
"""Make the sample debate: video, subtitles and the reference of who speaks when.

    .tools/bin/uv run samples/make_sample.py [FOLDER]

Needs ffmpeg and flite (Debian packages of the same names); see README.md beside this file. With the
same versions of the tools the same bytes come out.
"""

import subprocess
import sys
import tempfile
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

NAME = "free-buses"
TITLE = "Should buses be free?"
RATE = 16_000  # Hz, what flite's voices speak
FPS = 5
SIZE = (640, 360)
TAIL = 1.0  # seconds of silence at both ends
UNIT_PAUSE = 0.5  # a pause this long ends a reference turn (contracts/statistics)

Samples = NDArray[np.float64]


@dataclass(frozen=True)
class Speaker:
    """A voice and a name card."""

    name: str
    stand: str
    voice: str  # of flite
    colour: str
    left: int  # of the name card, pixels


SARAH = Speaker("Sarah", "for", "slt", "#0f766e", 40)
TOM = Speaker("Tom", "against", "rms", "#b45309", 340)


@dataclass(frozen=True)
class Line:
    """One phrase. It starts `gap` seconds after the previous phrase ends (negative: an overlap);
    an `aside` is said while the other goes on, so the next phrase does not wait for it."""

    speaker: Speaker
    text: str
    gap: float = 0.3
    aside: bool = False


@dataclass(frozen=True)
class Cue:
    """A phrase with its place in the recording, in seconds."""

    speaker: Speaker
    text: str
    start: float
    samples: Samples

    @property
    def end(self) -> float:
        """When the phrase is over."""
        return self.start + len(self.samples) / RATE


SCRIPT = [
    Line(SARAH, "Good evening."),
    Line(SARAH, "I say that the buses in our city should be free."),
    Line(SARAH, "Today a ticket costs three dollars each way."),
    Line(SARAH, "A nurse who works at night pays the same as a rich man."),
    Line(SARAH, "Is that fair?"),
    Line(TOM, "That is a good question, Sarah.", 0.6),
    Line(TOM, "But free is the wrong word, because somebody has to pay."),
    Line(TOM, "Last year the tickets paid for one third of the service."),
    Line(TOM, "Where will you find that money?"),
    Line(SARAH, "We can take it from the parking fees.", 0.5),
    Line(SARAH, "There are nine thousand places to park in the center of the city,"),
    Line(TOM, "Right.", -0.9, aside=True),
    Line(SARAH, "and one more dollar a day would be enough.", 0.35),
    Line(SARAH, "The second reason is the air that all of our children"),
    Line(TOM, "I am sorry, but let me stop you there.", -1.0),
    Line(TOM, "People will not leave the car at home for a slow bus."),
    Line(TOM, "They want a bus that comes every five minutes."),
    Line(TOM, "I would spend the money on more drivers first."),
    Line(SARAH, "Why can we not do both?", 0.4),
    Line(SARAH, "When the bus is free, more people come on board,"),
    Line(SARAH, "and then the city can buy new buses."),
    Line(TOM, "And two years later it has to close the lines at night.", 0.7),
    Line(TOM, "I want a service that will last."),
    Line(SARAH, "Then let us try it for one summer, count the people, and vote again.", 0.5),
    Line(TOM, "One summer, with honest numbers?", 0.6),
    Line(TOM, "That I can support."),
    Line(SARAH, "Thank you very much, Tom.", 0.4),
]


def speak(voice: str, text: str) -> Samples:
    """Let flite say the text; without the silence around it, values within -1 and 1."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "phrase.wav"
        command = ["flite", "-voice", voice, "-t", text, "-o", path]
        subprocess.run(command, check=True)
        with wave.open(str(path)) as file:
            raw = file.readframes(file.getnframes())
    samples = np.frombuffer(raw, np.int16).astype(np.float64) / 2**15
    samples = samples / np.abs(samples).max() * 0.7
    (loud,) = np.nonzero(np.abs(samples) > 0.01)
    return samples[loud[0] : loud[-1] + 1]


def schedule(lines: list[Line]) -> list[Cue]:
    """Give every phrase its place."""
    cues, free = [], TAIL
    for line in lines:
        start = round(free + (line.gap if cues else 0.0), 3)
        cue = Cue(line.speaker, line.text, start, speak(line.speaker.voice, line.text))
        cues.append(cue)
        free = free if line.aside else cue.end
    return cues


def mix(cues: list[Cue]) -> Samples:
    """Lay the phrases over one another."""
    length = max(cue.end for cue in cues) + TAIL
    track = np.zeros(int(length * RATE))
    for cue in cues:
        first = int(cue.start * RATE)
        track[first : first + len(cue.samples)] += cue.samples
    return np.clip(track, -1.0, 1.0)


def turns(cues: list[Cue]) -> list[tuple[Speaker, float, float]]:
    """Join the phrases of one speaker over pauses shorter than UNIT_PAUSE; overlaps stay."""
    joined: list[tuple[Speaker, float, float]] = []
    for speaker in (SARAH, TOM):
        own = [cue for cue in cues if cue.speaker is speaker]
        start, end = own[0].start, own[0].end
        for cue in own[1:]:
            if cue.start - end >= UNIT_PAUSE:
                joined.append((speaker, start, end))
                start = cue.start
            end = cue.end
        joined.append((speaker, start, end))
    return sorted(joined, key=lambda turn: turn[1])


def rttm(cues: list[Cue]) -> str:
    """NIST's RTTM, one line a turn."""
    line = "SPEAKER {} 1 {:.3f} {:.3f} <NA> <NA> {} <NA> <NA>\n"
    return "".join(
        line.format(NAME, start, end - start, who.name) for who, start, end in turns(cues)
    )


def vtt(cues: list[Cue]) -> str:
    """WebVTT, one cue a phrase, with the speaker as a voice span."""
    cue_block = "{} --> {}\n<v {}>{}\n".format
    blocks = [
        cue_block(clock(cue.start, "06.3f"), clock(cue.end, "06.3f"), cue.speaker.name, cue.text)
        for cue in sorted(cues, key=lambda cue: cue.start)
    ]
    return "WEBVTT\n\n" + "\n".join(blocks)


def clock(seconds: float, form: str = "02.0f") -> str:
    """Minutes and seconds, the seconds in the given form."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:02.0f}:{rest:{form}}"


def frames(cues: list[Cue], length: float) -> Iterator[bytes]:
    """One raw RGB picture after another: the name cards, the clock, the bar."""
    for index in range(int(length * FPS)):
        now = index / FPS
        talking = {cue.speaker for cue in cues if cue.start <= now < cue.end}
        yield picture(talking, now, length).tobytes()


def picture(talking: set[Speaker], now: float, length: float) -> Image.Image:
    """The frame at the time `now`."""
    image = Image.new("RGB", SIZE, "#f5f5f4")
    draw = ImageDraw.Draw(image)
    text(draw, (320, 38), TITLE, 26, "#292524")
    for speaker in (SARAH, TOM):
        card(draw, speaker, speaker in talking)
    text(draw, (320, 304), clock(int(now)), 40, "#292524")
    draw.rectangle((40, 340, 600, 346), fill="#d6d3d1")
    draw.rectangle((40, 340, 40 + 560 * now / length, 346), fill="#292524")
    return image


def card(draw: ImageDraw.ImageDraw, who: Speaker, talks: bool) -> None:
    """A name card, coloured while its speaker talks."""
    box = (who.left, 76, who.left + 260, 266)
    draw.rounded_rectangle(box, 16, fill=who.colour if talks else "#e7e5e4")
    ink = "white" if talks else "#78716c"
    text(draw, (who.left + 130, 150), who.name, 48, ink)
    text(draw, (who.left + 130, 205), who.stand, 24, ink)


def text(
    draw: ImageDraw.ImageDraw, at: tuple[int, int], words: str, size: int, colour: str
) -> None:
    """Centred, in the typeface that comes with Pillow."""
    draw.text(at, words, fill=colour, font=ImageFont.load_default(size), anchor="mm")


def encode(cues: list[Cue], sound: Samples, target: Path) -> None:
    """H.264 and AAC in mp4, the index first, so that a browser can start and seek at once."""
    pictures = b"".join(frames(cues, len(sound) / RATE))
    pictures_in = f"-f rawvideo -pix_fmt rgb24 -s {SIZE[0]}x{SIZE[1]} -r {FPS} -i -"
    video = (
        "-c:v libx264 -preset veryslow -tune animation -crf 30 -g 10 -pix_fmt yuv420p -threads 1"
    )
    audio = "-c:a aac -b:a 40k"
    tidy = "-fflags +bitexact -flags +bitexact -movflags +faststart"
    with tempfile.NamedTemporaryFile(suffix=".s16") as pcm:
        pcm.write((sound * (2**15 - 1)).astype("<i2").tobytes())
        pcm.flush()
        sound_in = f"-f s16le -ar {RATE} -ac 1 -i {pcm.name}"
        options = f"{pictures_in} {sound_in} {video} {audio} {tidy}".split()
        title = ["-metadata", f"title={TITLE}"]
        command = ["ffmpeg", "-v", "error", "-y", *options, *title, target]
        subprocess.run(command, input=pictures, check=True)


def main() -> None:
    """Write the three files into the folder that is named, else beside this script."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    cues = schedule(SCRIPT)
    encode(cues, mix(cues), folder / f"{NAME}.mp4")
    (folder / f"{NAME}.en.vtt").write_text(vtt(cues), encoding="utf-8")
    (folder / f"{NAME}.rttm").write_text(rttm(cues), encoding="utf-8")


if __name__ == "__main__":
    main()
