"""The sound tracks of a file and their channels, as its header has them."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.container import InputContainer


# A row of frames without times: where the rate changes, ffmpeg's guesses are wrong from there on.
TIMELESS = {"mp3", "aac", "ac3", "eac3", "amr"}


@dataclass(frozen=True, slots=True)
class Track:
    """A sound track; `number` counts the file's sound tracks from 0.

    `timed` says that its frames have times. ffmpeg counts these from the file's beginning, but in a
    transport stream from the sound's, which is `delay` seconds later.
    """

    number: int
    channels: int
    timed: bool = True
    delay: float = 0.0


def read_tracks(file: Path) -> list[Track]:
    """Return the sound tracks; one of a single channel where the header cannot be read.

    Whoever decodes it then finds out why, in ffmpeg's own words.
    """
    import av

    try:
        with av.open(str(file), options={"protocol_whitelist": "file"}) as container:
            tracks = [_track(container, number) for number in range(len(container.streams.audio))]
            return tracks or [Track(0, 1)]
    except (av.FFmpegError, OSError, ValueError):
        return [Track(0, 1)]


def _track(container: "InputContainer", number: int) -> Track:
    stream, formats = container.streams.audio[number], set(container.format.name.split(","))
    delay = 0.0
    if "mpegts" in formats and stream.start_time is not None and stream.time_base is not None:
        delay = float(stream.start_time * stream.time_base) - (container.start_time or 0) / 1e6
    return Track(number, max(1, stream.channels), not formats & TIMELESS, max(0.0, delay))


def voice_tracks(tracks: list[Track], apart: int) -> list[Track]:
    """Return the tracks that hold the voices: those kept `apart`, where the first is their mix."""
    return tracks[1:] if apart and len(tracks) == apart + 1 else tracks
