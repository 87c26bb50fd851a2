"""One decode of any recording to what the engines take: 16 kHz, float32, at its own times."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from debate_contract.errors import BadInput, TemporaryFault

from debate_transcriber.audio.mixing import (
    Block,
    Levels,
    cancel_out,
    hold_a_voice_each,
    levels_of,
    mix,
)
from debate_transcriber.audio.tracks import Track, read_tracks, voice_tracks
from debate_transcriber.engines.speech import SAMPLE_RATE, Progress, Waveform
from debate_transcriber.errors import NoAudioTrack

MAX_SECONDS = 24 * 3600
SILENCE = 0.002  # -54 dBFS: a track that never gets louder holds no speech
# Samples go where their time stamps say, as in a player: silence fills what is missing.
ON_TIME = f"aresample={SAMPLE_RATE}:async=1:min_hard_comp=0.04:first_pts=0"
COUNTED = f"aresample={SAMPLE_RATE}"
# ffmpeg's own words for a file without sound.
NO_AUDIO = re.compile(
    r"does not contain any stream|matches no streams|Output file #?0? ?does not", re.I
)


def decode(
    file: Path,
    duration: float | None,
    progress: Progress,
    max_seconds: int = MAX_SECONDS,
    *,
    apart: int = 0,
    remark: Callable[[str], None] = lambda _: None,
) -> Waveform:
    """Decode the first track in which there is any sound, its channels as one.

    A moment of the recording is at that moment of the waveform, whatever is missing before it.
    `duration` is only for the progress; `remark` hears what the user might have chosen otherwise:
    not of tracks that media.json says are kept `apart`, for the first has what is in them.
    Raises NoAudioTrack or BadInput with ffmpeg's own reason, BadInput as soon as there are more
    than `max_seconds`. Memory is the waveform's: 230 MB per hour of recording. A recording that
    breaks off is taken up to there.
    """
    watch = _bounded(progress, file, max_seconds)
    tracks = read_tracks(file)
    for track in tracks:
        mixed = _Mixed()
        source = _Source(file, track, min(track.channels, 2))
        waveform = _decode(source, duration, watch, mixed.fold)[0]
        if track == tracks[-1] or np.abs(waveform).max(initial=0.0) > SILENCE:
            break
    if len(tracks) > 1 and not apart:
        taken = f"number {track.number + 1}, the first with any sound, is taken"
        remark(f"{file.name} has {len(tracks)} sound tracks: {taken}")
    for sentence in mixed.remarks(file.name):
        remark(sentence)
    return waveform


def decode_voices(
    file: Path,
    duration: float | None,
    progress: Progress,
    max_seconds: int = MAX_SECONDS,
    *,
    apart: int = 0,
) -> list[Waveform]:
    """Decode every channel of every track on its own: one voice each, all of one length.

    `apart` is how many tracks media.json says are kept besides the first, which is made of them.
    Raises what `decode` raises. Memory is that of `decode` for every voice.
    """
    watch = _bounded(progress, file, max_seconds)
    voices = [
        voice
        for track in voice_tracks(read_tracks(file), apart)
        for voice in _decode(_Source(file, track, track.channels), duration, watch, np.transpose)
    ]
    longest = max(voice.size for voice in voices)
    return [_resized(voice, longest) for voice in voices]


def fit(waveform: Waveform, duration: float | None) -> Waveform:
    """Make a waveform as long as the recording plays, in seconds; None leaves it as it is.

    Pictures may go on where the sound has ended.
    """
    return waveform if duration is None else _resized(waveform, round(duration * SAMPLE_RATE))


def _resized(waveform: Waveform, size: int) -> Waveform:
    return waveform[:size] if waveform.size >= size else np.pad(waveform, (0, size - waveform.size))


class _Mixed:
    """Makes one channel of several, and remembers what they were like."""

    def __init__(self) -> None:
        self.levels: list[Levels] = []
        self.cancelled = 0  # seconds

    def fold(self, block: Block) -> Block:
        """Take a second's block, [frames, channels]; return [1, frames]."""
        self.levels.append(levels_of(block))
        self.cancelled += cancel_out(block)
        return mix(block)[None]

    def remarks(self, name: str) -> Iterator[str]:
        """What the user may want to know, or to ask for otherwise."""
        if self.cancelled:
            yield (
                f"the channels of {name} cancel each other out for {self.cancelled} s, as when one "
                "is turned over: the louder one is heard there"
            )
        elif hold_a_voice_each(np.concatenate(self.levels)):
            yield (
                f"the channels of {name} have hardly anything in common: if each is a person's "
                "own, CHANNELS=speakers recognises them apart"
            )


