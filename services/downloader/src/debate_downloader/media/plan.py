"""What ffmpeg is told: what is copied, what is converted, and how sound keeps its time."""

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from debate_downloader.media.defects import Defect, intersect
from debate_downloader.media.probe import INPUT_OPTIONS, TIMELESS, Probe
from debate_downloader.media.survey import TOLERANCE, Sound
from debate_downloader.media.tracks import Channel, Choice

HERTZ = "48000"
RATE = "128k"  # AAC, mono or stereo: transparent for speech
APART_RATE = "64k"  # of one voice
# Samples go where their time stamps say: silence fills holes, also the one before the first.
ON_TIME = f"aresample={HERTZ}:async=1:min_hard_comp=0.04:first_pts=0"
COUNTED = f"aresample={HERTZ}"
FED = ["-f", "s16le", "-ar", HERTZ, "-ac", "2"]
FARTHEST = 60.0  # seconds between the beginnings of two parts; more is no common clock


@dataclass(frozen=True)
class Limits:
    """`max_height` in lines, for pictures that must be converted; `audio_track` is from 1."""

    max_height: int
    max_seconds: int
    audio_track: int | None = None


@dataclass(frozen=True)
class Plan:
    """The file with the pictures, None for sound alone, and the one with the sound."""

    pictures: Probe | None
    heard: Probe
    choice: Choice
    sounds: dict[int, Sound]

    @property
    def sources(self) -> list[Probe]:
        """The files that are read, each once."""
        return list(dict.fromkeys(p for p in (self.pictures, self.heard) if p))

    def delay(self, file: Probe) -> float:
        """Seconds by which one of the files begins after the other one."""
        starts = [source.start for source in self.sources]
        return file.start - min(starts) if max(starts) - min(starts) <= FARTHEST else 0.0

    @property
    def copied(self) -> bool:
        """Whether the sound plays in browsers as it is, each moment in its place."""
        first, *more = self.choice.played
        whole = self.sounds[first.index].whole and self.delay(self.heard) <= TOLERANCE
        return whole and first.codec == "aac" and not more

    @property
    def counted(self) -> bool:
        """Whether only the number of samples says where in the recording a moment is."""
        return bool(self.heard.formats & TIMELESS)

    def feed(self) -> list[str] | None:
        """Arguments of an ffmpeg that decodes in front of the other, for files glued together.

        Where the rate changes and the file has no times, ffmpeg's own are wrong from there on.
        """
        rates = chain.from_iterable(self.sounds[t.index].rates for t in self.choice.played)
        if not self.counted or len(set(rates)) == 1:
            return None
        return [*_input(self.heard), "-map", f"0:{self.choice.played[0].index}", *FED, "pipe:1"]

    def defects(self, length: float) -> list[Defect]:
        """What the played tracks all lack within `length` seconds, on the clock of the result."""
        played, late = [self.sounds[t.index] for t in self.choice.played], self.delay(self.heard)
        lacks = intersect([one.defects_until(length - late) for one in played])
        return [Defect(0.0, late, "missing"), *(d.moved(-late) for d in lacks)]

    def pictures_remark(self, limits: Limits) -> str | None:
        """Say that pictures are converted, which may make them smaller."""
        video = self.pictures.video if self.pictures else None
        if video is None or video.plays_in_browsers:
            return None
        kind = f"converting {video.codec} ({video.pixel_format}) video to 8-bit H.264"
        smaller = f", made {limits.max_height} lines high (MAX_HEIGHT= keeps more)"
        return f"{kind}, which every browser plays{smaller * (video.height > limits.max_height)}"

    @property
    def sound_remark(self) -> str | None:
        """Say that sound is converted, and why."""
        if self.copied:
            return None
        if len(self.choice.played) == 1 and self.choice.played[0].codec == "aac":
            return "writing the sound anew, with silence where it has none: players then keep time"
        kinds = ", ".join(dict.fromkeys(track.codec for track in self.choice.played))
        return f"converting {kinds} sound to AAC, which every browser plays"

    def arguments(self, target: Path, limits: Limits) -> list[str]:
        """The command line of the ffmpeg that writes `target`."""
        fed = self.feed() is not None
        inputs = [*FED, "-i", "pipe:0"] if fed else self._inputs()
        return [*inputs, *self._video(limits), *self._sound(fed=fed), *_output(target)]

    def _inputs(self) -> list[str]:
        """Each file from its own beginning, which ffmpeg takes for 0, and that where it belongs."""
        late = [(["-itsoffset", f"{self.delay(p):.6f}"], p) for p in self.sources]
        return [word for offset, p in late for word in (*offset, *_input(p))]

    def _video(self, limits: Limits) -> list[str]:
        video = self.pictures.video if self.pictures else None
        if video is None:
            return ["-vn"]
        chosen = ["-map", f"0:{video.index}"]
        if video.plays_in_browsers:
            return [*chosen, "-c:v", "copy"]
        scale = f"scale=-2:trunc(min({limits.max_height}\\,ih)/2)*2"
        coder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p"]
        return [*chosen, *coder, "-vf", scale]

    def _sound(self, *, fed: bool) -> list[str]:
        """What plays, then what is kept apart; the first is what players take."""
        file = len(self.sources) - 1
        if fed:
            return ["-map", "0:0", "-c:a", "aac", "-b:a", RATE]
        options = self._copy(file) if self.copied else self._mix(file)
        for number, channel in enumerate(self.choice.apart, 1):
            options += self._apart(file, number, channel)
        return options

    def _copy(self, file: int) -> list[str]:
        played = self.choice.played[0]
        return ["-map", f"{file}:{played.index}", "-c:a:0", "copy", "-disposition:a:0", "default"]

    def _mix(self, file: int) -> list[str]:
        """One track as it is, several added up; at most stereo."""
        tracks = self.choice.played
        parts = [f"[{file}:{t.index}]{self._clock}[part{i}]" for i, t in enumerate(tracks)]
        names = "".join(f"[part{i}]" for i in range(len(tracks)))
        mix = f"{names}amix=inputs={len(tracks)}:normalize=0:dropout_transition=0[mix]"
        graph = ";".join([*parts, mix]) if len(tracks) > 1 else parts[0].replace("part0", "mix")
        channels = str(min(max(track.channels for track in tracks), 2) or 1)
        coder = ["-c:a:0", "aac", "-b:a:0", RATE, "-ac:a:0", channels]
        return ["-filter_complex", graph, "-map", "[mix]", *coder, "-disposition:a:0", "default"]

    def _apart(self, file: int, number: int, channel: Channel) -> list[str]:
        alone = "" if channel.channel is None else f",pan=mono|c0=c{channel.channel}"
        coder = [f"-c:a:{number}", "aac", f"-b:a:{number}", APART_RATE]
        filters = [f"-filter:a:{number}", f"{self._clock}{alone}"]
        return [
            "-map",
            f"{file}:{channel.track}",
            *filters,
            *coder,
            f"-disposition:a:{number}",
            "0",
        ]

    @property
    def _clock(self) -> str:
        return COUNTED if self.counted else ON_TIME


def _input(file: Probe) -> list[str]:
    options = [word for key, value in INPUT_OPTIONS.items() for word in (f"-{key}", value)]
    return [*options, "-i", f"file:{file.path}"]


def _output(target: Path) -> list[str]:
    """Index first, so that a browser can seek; those tracks only; the same bytes each time."""
    plain = ["-map_metadata", "-1", "-map_chapters", "-1", "-sn", "-dn", "-fflags", "+bitexact"]
    return [*plain, "-movflags", "+faststart", "-f", "mp4", f"file:{target}"]
