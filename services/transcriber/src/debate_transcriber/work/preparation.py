"""What may be done with a recording while the one before it is worked on: decode, find speech."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from debate_contract.logs import Log
from debate_contract.storage import Location

from debate_transcriber import audio
from debate_transcriber.audio import voice_activity
from debate_transcriber.engines.speech import Interval, Progress, Waveform
from debate_transcriber.recordings.find import Recording, digest_of, local_copy
from debate_transcriber.settings import Settings
from debate_transcriber.transcript.artefacts import (
    Provenance,
    artefact_paths,
    is_up_to_date,
    load_transcript,
)
from debate_transcriber.work.checkpoints import Checkpoints
from debate_transcriber.work.clock import Clock
from debate_transcriber.work.schedule import Aside

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
class Share:
    """One of the parts of a recording that are worked on one after the other."""

    number: int
    count: int

    @property
    def name(self) -> dict[str, object]:
        """Tells its finished work from that of the others; nothing where there are none."""
        return {"part": self.number} if self.count > 1 else {}

    def of(self, progress: Progress) -> Progress:
        """Report its progress as a share of the whole."""
        return lambda done, total: progress(self.number * total + done, self.count * total)


@dataclass(frozen=True, slots=True)
class Voices:
    """Sound to be recognised on its own, and where in it there is speech: of all, or of one."""

    waveform: Waveform
    speech: list[Interval]


@dataclass(frozen=True, slots=True)
class Ready:
    """A recording to be transcribed: decoded, its stretches of speech found.

    `parts` is all sound as one, or each speaker's own. `finished` is the transcript that is there,
    made from other wishes or nobody knows what. `remarks` are for the user.
    """

    order: Order
    provenance: Provenance
    checkpoints: Checkpoints
    finished: dict[str, Any] | None
    parts: list[Voices]
    clock: Clock
    remarks: tuple[str, ...] = ()

    @property
    def waveform(self) -> Waveform:
        """All sound as one."""
        first, *others = (part.waveform for part in self.parts)
        return np.mean([first, *others], axis=0, dtype=np.float32) if others else first


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
    remarks: list[str] = []
    with local_copy(recording) as file, clock.step("decode"):
        progress = _ahead(aside, clock, log, "decode")
        waveforms = _decode(order, file, progress, remarks.append)
    with clock.step("voice_activity"):
        progress = _ahead(aside, clock, log, "voice_activity")
        parts = [
            Voices(one, _find_speech(one, checkpoints, Share(number, len(waveforms)), progress))
            for number, one in enumerate(waveforms)
        ]
    clock.pause()
    return Ready(order, provenance, checkpoints, finished, parts, clock, tuple(remarks))


def _decode(
    order: Order, file: Path, progress: Progress, remark: Callable[[str], None]
) -> list[Waveform]:
    """Decode all sound as one, or each speaker's own, exactly as long as the recording plays."""
    recording, settings = order.recording, order.settings
    known = (file, recording.duration, progress, settings.max_seconds)
    apart = recording.apart
    if settings.channels == "mix":
        waveform = audio.decode(*known, apart=apart, remark=remark)
        return [audio.fit(waveform, recording.duration)]
    voices = audio.decode_voices(*known, apart=apart)
    if len(voices) == 1:
        remark(f"{recording.stem} has one channel only: CHANNELS=speakers finds one speaker in it")
    voices = [audio.fit(voice, recording.duration).copy() for voice in voices]
    audio.silence_bleed(voices)
    return voices


def _find_speech(
    waveform: Waveform, checkpoints: Checkpoints, share: Share, progress: Progress
) -> list[Interval]:
    with checkpoints.stage("voice_activity", share.name) as kept:
        return voice_activity.find_speech(waveform, share.of(progress), kept)


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
