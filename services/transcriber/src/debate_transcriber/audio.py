"""One decode of any recording to what the engines take: 16 kHz, mono, float32."""

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np
from debate_contract.errors import BadInput, TemporaryFault

from debate_transcriber.errors import NoAudioTrack
from debate_transcriber.speech import SAMPLE_RATE, Progress, Waveform

PIECE = 1 << 20  # bytes read at a time
MAX_SECONDS = 24 * 3600
# ffmpeg's own words for a file without sound.
NO_AUDIO = re.compile(
    r"does not contain any stream|matches no streams|Output file #?0? ?does not", re.I
)


def decode(
    file: Path, duration: float | None, progress: Progress, max_seconds: int = MAX_SECONDS
) -> Waveform:
    """Decode the first audio track; channels are averaged, `duration` is only for the progress.

    Raises NoAudioTrack or BadInput with ffmpeg's own reason, BadInput as soon as there are more
    than `max_seconds`. Memory is the waveform's: 230 MB per hour of recording. A recording that
    breaks off is taken up to there.
    """
    with TemporaryFile() as complaints:
        command = _command(file)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints) as process:
            try:
                samples = _read_samples(process, duration, _bounded(progress, file, max_seconds))
            finally:
                process.kill()
        complaints.seek(0)
        reason = complaints.read().decode(errors="replace")
    if not samples.size:
        raise _explain(file, reason, process.returncode)
    # In place and piece by piece: six hours are 1.4 GB, and NumPy's masks for them 1 GB more.
    for piece in np.array_split(samples, 1 + samples.size // PIECE):
        np.nan_to_num(piece, copy=False)
        np.clip(piece, -1, 1, out=piece)
    return samples


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


def _command(file: Path) -> list[str]:
    # file: keeps names with a colon from being read as a protocol, and every other protocol out.
    source = ["-protocol_whitelist", "file", "-i", f"file:{file.resolve()}"]
    sound = ["-map", "0:a:0", "-ac", "1", "-ar", str(SAMPLE_RATE), "-f", "f32le", "-"]
    return [ffmpeg(), "-nostdin", "-v", "error", *source, *sound]


def ffmpeg() -> str:
    """Return the ffmpeg to run: the system's, else the wheel's."""
    found = shutil.which("ffmpeg")
    if found:
        return found
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def _read_samples(
    process: "subprocess.Popen[bytes]", duration: float | None, progress: Progress
) -> Waveform:
    if process.stdout is None:
        raise TemporaryFault("ffmpeg could not be started")
    pieces = bytearray()
    while piece := process.stdout.read(PIECE):
        pieces += piece
        done = len(pieces) / 4 / SAMPLE_RATE
        progress(done, max(duration or done, done))
    process.wait()
    return np.frombuffer(memoryview(pieces)[: len(pieces) // 4 * 4], np.float32)


def _explain(file: Path, reason: str, code: int) -> BadInput:
    if NO_AUDIO.search(reason):
        return NoAudioTrack(f"{file.name} has no sound: there is nothing to transcribe")
    last = reason.strip().splitlines()[-1:] or [f"ffmpeg ended with {code}"]
    return BadInput(f"{file.name} cannot be read as a recording: {last[0].strip()}")


def duration_of(waveform: Waveform) -> float:
    """Return the length in seconds."""
    return waveform.size / SAMPLE_RATE
