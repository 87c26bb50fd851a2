"""Makes the MP4 that browsers play: at every moment the sound of that moment."""

from dataclasses import dataclass
from pathlib import Path

from debate_contract.errors import BadInput, TemporaryFault
from debate_contract.logs import Log

from debate_downloader.errors import NoAudioTrack, TooLong
from debate_downloader.media.defects import Defect, clock, describe, worth_noting
from debate_downloader.media.ffmpeg import OnProgress, run_ffmpeg
from debate_downloader.media.plan import Limits, Plan
from debate_downloader.media.probe import Probe, probe
from debate_downloader.media.survey import survey
from debate_downloader.media.tracks import choose_tracks
from debate_downloader.sources.recording import Recording


@dataclass(frozen=True)
class Made:
    """A finished MP4: what it holds, how many tracks are kept apart in it, what it lacks."""

    file: Probe
    apart: int
    defects: list[Defect]


def make_mp4(recording: Recording, target: Path, limits: Limits, log: Log) -> Made:
    """Join a recording's parts into one MP4 with sound, seekable over HTTP.

    Tracks that browsers play are copied, others are converted, and so is sound that is damaged or
    has holes: silence fills them, so that every player agrees about the time. Raises NoAudioTrack,
    TooLong, BadInput, UsageFault for a track that is not there, and TemporaryFault when the result
    is shorter than it should be and the transfer may be to blame.
    """
    name = recording.name
    probes = [probe(path, name) for path in recording.parts]
    pictures = next((p for p in probes if p.video), None)
    heard = next((p for p in reversed(probes) if p.tracks), None)
    if heard is None:
        raise NoAudioTrack(f"{name} has no audio track, so there is nothing to transcribe")
    sources = list(dict.fromkeys(p for p in (pictures, heard) if p))
    sounds = survey(heard, _watch(name, sources, limits, log, "examination"))
    if not sounds:
        raise BadInput(f"the sound of {name} cannot be decoded: is it damaged?")
    plan = Plan(pictures, heard, choose_tracks(heard, sounds, limits.audio_track), sounds)
    _say(plan, limits, log)
    watch = _watch(name, sources, limits, log, "conversion")
    run_ffmpeg(plan.arguments(target, limits), name, watch, plan.feed())
    made = _checked(probe(target, name), recording, sources, log)
    if any(sound.unread for sound in sounds.values()):
        _say_unread(name, made, log)
    return Made(made, len(plan.choice.apart), _defects(plan, made, name, log))


def _say_unread(name: str, made: Probe, log: Log) -> None:
    end = f"cannot be read any further than {clock(made.duration or 0)}"
    log.note(f"{name} {end}; what follows is left out: check it", level="warning")


def _watch(name: str, sources: list[Probe], limits: Limits, log: Log, step: str) -> OnProgress:
    """Report progress and stop what is too long: at once where a header is exact, else on the way.

    Raises TooLong, and so does what it returns.
    """
    total = max((p.duration or 0 for p in sources), default=0) or None

    def watch(at: float) -> None:
        if at > limits.max_seconds:
            raise TooLong(name, limits.max_seconds)
        log.progress(step, at, total, "s")

    if any(p.exact and (p.duration or 0) > limits.max_seconds for p in sources):
        raise TooLong(name, limits.max_seconds)
    return watch


def _say(plan: Plan, limits: Limits, log: Log) -> None:
    """Every choice that the user might have made otherwise."""
    for remark in (plan.choice.remark, plan.pictures_remark(limits), plan.sound_remark):
        if remark:
            log.note(remark)


def _checked(result: Probe, recording: Recording, sources: list[Probe], log: Log) -> Probe:
    """Catch what ffmpeg passes over in silence: an empty result, or a part cut off."""
    if result.audio is None or not result.duration:
        raise BadInput(f"{recording.name} is empty: it has no sound of any length")
    promised = max((p.duration or 0 for p in sources if p.exact or p.cut), default=0)
    if result.duration < promised - max(2.0, 0.02 * promised):
        lengths = f"after {result.duration:.0f} of {promised:.0f} s"
        # Programs that cut an MP3 may leave its header as it was: trying again mends nothing.
        if not recording.whole and any(p.exact for p in sources):
            raise TemporaryFault(f"the transfer of {recording.name} broke off {lengths}")
        log.note(f"{recording.name} is damaged and ends {lengths}: check it", level="warning")
    return result


def _defects(plan: Plan, made: Probe, name: str, log: Log) -> list[Defect]:
    """What the played sound lacks, on the MP4's clock; said where there is any."""
    found = worth_noting(plan.defects(made.duration or 0.0), made.duration or 0.0)
    if found:
        log.note(f"{name} has no sound {describe(found)}", level="warning")
    return found
