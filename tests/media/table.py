"""Some ninety recordings of the same two sentences, whose times are known from making them.

A sentence begins at `FIRST` and another one at `SECOND`; a recording plays `LENGTH` seconds. What a
medium does to that stands in the table: where they lie for whoever plays it from its beginning.
"""

import subprocess
import wave
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from recordings import ffmpeg

FIRST, SECOND, LENGTH = 1.0, 4.0, 7.0
RATE = 48_000
SAID = ("Our buses are free.", "Nobody will pay.")
QUIET = 600  # of 32,768: what espeak-ng leaves before and after a sentence

GRAY = ("-f", "lavfi", "-i", f"color=gray:s=64x48:r=25:d={LENGTH:g}")
LONGER = ("-f", "lavfi", "-i", f"color=gray:s=64x48:r=25:d={LENGTH + 2:g}")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "50k")
PICTURES = {"webm": VP8, "mpg": ("-c:v", "mpeg1video"), "avi": ("-c:v", "mpeg4")}
SILENT = ("-f", "lavfi", "-i", f"anullsrc=r={RATE}:cl=mono:d={LENGTH:g}")

Span = tuple[float, float]


@dataclass(frozen=True)
class Base:
    """The recording itself, as plain samples; `spans` are its sentences, in seconds."""

    file: Path
    spans: tuple[Span, Span]


@dataclass(frozen=True)
class Medium:
    """One row: how it is made, and by how much its two sentences lie later than in the base.

    `repeats` says how often the whole recording comes, one after the other. `near` is how far off
    sound may lie, in seconds.
    """

    name: str
    arguments: Sequence[str]
    late: tuple[float, float] = (0.0, 0.0)
    defect: str | None = None
    spoilt: Span | None = None
    repeats: int = 1
    near: float = 0.05

    def spans(self, base: Base) -> list[Span]:
        """Where its sentences begin and end when it is played."""
        once = [(a + by, b + by) for (a, b), by in zip(base.spans, self.late, strict=True)]
        return [(a + n * LENGTH, b + n * LENGTH) for n in range(self.repeats) for a, b in once]


