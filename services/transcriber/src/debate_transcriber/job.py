"""The order of things: find the recordings, choose the engines, transcribe what is not yet done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial

from debate_transcriber import audio, voice_activity
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
from debate_transcriber.speech import Waveform
from debate_transcriber.storage import Location, locate


def run(settings: Settings, log: Log) -> None:
    """Transcribe every recording under the prefix that has no transcript of this kind yet."""
    batch = (settings.array_index, settings.job_id)
    recordings = find_recordings(locate(settings.video_prefix, *batch))
    folder = locate(settings.output_prefix, *batch) / "transcripts"
    log.started(f"transcribing {_some(len(recordings))} from {recordings[0].location.parent}")
    engines = choose_engines(settings)
    if engines.reasons:
        log.note("; ".join(engines.reasons))
    outputs: list[str] = []
    for recording in recordings:
        outputs += _transcribe_unless_done(recording, folder, settings, engines, log)
    what = (
        f"transcripts are in {folder}"
        if outputs
        else "nothing to do: every transcript is up to date"
    )
    log.finished(what, outputs, skipped=not outputs)


def _some(count: int) -> str:
    return "1 recording" if count == 1 else f"{count} recordings"


def _transcribe_unless_done(
    recording: Recording, folder: Location, settings: Settings, engines: Engines, log: Log
) -> list[str]:
    """Return the files written."""
    paths = artefact_paths(folder, recording.stem)
    request = settings.request | engines.names
    provenance = Provenance(recording.path, digest_of(recording), recording.source, request)
    checkpoints = Checkpoints(folder.parent / ".work" / recording.stem, provenance.sha256, log)
    if not settings.force and is_up_to_date(paths, provenance):
        checkpoints.clear()
        log.note(f"{recording.stem} is up to date; --force repeats the work")
        return []
    waveform, result = _transcribe(recording, settings, engines, checkpoints, log)
    contents = {
        "peaks": serialise_json(compute_peaks(waveform)),
        "voices": serialise_voices(result.diarization),
        "transcript": serialise_json(compose_transcript(result, provenance)),
    }
    write_artefacts(paths, contents)
    checkpoints.clear()
    return [str(path) for path in paths.values()]


def _transcribe(
    recording: Recording, settings: Settings, engines: Engines, checkpoints: Checkpoints, log: Log
) -> tuple[Waveform, Result]:
    """Decode once, then hear the words and the voices; what an earlier attempt found is kept."""
    clock = Clock()
    with local_copy(recording) as file, clock.step("decode"):
        waveform = audio.decode(file, recording.duration, partial(log.progress, "decode"))
    with clock.step("voice_activity"), checkpoints.stage("voice_activity", {}) as kept:
        progress = partial(log.progress, "voice_activity")
        speech = voice_activity.find_speech(waveform, progress, kept)
    with clock.step("recognition"):
        recogniser, hints = engines.recogniser, settings.hints
        with checkpoints.stage("recognition", recogniser.info.identity | asdict(hints)) as kept:
            progress = partial(log.progress, "recognition")
            recognition = recogniser.recognise(waveform, speech, hints, progress, kept)
    with clock.step("diarization"):
        diarizer, count = engines.diarizer, settings.count
        with checkpoints.stage("diarization", diarizer.info.identity) as kept:
            progress = partial(log.progress, "diarization")
            diarization = diarizer.diarize(waveform, speech, count, progress, kept)
    with clock.step("merge"):
        words = assign_words(recognition.words, diarization.exclusive)
        segments = cut_segments(words, diarization.speech)
    return waveform, Result(
        duration=audio.duration_of(waveform),
        recognition=recognition,
        diarization=diarization,
        segments=segments,
        asr=engines.recogniser.info,
        diarizer=engines.diarizer.info,
        timings=clock.timings,
        processing_time=clock.total,
    )


@dataclass(slots=True)
class Clock:
    """How long each step took, in seconds."""

    timings: dict[str, float] = field(default_factory=dict)
    begun: float = field(default_factory=time.monotonic)

    @property
    def total(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self.begun

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        start = time.monotonic()
        yield
        self.timings[name] = time.monotonic() - start
