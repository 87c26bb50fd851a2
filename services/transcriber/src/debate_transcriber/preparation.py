"""What may be done with a recording while the one before it is worked on: decode, find speech."""

from dataclasses import dataclass
from typing import Any

from debate_contract.logs import Log
from debate_contract.storage import Location

from debate_transcriber import audio, voice_activity
from debate_transcriber.artefacts import Provenance, artefact_paths, is_up_to_date, load_transcript
from debate_transcriber.checkpoints import Checkpoints
from debate_transcriber.clock import Clock
from debate_transcriber.recordings import Recording, digest_of, local_copy
from debate_transcriber.schedule import Aside
from debate_transcriber.settings import Settings
from debate_transcriber.speech import Interval, Progress, Waveform

# So much is decoded before the recording's turn comes: 230 MB of memory an hour.
SECONDS_AHEAD = 2 * 3600


@dataclass(frozen=True, slots=True)
class Order:
    """A recording, what is wanted of it, and where its transcript goes."""

    recording: Recording
    settings: Settings
    folder: Location
    engine_names: dict[str, object]

    @property
    def paths(self) -> dict[str, Location]:
        """Where the artefacts go, by kind."""
        return artefact_paths(self.folder, self.recording.stem)


@dataclass(frozen=True, slots=True)
class Ready:
    """A recording to be transcribed: decoded, its stretches of speech found.

    `finished` is the transcript that is there, made from other wishes or nobody knows what.
    """

    order: Order
    provenance: Provenance
    checkpoints: Checkpoints
    finished: dict[str, Any] | None
    waveform: Waveform
    speech: list[Interval]
    clock: Clock


def prepare(log: Log, order: Order, aside: Aside[Ready | None]) -> Ready | None:
    """Decode the recording and find its speech; None when its transcript is up to date.

    Silently, and not much of it, until the recording's turn has come.
    """
    recording, settings = order.recording, order.settings
    request = settings.request | order.engine_names
    provenance = Provenance(recording.path, digest_of(recording), recording.source, request)
    work = order.folder.parent / ".work" / recording.stem
    checkpoints = Checkpoints(work, provenance.sha256, log)
    finished = None if settings.force else load_transcript(order.paths)
    if is_up_to_date(order.paths, finished, provenance):
        checkpoints.clear()
        log.note(f"{recording.stem} is up to date; --force repeats the work")
        return None
    clock = Clock()
    with local_copy(recording) as file, clock.step("decode"):
        progress = _ahead(aside, clock, log, "decode")
        waveform = audio.decode(file, recording.duration, progress, settings.max_seconds)
    with clock.step("voice_activity"), checkpoints.stage("voice_activity", {}) as kept:
        progress = _ahead(aside, clock, log, "voice_activity")
        speech = voice_activity.find_speech(waveform, progress, kept)
    clock.pause()
    return Ready(order, provenance, checkpoints, finished, waveform, speech, clock)


def _ahead(aside: Aside[Ready | None], clock: Clock, log: Log, step: str) -> Progress:
    """Report progress once the recording's turn has come; before, hold back what is large."""

    def progress(done: float, total: float) -> None:
        aside.check()
        if done > SECONDS_AHEAD and not aside.is_wanted:
            clock.pause()
            aside.wait_until_wanted()
            clock.resume()
        if aside.is_wanted:
            log.progress(step, done, total)

    return progress
