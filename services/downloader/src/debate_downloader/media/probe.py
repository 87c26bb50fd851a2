"""Reads from a file's header what it holds: formats, tracks, lengths."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from debate_contract.errors import BadInput

from debate_downloader.media.declared import declared_size

# Only real containers and only local files: what calls itself a video may be a list of addresses
# or paths that ffmpeg would go and read.
FORMATS = (
    "mov,matroska,mpegts,mpeg,mpegvideo,avi,flv,asf,wav,w64,flac,mp3,ogg,aac,aiff,caf,amr,ac3,"
    "eac3,mxf,au,dv"
)
INPUT_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
# Their header says how long the recording is.
EXACT_FORMATS = {"mov", "matroska", "flac", "aiff", "au", "wav", "w64", "caf", "flv"}
# Whatever their header says, ffmpeg takes the length from the bytes that are there.
BY_BYTES = {"wav", "w64", "caf", "avi", "asf"}
FROM_ZERO = {"matroska"}  # their header counts the length from 0, wherever the times begin
TIMELESS = {"mp3", "aac", "ac3", "eac3", "amr"}  # a row of frames: where one lies is a guess

EIGHT_BIT = {"yuv420p", "yuvj420p"}  # the H.264 that browsers decode


@dataclass(frozen=True)
class Video:
    """The picture track of a file."""

    index: int
    codec: str
    pixel_format: str | None
    width: int
    height: int

    @property
    def plays_in_browsers(self) -> bool:
        """H.264, 8 bit, 4:2:0 is what every browser decodes."""
        return self.codec == "h264" and self.pixel_format in EIGHT_BIT


@dataclass(frozen=True)
class Audio:
    """A sound track of a file; `language` is what the file calls it, None where it does not."""

    index: int
    codec: str
    channels: int
    language: str | None = None


@dataclass(frozen=True)
class Probe:
    """What a media file holds.

    `duration` is seconds from the first to the last moment, None where it is not known, and
    `exact` that it stands in the header and is no guess from the bit rate. `cut` says that the file
    has fewer bytes than by its header, which `duration` then follows. `start` is the time in the
    file at which it begins. `audio` is the track that is best by the header, of `tracks`.
    """

    path: Path
    duration: float | None
    exact: bool
    video: Video | None
    audio: Audio | None
    tracks: tuple[Audio, ...] = ()
    formats: frozenset[str] = frozenset()
    start: float = 0.0
    cut: bool = False


def probe(path: Path, name: str) -> Probe:
    """Read a file's tracks; `name` is what the user calls it. Raises BadInput for no media file."""
    try:
        with av.open(str(path), options=INPUT_OPTIONS) as container:
            return _describe(path, container)
    except FFmpegError as error:
        raise BadInput(
            f"{name} is not a video or audio file that can be read: check what is really there"
        ) from error


def read_title(path: Path) -> str | None:
    """The title a file carries within itself; None where there is none or it is no media file."""
    try:
        with av.open(str(path), options=INPUT_OPTIONS) as container:
            return container.metadata.get("title", "").strip() or None
    except FFmpegError:
        return None


def _describe(path: Path, container: InputContainer) -> Probe:
    formats = frozenset(container.format.name.split(","))
    start = (container.start_time or 0) / av.time_base
    length = container.duration / av.time_base if container.duration else None
    declared, present = declared_size(path) or 0, path.stat().st_size
    cut = declared > present
    if length and cut and formats & BY_BYTES:
        length *= declared / present
    elif length and formats & FROM_ZERO:
        length -= start
    tracks = _tracks(container)
    best = container.streams.best("audio")
    return Probe(
        path=path,
        duration=length,
        exact=bool(formats & EXACT_FORMATS),
        video=_first_video(container),
        audio=next((track for track in tracks if best and track.index == best.index), None),
        tracks=tracks,
        formats=formats,
        start=start,
        cut=cut,
    )


def _tracks(container: InputContainer) -> tuple[Audio, ...]:
    """The sound tracks that can be decoded at all: of others not even the codec is known."""
    return tuple(
        Audio(s.index, s.codec.canonical_name, s.channels, s.language)
        for s in container.streams.audio
        if s.codec_context is not None
    )


def _first_video(container: InputContainer) -> Video | None:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:  # album art is no video
            codec = stream.codec.canonical_name
            return Video(stream.index, codec, stream.pix_fmt, stream.width, stream.height)
    return None
