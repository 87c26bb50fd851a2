"""The order of things: find the recordings, choose the engines, transcribe what is not yet done."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial

from debate_transcriber import audio, schedule, voice_activity
from debate_transcriber.artefacts import (
    Provenance,
    Result,
    artefact_paths,
    compose_transcript,
    is_up_to_date,
    serialise_json,
    serialise_voices,
    write_artefacts,
)
from debate_transcriber.assignment import assign_words
from debate_transcriber.checkpoints import Checkpoints
from debate_transcriber.engines.selection import Engines, choose_engines
from debate_transcriber.logs import Log
from debate_transcriber.peaks import compute_peaks
from debate_transcriber.recordings import Recording, digest_of, find_recordings, local_copy
from debate_transcriber.segments import cut_segments
from debate_transcriber.settings import Settings
from debate_transcriber.speech import Diarization, Interval, Kept, Progress, Recognition, Waveform
from debate_transcriber.storage import Location, locate
from debate_transcriber.usage import describe_peak_memory

# Of the next recording, decoded while this one is worked on: 230 MB of memory an hour.
SECONDS_AHEAD = 2 * 3600


def run(settings: Settings, log: Log) -> None:
    """Transcribe every recording under the prefix that has no transcript of this kind yet."""
    batch = (settings.array_index, settings.job_id)
    recordings = find_recordings(locate(settings.video_prefix, *batch))
    folder = locate(settings.output_prefix, *batch) / "transcripts"
    log.started(f"transcribing {_some(len(recordings))} from {recordings[0].location.parent}")
    engines = choose_engines(settings)
    if engines.reasons:
        log.note("; ".join(engines.reasons))
    job = Job(settings, folder, engines, log)
    outputs: list[str] = []
    with closing(schedule.prepared_ahead(recordings, job.prepare)) as prepared:
        for ready in prepared:
            outputs += job.transcribe(ready) if ready else []
            del ready  # its waveform may be 1.4 GB, and the next one is being decoded
    what = (
        f"transcripts are in {folder}"
        if outputs
        else "nothing to do: every transcript is up to date"
    )
    log.finished(what, outputs, skipped=not outputs)


def _some(count: int) -> str:
    return "1 recording" if count == 1 else f"{count} recordings"


@dataclass(frozen=True, slots=True)
class Ready:
    """A recording to be transcribed: decoded, its stretches of speech found."""

    provenance: Provenance
    paths: dict[str, Location]
    checkpoints: Checkpoints
    waveform: Waveform
    speech: list[Interval]
    clock: "Clock"


@dataclass(frozen=True, slots=True)
class Job:
    """What all recordings of a run share."""

    settings: Settings
    folder: Location
    engines: Engines
    log: Log

    def prepare(self, recording: Recording, aside: schedule.Aside[Ready | None]) -> Ready | None:
        """Decode the recording and find its speech; None when its transcript is up to date.

        This is done while the recording before it is transcribed, but not much of it, and silently.
        """
        paths = artefact_paths(self.folder, recording.stem)
        request = self.settings.request | self.engines.names
        provenance = Provenance(recording.path, digest_of(recording), recording.source, request)
        work = self.folder.parent / ".work" / recording.stem
        checkpoints = Checkpoints(work, provenance.sha256, self.log)
        if not self.settings.force and is_up_to_date(paths, provenance):
            checkpoints.clear()
            self.log.note(f"{recording.stem} is up to date; --force repeats the work")
            return None
        clock = Clock()
        with local_copy(recording) as file, clock.step("decode"):
            progress = self._ahead(aside, clock, "decode")
            waveform = audio.decode(file, recording.duration, progress)
        with clock.step("voice_activity"), checkpoints.stage("voice_activity", {}) as kept:
            progress = self._ahead(aside, clock, "voice_activity")
            speech = voice_activity.find_speech(waveform, progress, kept)
        clock.pause()
        return Ready(provenance, paths, checkpoints, waveform, speech, clock)

    def _ahead(self, aside: schedule.Aside[Ready | None], clock: "Clock", step: str) -> Progress:
        """Report progress once the recording's turn has come; before, hold back what is large."""

        def progress(done: float, total: float) -> None:
            aside.check()
            if done > SECONDS_AHEAD and not aside.is_wanted:
                clock.pause()
                aside.wait_until_wanted()
                clock.resume()
            if aside.is_wanted:
                self.log.progress(step, done, total)

        return progress

    def transcribe(self, ready: Ready) -> list[str]:
        """Hear the words and the voices, and write what was found; return the files."""
        clock = ready.clock
        clock.resume()
        recognition, diarization = self._hear(ready)
        with clock.step("merge"):
            words = assign_words(recognition.words, diarization.exclusive)
            segments = cut_segments(words, diarization.speech)
        result = Result(
            duration=audio.duration_of(ready.waveform),
            recognition=recognition,
            diarization=diarization,
            segments=segments,
            asr=self.engines.recogniser.info,
            diarizer=self.engines.diarizer.info,
            timings=clock.timings,
            processing_time=clock.total,
        )
        contents = {
            "peaks": serialise_json(compute_peaks(ready.waveform)),
            "voices": serialise_voices(diarization),
            "transcript": serialise_json(compose_transcript(result, ready.provenance)),
        }
        write_artefacts(ready.paths, contents)
        ready.checkpoints.clear()
        name = ready.paths["transcript"].name
        self.log.note(f"{name} took {clock.total:.0f} s; {describe_peak_memory()}")
        return [str(path) for path in ready.paths.values()]

    def _hear(self, ready: Ready) -> tuple[Recognition, Diarization]:
        """Words and turns, at the same time where that gains something."""
        recogniser, diarizer = self.engines.recogniser.info, self.engines.diarizer.info
        words_key = recogniser.identity | asdict(self.settings.hints)
        with (
            ready.checkpoints.stage("recognition", words_key) as words,
            ready.checkpoints.stage("diarization", diarizer.identity) as voices,
        ):
            recognise = partial(self._recognise, ready, words)
            diarize = partial(self._diarize, ready, voices)
            devices = [info.parameters.get("device") for info in (recogniser, diarizer)]
            if schedule.gains_side_by_side(devices):
                return schedule.side_by_side(recognise, diarize)
            return schedule.one_after_the_other(recognise, diarize)

    def _recognise(self, ready: Ready, kept: Kept, check: schedule.Check) -> Recognition:
        progress = self._checked(check, "recognition")
        with ready.clock.step("recognition"):
            return self.engines.recogniser.recognise(
                ready.waveform, ready.speech, self.settings.hints, progress, kept
            )

    def _diarize(self, ready: Ready, kept: Kept, check: schedule.Check) -> Diarization:
        progress = self._checked(check, "diarization")
        with ready.clock.step("diarization"):
            return self.engines.diarizer.diarize(
                ready.waveform, ready.speech, self.settings.count, progress, kept
            )

    def _checked(self, check: schedule.Check, step: str) -> Progress:
        def progress(done: float, total: float) -> None:
            check()
            self.log.progress(step, done, total)

        return progress


@dataclass(slots=True)
class Clock:
    """How long each step took, in seconds; not counted is what lies between pause and resume."""

    timings: dict[str, float] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)
    paused: float | None = None

    @property
    def total(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self.begun

    def pause(self) -> None:
        """Stop counting: nobody works on the recording."""
        self.paused = time.monotonic()

    def resume(self) -> None:
        """Go on counting."""
        if self.paused is not None:
            self.begun += time.monotonic() - self.paused
            self.paused = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        start = self.total
        yield
        self.timings[name] = self.total - start