@dataclass(frozen=True, slots=True)
class _Source:
    """A track of a file, and into how many channels it is decoded."""

    file: Path
    track: Track
    channels: int

    def command(self) -> list[str]:
        # file: keeps names with a colon from being read as a protocol, and all others out.
        source = ["-protocol_whitelist", "file", "-i", f"file:{self.file.resolve()}"]
        delay = f"asetpts=PTS+{self.track.delay:.6f}/TB," if self.track.delay else ""
        clock = f"{delay}{ON_TIME}" if self.track.timed else COUNTED
        sound = ["-map", f"0:a:{self.track.number}", "-af", clock, "-ac", str(self.channels)]
        return [ffmpeg(), "-nostdin", "-v", "error", *source, *sound, "-f", "f32le", "-"]


def _decode(
    source: _Source, duration: float | None, progress: Progress, fold: Callable[[Block], Block]
) -> list[Waveform]:
    """Decode one track; `fold` makes [waveforms, frames] of each second's block."""
    with TemporaryFile() as complaints:
        command = source.command()
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints) as process:
            try:
                blocks = _blocks(process, source.channels, duration, progress)
                waveforms = _collect(fold(block) for block in blocks)
            finally:
                process.kill()
        complaints.seek(0)
        reason = complaints.read().decode(errors="replace")
    if not waveforms:
        raise _explain(source.file, reason, process.returncode)
    return waveforms


def _bounded(progress: Progress, file: Path, max_seconds: int) -> Progress:
    """Stop what is longer than may be while it is decoded: its header may say anything."""

    def watch(done: float, total: float) -> None:
        if done > max_seconds:
            raise BadInput(
                f"{file.name} is longer than {max_seconds / 3600:g} h, the longest that is taken:"
                " cut it, or raise MAX_SECONDS"
            )
        progress(done, total)

    return watch


def ffmpeg() -> str:
    """Return the ffmpeg to run: the system's, else the wheel's."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _blocks(
    process: "subprocess.Popen[bytes]", channels: int, duration: float | None, progress: Progress
) -> Iterator[Block]:
    """Yield what ffmpeg writes, a second at a time; what is no sound becomes silence."""
    if process.stdout is None:
        raise TemporaryFault("ffmpeg could not be started")
    done, frame = 0.0, 4 * channels
    while piece := process.stdout.read(SAMPLE_RATE * frame):
        block = np.frombuffer(piece[: len(piece) // frame * frame], np.float32)
        done += block.size / channels / SAMPLE_RATE
        progress(done, max(duration or done, done))
        yield np.clip(np.nan_to_num(block), -1, 1).reshape(-1, channels)
    process.wait()


def _collect(folded: Iterator[Block]) -> list[Waveform]:
    """Put blocks of [waveforms, frames] together without holding them twice."""
    kept: list[bytearray] = []
    for block in folded:
        kept = kept or [bytearray() for _ in block]
        for samples, row in zip(kept, block, strict=True):
            samples.extend(row.astype(np.float32).tobytes())
    return [np.frombuffer(samples, np.float32) for samples in kept if samples]


def _explain(file: Path, reason: str, code: int) -> BadInput:
    if NO_AUDIO.search(reason):
        return NoAudioTrack(f"{file.name} has no sound: there is nothing to transcribe")
    last = reason.strip().splitlines()[-1:] or [f"ffmpeg ended with {code}"]
    return BadInput(f"{file.name} cannot be read as a recording: {last[0].strip()}")


def duration_of(waveform: Waveform) -> float:
    """Return the length in seconds."""
    return waveform.size / SAMPLE_RATE
