"""The order of things: find the recordings, choose the engines, transcribe what is not yet done."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from debate_transcriber import audio, voice_activity
from debate_transcriber.artefacts import (
    Provenance,
    Result,
    answers,
    artefact_paths,
    compose_transcript,
    is_up_to_date,
    load_transcript,
    serialise_json,
    serialise_voices,
    write_artefacts,
)
from debate_transcriber.assignment import assign_words
from debate_transcriber.checkpoints import Checkpoints
from debate_transcriber.earlier import Heard, as_written, parse_heard
from debate_transcriber.engines.selection import Engines, choose_engines
from debate_transcriber.logs import Log
from debate_transcriber.peaks import compute_peaks
from debate_transcriber.recordings import Recording, digest_of, find_recordings, local_copy
from debate_transcriber.segments import cut_segments
from debate_transcriber.settings import Settings
from debate_transcriber.speech import Hints, Interval, Waveform
from debate_transcriber.storage import Location, locate


def run(settings: Settings, log: Log) -> None:
    """Transcribe every recording under the prefix that has no transcript of this kind yet."""
    batch = (settings.array_index, settings.job_id)
    recordings = find_recordings(locate(settings.video_prefix, *batch))
    folder = locate(settings.output_prefix, *batch) / "transcripts"
    log.started(f"transcribing {_some(len(recordings))} from {recordings[0].location.parent}")
    orders = [(item, settings.for_recording(item.wishes)) for item in recordings]
    engines = choose_engines(settings, {order.hints.language for _, order in orders})
    if engines.reasons:
        log.note("; ".join(engines.reasons))
    outputs: list[str] = []
    for recording, order in orders:
        outputs += _transcribe_unless_done(recording, folder, order, engines, log)
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
    finished = None if settings.force else load_transcript(paths)
    if is_up_to_date(paths, finished, provenance):
        checkpoints.clear()
        log.note(f"{recording.stem} is up to date; --force repeats the work")
        return []
    heard = None if settings.force else _heard_before(finished, provenance, checkpoints, log)
    waveform, result = _transcribe(recording, settings, engines, heard, checkpoints, log)
    contents = {
        "peaks": serialise_json(compute_peaks(waveform)),
        "voices": serialise_voices(result.diarization),
        "transcript": serialise_json(compose_transcript(result, provenance)),
    }
    write_artefacts(paths, contents)
    checkpoints.clear()
    return [str(path) for path in paths.values()]


def _heard_before(
    finished: dict[str, Any] | None, provenance: Provenance, checkpoints: Checkpoints, log: Log
) -> Heard | None:
    """Return the words of the finished transcript where only the speakers are asked for anew.

    They are kept among the finished work too, for the transcript goes before its successor comes.
    """
    request = provenance.request_for_words
    with checkpoints.stage("words", request) as kept:
        if answers(finished, provenance, request):
            kept.setdefault("transcript", finished)
        if "transcript" not in kept:
            return None
        log.note("the words are kept: only the speakers are told apart anew")
        return parse_heard(kept["transcript"])


def _transcribe(
    recording: Recording,
    settings: Settings,
    engines: Engines,
    heard: Heard | None,
    checkpoints: Checkpoints,
    log: Log,
) -> tuple[Waveform, Result]:
    """Decode once, then hear the words and the voices; what an earlier attempt found is kept."""
    clock = Clock()
    with local_copy(recording) as file, clock.step("decode"):
        waveform = audio.decode(file, recording.duration, partial(log.progress, "decode"))
    with clock.step("voice_activity"), checkpoints.stage("voice_activity", {}) as kept:
        progress = partial(log.progress, "voice_activity")
        speech = voice_activity.find_speech(waveform, progress, kept)
    with clock.step("recognition"):
        heard = heard or _recognise(waveform, speech, settings.hints, engines, checkpoints, log)
    with clock.step("diarization"):
        diarizer, count = engines.diarizer, settings.count
        with checkpoints.stage("diarization", diarizer.info.identity) as kept:
            progress = partial(log.progress, "diarization")
            diarization = diarizer.diarize(waveform, speech, count, progress, kept)
    with clock.step("merge"):
        words = assign_words(heard.recognition.words, diarization.exclusive)
        segments = cut_segments(words, diarization.speech)
    return waveform, Result(
        duration=audio.duration_of(waveform),
        recognition=heard.recognition,
        diarization=diarization,
        segments=segments,
        asr=heard.asr,
        diarizer=engines.diarizer.info,
        timings=clock.timings,
        processing_time=clock.total,
    )


def _recognise(
    waveform: Waveform,
    speech: list[Interval],
    hints: Hints,
    engines: Engines,
    checkpoints: Checkpoints,
    log: Log,
) -> Heard:
    """Words from the recogniser, as a transcript would have them."""
    recogniser, progress = engines.recogniser, partial(log.progress, "recognition")
    if remark := recogniser.remark(hints):
        log.note(remark, level="warning")
    with checkpoints.stage("recognition", recogniser.info.identity | asdict(hints)) as kept:
        found = recogniser.recognise(waveform, speech, hints, progress, kept)
    return Heard(as_written(found), recogniser.info)


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
