"""One pass through all the sound of a file: what players and ffmpeg pass over in silence.

A header says what should be there. Only decoding tells whether a track begins late, has holes,
holds packets that are rubbish, or never makes a sound. It runs some 500 times as fast as the
recording plays.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.video.stream import VideoStream

from debate_downloader.media.defects import Defect, Kind
from debate_downloader.media.probe import INPUT_OPTIONS, TIMELESS, Probe

TOLERANCE = 0.05  # seconds that a frame may lie off without anybody noticing
DISCONTINUITY = 10.0  # seconds; where files are put together a longer jump is another one's clock
GLUED = {"mpegts", "mpeg", "ogg"}  # files of these put one behind the other are one file
LISTENED = 8000  # Hz at which a track is searched for sound
SILENCE = 60  # of 32,768: a track that never gets louder (-55 dBFS) holds no speech

OnSeconds = Callable[[float], None]
Sounding: TypeAlias = "Packet[AudioStream]"


@dataclass
class Sound:
    """A track as it was decoded; it ends `ends` seconds after the file's beginning.

    `defects` are the stretches before that without sound, `off` says that somewhere a frame lies
    where no player expects it, `rates` how many samples a second there were, `breaks_off` that
    what follows the end cannot be decoded, `unread` that the file itself cannot be read further.
    """

    index: int
    ends: float = 0.0
    loudest: int = 0
    off: bool = False
    breaks_off: bool = False
    unread: bool = False
    defects: list[Defect] = field(default_factory=list)
    rates: set[int] = field(default_factory=set)

    @property
    def silent(self) -> bool:
        """Whether nobody can be heard in it from beginning to end."""
        return self.loudest <= SILENCE

    @property
    def whole(self) -> bool:
        """Whether it plays as it is: from the beginning, without holes, at one rate."""
        return not (self.off or self.defects or self.breaks_off) and len(self.rates) == 1

    def defects_until(self, end: float) -> list[Defect]:
        """Its defects, with what is missing between its own end and `end`."""
        kind: Kind = "damaged" if self.breaks_off else "missing"
        return [*self.defects, Defect(self.ends, max(end, self.ends), kind)]


def survey(file: Probe, on_seconds: OnSeconds) -> dict[int, Sound]:
    """Decode every sound track of a file; what comes back is by the track's index.

    A track of which nothing can be decoded is left out.
    """
    pictures = _Pictures()
    listeners = {track.index: _Listener(file, track.index, pictures) for track in file.tracks}
    with av.open(str(file.path), options=INPUT_OPTIONS) as container:
        streams = [s for s in container.streams.audio if s.index in listeners]
        seen = container.streams.video[:1] if file.formats & GLUED else ()
        try:
            for packet in _packets(container, streams, pictures, seen) if streams else ():
                listener = listeners[packet.stream.index]
                listener.take(packet)
                on_seconds(listener.sound.ends)
        except FFmpegError:
            for listener in listeners.values():
                listener.sound.unread = True
    return {index: one.sound for index, one in listeners.items() if one.sound.rates}


def _packets(
    container: InputContainer,
    streams: list[AudioStream],
    pictures: "_Pictures",
    seen: Sequence[VideoStream],
) -> Iterator[Sounding]:
    """All packets of sound up to the file's end; those of pictures are only looked at.

    Raises FFmpegError where the file cannot be read any more.
    """
    for packet in container.demux(*streams, *seen):
        if isinstance(packet.stream, AudioStream):
            yield cast("Sounding", packet)
        else:
            pictures.take(packet)


class _Pictures:
    """Where the pictures of each file end, by its own clock, where several are one."""

    def __init__(self) -> None:
        self.ends: list[float] = []
        self._last = 0.0

    def take(self, packet: "Packet[Any]") -> None:
        """Note how far a packet reaches; a time that goes back is another file's."""
        if packet.dts is None or packet.time_base is None:
            return
        at = float(packet.dts * packet.time_base)
        end = at + float((packet.duration or 0) * packet.time_base)
        if not self.ends or at < self._last - TOLERANCE:
            self.ends.append(end)
        self.ends[-1], self._last = max(self.ends[-1], end), at

    def end_of(self, part: int) -> float:
        """Where those of a file end; 0 where there are none."""
        return self.ends[part] if part < len(self.ends) else 0.0


class _Listener:
    """Follows one track from frame to frame."""

    def __init__(self, file: Probe, index: int, pictures: _Pictures) -> None:
        self.sound = Sound(index)
        self.pictures = pictures
        self.part = 0  # of several files that are one
        self.start = file.start
        self.timeless = bool(file.formats & TIMELESS)
        self.discontinuous = bool(file.formats & GLUED)
        self.unanswered = 0  # packets since the last frame
        self.resampler = AudioResampler(format="s16", rate=LISTENED)

    def take(self, packet: Sounding) -> None:
        """Decode a packet; one that cannot be begins a damaged stretch."""
        try:
            frames = packet.decode()
        except FFmpegError:
            self.sound.breaks_off = True
            return
        self.sound.breaks_off = self.sound.breaks_off or packet.is_corrupt
        for frame in frames:
            self._place(frame)
            self._listen(frame)
        self.unanswered = 0 if frames else self.unanswered + (packet.size > 0)

    def _place(self, frame: AudioFrame) -> None:
        """Compare where a frame lies with where the one before it ended."""
        sound, at = self.sound, self._time(frame)
        gap, length = at - sound.ends, frame.samples / frame.sample_rate
        if sound.breaks_off:
            sound.defects.append(Defect(min(sound.ends, at), at, "damaged"))
        elif gap > TOLERANCE:
            # Some decoders say nothing of what they cannot make sense of.
            kind: Kind = "damaged" if self.unanswered * length > gap / 2 else "missing"
            sound.defects.append(Defect(sound.ends, at, kind))
        sound.off = sound.off or abs(gap) > TOLERANCE
        sound.ends = max(sound.ends, at + length)
        sound.breaks_off = False
        sound.rates.add(frame.sample_rate)

    def _time(self, frame: AudioFrame) -> float:
        """Where a frame lies; by counting where the file does not say or begins a new clock."""
        expected = self.sound.ends
        if self.timeless or frame.pts is None or frame.time_base is None:
            return expected
        at = float(frame.pts * frame.time_base) - self.start
        off = at - expected
        if self.discontinuous and self.sound.rates and not -TOLERANCE < off < DISCONTINUITY:
            return self._begin_part(at, expected)
        return at

    def _begin_part(self, at: float, expected: float) -> float:
        """Where the next file begins: when sound and pictures of the one before have ended."""
        begins = max(expected, self.pictures.end_of(self.part) - self.start)
        self.start += at - begins
        self.part += 1
        return begins

    def _listen(self, frame: AudioFrame) -> None:
        """Note the loudest sample, until one is too loud for silence."""
        if self.sound.loudest > SILENCE:
            return
        try:
            pieces = self.resampler.resample(frame)
        except ValueError:  # from here on the track has another rate or other channels
            self.resampler = AudioResampler(format="s16", rate=LISTENED)
            pieces = self.resampler.resample(frame)
        for piece in pieces:
            samples = memoryview(bytes(piece.planes[0])).cast("h")
            samples = samples[: piece.samples * len(piece.layout.channels)]
            self.sound.loudest = max([self.sound.loudest, *map(abs, samples)])
