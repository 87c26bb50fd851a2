"""The sound tracks of a file and their channels, as its header has them."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Track:
    """A sound track; `number` counts the file's sound tracks from 0."""

    number: int
    channels: int


def read_tracks(file: Path) -> list[Track]:
    """Return the sound tracks; one of a single channel where the header cannot be read.

    Whoever decodes it then finds out why, in ffmpeg's own words.
    """
    import av

    try:
        with av.open(str(file), options={"protocol_whitelist": "file"}) as container:
            streams = container.streams.audio
            return [Track(n, max(1, s.channels)) for n, s in enumerate(streams)] or [Track(0, 1)]
    except (av.FFmpegError, OSError, ValueError):
        return [Track(0, 1)]


def voice_tracks(tracks: list[Track], apart: int) -> list[Track]:
    """Return the tracks that hold the voices: those kept `apart`, where the first is their mix."""
    return tracks[1:] if apart and len(tracks) == apart + 1 else tracks
