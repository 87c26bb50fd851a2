"""Reads what a file holds and makes the MP4 that browsers play."""

from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from debate_contract.errors import BadInput, TemporaryFault
from debate_contract.logs import Log

from debate_downloader.errors import NoAudioTrack, TooLong
from debate_downloader.media.ffmpeg import OnProgress, run_ffmpeg
from debate_downloader.sources.recording import Recording

# Only real containers and only local files: what calls itself a video may be a list of addresses
# or paths that ffmpeg would go and read.
FORMATS = (
    "mov,matroska,mpegts,mpeg,mpegvideo,avi,flv,asf,wav,w64,flac,mp3,ogg,aac,aiff,caf,amr,ac3,"
    "eac3,mxf,au,dv"
)
INPUT_OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
EXACT_FORMATS = {"mov", "matroska"}  # their header says how long the recording is

EIGHT_BIT = {"yuv420p", "yuvj420p"}  # the H.264 that browsers decode
AUDIO_RATE = "128k"  # AAC, mono or stereo: transparent for speech
AUDIO_HERTZ = "48000"


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
    """The sound track of a file that is used; the best if there are several."""

    index: int
    codec: str
    channels: int


@dataclass(frozen=True)
class Probe:
    """What a media file holds; `duration` in seconds, None where it is not known.

    `exact` says that the duration stands in the header and is no guess from the bit rate.
    """

    path: Path
    duration: float | None
    exact: bool
    video: Video | None
    audio: Audio | None


def probe(path: Path, name: str) -> Probe:
    """Read a file's tracks; `name` is what the user calls it.

    Raises BadInput when it is no media file or its sound is broken.
    """
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


def make_mp4(
    recording: Recording, target: Path, max_height: int, max_seconds: int, log: Log
) -> Probe:
    """Join a recording's parts into one MP4 with sound, seekable over HTTP; returns its probe.

    Tracks that browsers play are copied, others are converted (pictures then to at most
    `max_height` lines). Raises NoAudioTrack, TooLong, BadInput, and TemporaryFault when the result
    is shorter than it should be and the transfer may be to blame.
    """
    name = recording.name
    probes = [probe(path, name) for path in recording.parts]
    sound = next((p for p in reversed(probes) if p.audio), None)
    pictures = next((p for p in probes if p.video), None)
    if sound is None or sound.audio is None:
        raise NoAudioTrack(f"{name} has no audio track, so there is nothing to transcribe")
    sources = list(dict.fromkeys(p for p in (pictures, sound) if p))
    watch = _watch(name, sources, max_seconds, log)
    arguments = [*_inputs(sources), *_video_options(pictures, sources, max_height, log)]
    arguments += [*_audio_options(sound.audio, sources.index(sound), log), *_output(target)]
    run_ffmpeg(arguments, name, watch)
    return _checked(probe(target, name), recording, sources, log)


def _watch(name: str, sources: list[Probe], max_seconds: int, log: Log) -> OnProgress:
    """Report progress and stop what is too long: at once where a header is exact, else on the way.

    Raises TooLong, and so does what it returns.
    """
    total = max((p.duration or 0 for p in sources), default=0) or None

    def watch(at: float) -> None:
        if at > max_seconds:
            raise TooLong(name, max_seconds)
        log.progress("conversion", at, total, "s")

    if any(p.exact and (p.duration or 0) > max_seconds for p in sources):
        raise TooLong(name, max_seconds)
    return watch


def _describe(path: Path, container: InputContainer) -> Probe:
    names = set(container.format.name.split(","))
    return Probe(
        path=path,
        duration=container.duration / av.time_base if container.duration else None,
        exact=bool(names & EXACT_FORMATS),
        video=_first_video(container),
        audio=_best_audio(container),
    )


def _first_video(container: InputContainer) -> Video | None:
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:  # album art is no video
            codec = stream.codec.canonical_name
            return Video(stream.index, codec, stream.pix_fmt, stream.width, stream.height)
    return None


def _best_audio(container: InputContainer) -> Audio | None:
    """The track that ffmpeg thinks best, once a piece of it has really been decoded."""
    stream = container.streams.best("audio")
    if not isinstance(stream, AudioStream) or next(container.decode(stream), None) is None:
        return None
    return Audio(stream.index, stream.codec.canonical_name, stream.channels)


def _inputs(sources: list[Probe]) -> list[str]:
    options = [word for key, value in INPUT_OPTIONS.items() for word in (f"-{key}", value)]
    return [word for p in sources for word in (*options, "-i", f"file:{p.path}")]


def _video_options(p: Probe | None, sources: list[Probe], max_height: int, log: Log) -> list[str]:
    if p is None or p.video is None:
        return ["-vn"]
    chosen = ["-map", f"{sources.index(p)}:{p.video.index}"]
    if p.video.plays_in_browsers:
        return [*chosen, "-c:v", "copy"]
    kind = f"{p.video.codec} ({p.video.pixel_format})"
    log.note(f"converting {kind} video to 8-bit H.264, which every browser plays")
    scale = f"scale=-2:trunc(min({max_height}\\,ih)/2)*2"
    coder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"]
    return [*chosen, *coder, "-vf", scale]


def _audio_options(audio: Audio, source: int, log: Log) -> list[str]:
    chosen = ["-map", f"{source}:{audio.index}"]
    if audio.codec == "aac":
        return [*chosen, "-c:a", "copy"]
    log.note(f"converting {audio.codec} sound to AAC, which every browser plays")
    channels = str(min(audio.channels, 2) or 1)
    return [*chosen, "-c:a", "aac", "-b:a", AUDIO_RATE, "-ar", AUDIO_HERTZ, "-ac", channels]


def _output(target: Path) -> list[str]:
    """Index first, so that a browser can seek; the two tracks only; the same bytes each time."""
    plain = ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-fflags", "+bitexact"]
    return [*plain, "-movflags", "+faststart", "-f", "mp4", f"file:{target}"]


def _checked(result: Probe, recording: Recording, sources: list[Probe], log: Log) -> Probe:
    """Catch what ffmpeg passes over in silence: an empty result, or a part cut off."""
    if result.audio is None or not result.duration:
        raise BadInput(f"{recording.name} is empty: it has no sound of any length")
    promised = max((p.duration or 0 for p in sources if p.exact), default=0)
    if result.duration < promised - max(2.0, 0.02 * promised):
        lengths = f"after {result.duration:.0f} of {promised:.0f} s"
        if not recording.whole:
            raise TemporaryFault(f"the transfer of {recording.name} broke off {lengths}")
        log.note(f"{recording.name} is damaged and ends {lengths}: check it", level="warning")
    return result
