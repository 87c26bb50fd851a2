"""Which of several sound tracks is heard: silent ones are passed over, others chosen or mixed."""

from dataclasses import dataclass

from debate_contract.errors import UsageFault

from debate_downloader.media.probe import Audio, Probe
from debate_downloader.media.survey import Sound

NAMELESS = {None, "und", "mis", "zxx", "mul"}  # tags that name no language
MOST_APART = 16  # channels or tracks kept besides what plays


@dataclass(frozen=True)
class Channel:
    """A track of the source, or one channel of it."""

    track: int
    channel: int | None = None


@dataclass(frozen=True)
class Choice:
    """What plays, mixed where it is more than one track, and what is kept apart besides.

    `remark` is a sentence for the user where there was something to choose.
    """

    played: tuple[Audio, ...]
    apart: tuple[Channel, ...] = ()
    remark: str | None = None


def choose_tracks(file: Probe, sounds: dict[int, Sound], wanted: int | None) -> Choice:
    """Choose from the tracks that can be decoded; `wanted` is a number from 1, as in the file.

    Raises UsageFault when there is no such track.
    """
    tracks = [track for track in file.tracks if track.index in sounds]
    if wanted is not None:
        return Choice((_wanted(file, tracks, wanted),))
    speaking = [t for t in tracks if not sounds[t.index].silent] or tracks[:1]
    played = _best(file, speaking) if _languages(speaking) > 1 else speaking
    apart = [Channel(t.index) for t in speaking] if len(speaking) > 1 else _channels(speaking[0])
    return Choice(tuple(played), tuple(apart[:MOST_APART]), _remark(file, speaking, played))


def _wanted(file: Probe, tracks: list[Audio], wanted: int) -> Audio:
    if wanted <= len(file.tracks) and file.tracks[wanted - 1] in tracks:
        return file.tracks[wanted - 1]
    count = _counted(len(file.tracks))
    raise UsageFault(f"AUDIO_TRACK={wanted}: there is no such track to be heard, there are {count}")


def _best(file: Probe, tracks: list[Audio]) -> list[Audio]:
    return [file.audio] if file.audio in tracks else tracks[:1]


def _languages(tracks: list[Audio]) -> int:
    return len({track.language for track in tracks} - NAMELESS)


def _channels(track: Audio) -> list[Channel]:
    """More than two channels are more than plays everywhere, so each is kept."""
    return [Channel(track.index, c) for c in range(track.channels if track.channels > 2 else 0)]


def _remark(file: Probe, speaking: list[Audio], played: list[Audio]) -> str | None:
    if len(file.tracks) == 1:
        return None
    names = [_name(file, track) for track in played]
    silent = len(file.tracks) - len(speaking)
    passed = f", {silent} of them silent" if silent else ""
    taken = f"{names[0]} is taken" if len(names) == 1 else f"{', '.join(names)} are mixed"
    advice = "AUDIO_TRACK= takes one by its number"
    apart = ", CHANNELS=speakers each as a voice of its own" if len(speaking) > 1 else ""
    return f"there are {_counted(len(file.tracks))}{passed}: {taken}; {advice}{apart}"


def _name(file: Probe, track: Audio) -> str:
    language = "" if track.language in NAMELESS else f" ({track.language})"
    return f"number {file.tracks.index(track) + 1}{language}"


def _counted(tracks: int) -> str:
    return "1 sound track" if tracks == 1 else f"{tracks} sound tracks"
