"""The order of things: find the recordings, choose the engines, transcribe what is not yet done.

Each recording is decoded and searched for speech while the one before it is worked on
(work/preparation.py); then its words and voices are found (work/hearing.py), merged, written.
"""

from contextlib import closing
from functools import partial

from debate_contract.logs import Log
from debate_contract.storage import fill_in, locate

from debate_transcriber import audio
from debate_transcriber.audio.peaks import compute_peaks
from debate_transcriber.engines.selection import Engines, choose_engines
from debate_transcriber.recordings.find import find_recordings
from debate_transcriber.settings import Settings
from debate_transcriber.transcript.artefacts import (
    Result,
    compose_transcript,
    serialise_json,
    serialise_voices,
    write_artefacts,
)
from debate_transcriber.transcript.merging import merge
from debate_transcriber.work import schedule
from debate_transcriber.work.hearing import hear
from debate_transcriber.work.preparation import Order, Ready, prepare
from debate_transcriber.work.usage import describe_peak_memory


def run(settings: Settings, log: Log) -> None:
    """Transcribe every recording under the prefix that has no transcript of this kind yet."""
    batch = (settings.array_index, settings.job_id)
    recordings = find_recordings(locate(fill_in(settings.video_prefix, *batch)))
    folder = locate(fill_in(settings.output_prefix, *batch)) / "transcripts"
    log.started(f"transcribing {_some(len(recordings))} from {recordings[0].location.parent}")
    wanted = [(recording, settings.for_recording(recording.wishes)) for recording in recordings]
    fetching = partial(log.progress, unit="bytes")
    engines = choose_engines(settings, fetching)
    if engines.reasons:
        log.note("; ".join(engines.reasons))
    orders = [Order(recording, own, folder, engines.names) for recording, own in wanted]
    outputs: list[str] = []
    with closing(schedule.prepared_ahead(orders, partial(prepare, log))) as prepared:
        for ready in prepared:
            outputs += _transcribe(ready, engines, log) if ready else []
            del ready  # its waveform may be 1.4 GB, and the next one is being decoded
    what = (
        f"transcripts are in {folder}"
        if outputs
        else "nothing to do: every transcript is up to date"
    )
    log.finished(what, outputs, skipped=not outputs)


def _some(count: int) -> str:
    return "1 recording" if count == 1 else f"{count} recordings"


def _transcribe(ready: Ready, engines: Engines, log: Log) -> list[str]:
    """Find the words and the voices, and write them; return the files."""
    paths, clock = ready.order.paths, ready.clock
    clock.resume()
    result = _find(ready, engines, log)
    contents = {
        "peaks": serialise_json(compute_peaks(ready.waveform)),
        "voices": serialise_voices(result.diarization),
        "transcript": serialise_json(compose_transcript(result, ready.provenance)),
    }
    write_artefacts(paths, contents)
    ready.checkpoints.clear()
    log.note(f"{paths['transcript'].name} took {clock.total:.0f} s; {describe_peak_memory()}")
    return [str(path) for path in paths.values()]


def _find(ready: Ready, engines: Engines, log: Log) -> Result:
    clock = ready.clock
    parts = hear(ready, engines, log)
    with clock.step("merge"):
        recognition, diarization, segments = merge(
            [(heard.recognition, voices) for heard, voices in parts]
        )
    return Result(
        duration=audio.duration_of(ready.waveform),
        recognition=recognition,
        diarization=diarization,
        segments=segments,
        asr=parts[0][0].asr,
        diarizer=engines.diarizer.info,
        timings=clock.timings,
        processing_time=clock.total,
        defects=ready.order.recording.defects,
    )
