"""Recordings of tones at known times, and where these begin in what was made of them."""

import array
import subprocess
from pathlib import Path

import av
import imageio_ffmpeg

# Three tones of 0.5 s, in six seconds.
TONES = (0.5, 2.5, 4.5)
PLAIN = ("-f", "lavfi", "-i", "aevalsrc='0.4*sin(4000*t)*between(mod(t,2),0.5,1)':d=6:s=24000")
SILENT = ("-f", "lavfi", "-i", "anullsrc=r=24000:cl=mono:d=6")
GRAY = ("-f", "lavfi", "-i", "color=gray:size=64x48:rate=5:duration=9")
AAC = ("-c:a", "aac", "-b:a", "48k")


def onsets(video: Path, track: int = 0) -> list[float]:
    """Where tones begin in what a player plays, in seconds."""
    samples = played(video, track)
    loud = [max(samples[at : at + 80]) > 2000 for at in range(0, len(samples), 80)]
    return [n / 100 for n in range(len(loud)) if loud[n] and not any(loud[max(0, n - 20) : n])]


def played(video: Path, track: int = 0) -> "array.array[int]":
    """The sound by its time stamps, one channel at 8 kHz."""
    clock = "aresample=8000:async=1:min_hard_comp=0.01:first_pts=0"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(video)]
    sound = ["-map", f"0:a:{track}", "-ac", "1", "-af", clock, "-f", "s16le", "-"]
    return array.array(
        "h", subprocess.run([*command, *sound], check=True, capture_output=True).stdout
    )


def spoil(path: Path, start: float, end: float) -> None:
    """Overwrite the packets of sound between two times with rubbish."""
    content = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams.audio[0]):
            if packet.pts is not None and start < packet.pts * packet.time_base < end:
                content[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    path.write_bytes(content)