def speak(folder: Path) -> Base:
    """Let espeak-ng say two sentences and put them where they belong."""
    samples = array("h", bytes(2 * round(LENGTH * RATE)))
    spans = []
    for begin, text in zip((FIRST, SECOND), SAID, strict=True):
        said = _trimmed(folder, text)
        at = round(begin * RATE)
        samples[at : at + len(said)] = said
        spans.append((begin, begin + len(said) / RATE))
    with wave.open(str(folder / "base.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return Base(folder / "base.wav", (spans[0], spans[1]))


def _trimmed(folder: Path, text: str) -> "array[int]":
    """A sentence without the silence around it."""
    subprocess.run(
        ["espeak-ng", "-v", "en-us", "-s", "150", "-w", folder / "said.wav", text],
        check=True,
        timeout=60,
    )
    ffmpeg("-i", folder / "said.wav", "-ar", str(RATE), "-f", "s16le", folder / "said.raw")
    samples = array("h", (folder / "said.raw").read_bytes())
    loud = [n for n, sample in enumerate(samples) if abs(sample) > QUIET]
    return samples[loud[0] : loud[-1]]


def _plain() -> list[Medium]:
    """Containers and codecs, with sound alone or with pictures."""
    alone = [
        *("wav", "flac", "mp3", "ogg", "aiff", "au", "ac3", "eac3", "w64", "caf", "mka", "m4a"),
        *("aac", "mp2"),
    ]
    coded = [
        ("f32.wav", "pcm_f32le"), ("alaw.wav", "pcm_alaw"), ("adpcm.wav", "adpcm_ima_wav"),
        ("opus.ogg", "libopus"), ("alac.m4a", "alac"), ("opus.mka", "libopus"),
        ("flac.mka", "flac"), ("wma.wma", "wmav2"), ("opus.webm", "libopus"),
    ]  # fmt: skip
    seen = [
        ("aac.mp4", "aac"), ("mp3.mp4", "libmp3lame"), ("pcm.mov", "pcm_s16le"),
        ("aac.mov", "aac"), ("aac.mkv", "aac"), ("opus.mkv", "libopus"), ("flac.mkv", "flac"),
        ("ac3.mkv", "ac3"), ("eac3.mkv", "eac3"), ("alac.mov", "alac"), ("pcm.mkv", "pcm_s24le"),
        ("opus.mp4", "libopus"), ("flac.mp4", "flac"), ("ac3.mp4", "ac3"),
        ("vorbis.webm", "libvorbis"), ("opus2.webm", "libopus"),
        ("mp3.avi", "libmp3lame"), ("pcm.avi", "pcm_s16le"), ("aac.flv", "aac"),
        ("aac.ts", "aac"), ("ac3.ts", "ac3"), ("mp2.mpg", "mp2"), ("aac.3gp", "aac"),
    ]  # fmt: skip
    return [
        *(Medium(f"plain.{end}", ["{base}"]) for end in alone),
        *(Medium(f"plain-{name}", ["{base}", "-c:a", codec]) for name, codec in coded),
        *(Medium(f"seen-{name}", _seen(name, codec)) for name, codec in seen),
        Medium("lowrate.mp3", ["{base}", "-ar", "11025", "-b:a", "24k"]),
        Medium("fragmented.mp4", [*_seen("x.mp4", "aac"), "-movflags", "frag_keyframe+empty_moov"]),
    ]


def _seen(name: str, codec: str, *more: str) -> list[str]:
    pictures = PICTURES.get(name.rpartition(".")[2], H264)
    seen = LONGER if "-af" in more else GRAY
    return [*seen, "{base}", *pictures, "-c:a", codec, *more]


def _late() -> list[Medium]:
    """The sound begins two seconds after the pictures; or all times begin elsewhere."""
    ends = [
        ("mp4", "aac"), ("mov", "pcm_s16le"), ("mkv", "aac"), ("mka.mkv", "libopus"),
        ("webm", "libopus"), ("ts", "aac"), ("flv", "aac"),
    ]  # fmt: skip
    later = [
        Medium(
            f"late.{end}",
            [*LONGER, "-itsoffset", "2", "{base}", *PICTURES.get(end, H264), "-c:a", codec],
            late=(2.0, 2.0),
            defect="0-2 missing",
        )
        for end, codec in ends
    ]
    moved = [
        Medium(f"from-100.{end}", _seen(f"x.{end}", codec, "-output_ts_offset", "100"))
        for end, codec in (("mkv", "aac"), ("webm", "libopus"), ("ts", "aac"), ("mp4", "aac"))
    ]
    return [*later, *moved]


def _holed() -> list[Medium]:
    """Two seconds of sound are lost between the sentences while the pictures run on."""
    hole = ("-af", "asetpts='if(gte(T,3),PTS+2/TB,PTS)'")
    lost = [
        Medium(
            f"hole.{end}", _seen(f"x.{end}", codec, *hole), late=(0.0, 2.0), defect="3-5 missing"
        )
        for end, codec in (
            *(("mp4", "aac"), ("mka", "flac"), ("mkv", "aac"), ("ts", "aac")),
            *(("webm", "libopus"), ("flv", "aac")),
        )
    ]
    spoilt = [
        Medium(f"spoilt.{end}", _seen(f"x.{end}", codec), spoilt=(2.5, 3.8), defect=defect)
        for end, codec, defect in (
            ("mp4", "aac", "2.5-3.8 damaged"),
            ("mkv", "aac", "2.5-3.8 damaged"),
            ("mov", "alac", "2.5-3.8 damaged"),
        )
    ]
    short = ("-af", "asetpts='if(gte(T,3),PTS+0.6/TB,PTS)'", "-t", "7.6")
    brief = [
        Medium(f"brief.{end}", _seen(f"x.{end}", codec, *short), (0.0, 0.6), "3-3.6 missing")
        for end, codec in (("mp4", "aac"), ("mkv", "aac"), ("webm", "libopus"), ("ts", "ac3"))
    ]
    return [*lost, *brief, *spoilt]


def _joined() -> list[Medium]:
    """Files glued together byte by byte, the second with its own times or at another rate."""
    return [
        Medium("joined.mp3", ["{base}", "-write_xing", "0"], repeats=2),
        Medium("rates.mp3", ["{base}", "-write_xing", "0", "-ar", "{rate}"], repeats=2),
        # Nothing in it says that an encoder begins and ends with samples of its own, in each file.
        Medium("joined.aac", ["{base}"], repeats=2, near=0.07),
        Medium("joined.ts", [*GRAY, "{base}"], repeats=2),
        Medium("joined.ac3", ["{base}"], repeats=2),
        Medium("joined.opus", ["{base}", "-c:a", "libopus"], repeats=2),
        Medium("joined.mpg", _seen("x.mpg", "mp2"), repeats=2),
    ]


def _channels() -> list[Medium]:
    """Who speaks is in one channel, in a channel turned over, in one track of several."""
    pans = {
        "left.wav": "stereo|c0=c0|c1=0*c0",
        "right.mp3": "stereo|c0=0*c0|c1=c0",
        "turned.flac": "stereo|c0=c0|c1=-1*c0",
        "turned.mp3": "stereo|c0=c0|c1=-1*c0",
        "surround.ac3": "5.1|c2=c0",
        "four.wav": "4c|c3=c0",
    }
    silent_first = ["{base}", *SILENT, "-map", "1", "-map", "0"]
    both = ["{base}", "{base}", "-map", "0", "-map", "1"]
    return [
        *(
            Medium(name, ["{base}", "-af", f"pan={pan.replace('4c', '4.0')}"])
            for name, pan in pans.items()
        ),
        Medium("silent-first.mkv", [*silent_first, "-c:a", "aac"]),
        Medium("silent-first.mp4", [*silent_first, "-c:a", "aac"]),
        Medium("both-tracks.mka", [*both, "-c:a", "flac"]),
    ]


TABLE = [*_plain(), *_late(), *_holed(), *_joined(), *_channels()]


def make_all(base: Base, folder: Path) -> None:
    """Make every medium, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(partial(_make, base, folder), TABLE))


def _make(base: Base, folder: Path, medium: Medium) -> None:
    target = folder / medium.name
    pieces = []
    for number in range(medium.repeats):
        piece = folder / f"{number}-{medium.name}" if medium.repeats > 1 else target
        ffmpeg(*_filled(medium, base, number), piece)
        pieces.append(piece)
    if medium.repeats > 1:
        target.write_bytes(b"".join(piece.read_bytes() for piece in pieces))
    if medium.spoilt:
        _spoil(target, *medium.spoilt)


def _filled(medium: Medium, base: Base, number: int) -> list[str]:
    words = [w.replace("{rate}", ("44100", "24000")[number]) for w in medium.arguments]
    return [part for w in words for part in (("-i", str(base.file)) if w == "{base}" else (w,))]


def _spoil(file: Path, start: float, end: float) -> None:
    """Overwrite the packets of sound between two times with rubbish."""
    import av

    content = bytearray(file.read_bytes())
    with av.open(str(file)) as container:
        for packet in container.demux(container.streams.audio[0]):
            at = None if packet.pts is None else float(packet.pts * packet.time_base)
            if at is not None and start < at < end:
                first = content.index(bytes(packet), packet.pos)
                content[first : first + packet.size] = b"\xff" * packet.size
    file.write_bytes(content)
