"""The words and the voices of a prepared recording, at the same time where that gains something."""

from contextlib import ExitStack
from dataclasses import asdict

from debate_transcriber import schedule
from debate_transcriber.artefacts import answers
from debate_transcriber.earlier import Heard, as_written, parse_heard
from debate_transcriber.engines.selection import Engines
from debate_transcriber.logs import Log
from debate_transcriber.preparation import Ready
from debate_transcriber.speech import Diarization, Kept, Progress


def hear(ready: Ready, engines: Engines, log: Log) -> tuple[Heard, Diarization]:
    """Words and turns; what an earlier attempt or an earlier transcript has is not made again."""
    recogniser, diarizer = engines.recogniser, engines.diarizer
    heard = _heard_before(ready, log)
    with ExitStack() as stages:
        stage = ready.checkpoints.stage
        hints = asdict(ready.order.settings.hints)
        words = (
            {}
            if heard
            else stages.enter_context(stage("recognition", recogniser.info.identity | hints))
        )
        voices = stages.enter_context(stage("diarization", diarizer.info.identity))

        def recognise(check: schedule.Check) -> Heard:
            return heard or _recognise(ready, engines, log, check, words)

        def diarize(check: schedule.Check) -> Diarization:
            return _diarize(ready, engines, log, check, voices)

        devices = [engine.info.parameters.get("device") for engine in (recogniser, diarizer)]
        if schedule.gains_side_by_side(devices):
            return schedule.side_by_side(recognise, diarize)
        return schedule.one_after_the_other(recognise, diarize)


def _heard_before(ready: Ready, log: Log) -> Heard | None:
    """Return the words of the finished transcript where only the speakers are asked for anew.

    They are kept among the finished work too, for the transcript goes before its successor comes.
    """
    if ready.order.settings.force:
        return None
    request = ready.provenance.request_for_words
    with ready.checkpoints.stage("words", request) as kept:
        if answers(ready.finished, ready.provenance, request):
            kept.setdefault("transcript", ready.finished)
        if "transcript" not in kept:
            return None
        log.note("the words are kept: only the speakers are told apart anew")
        return parse_heard(kept["transcript"])


def _recognise(
    ready: Ready, engines: Engines, log: Log, check: schedule.Check, kept: Kept
) -> Heard:
    """Words from the recogniser, as a transcript would have them."""
    recogniser, hints = engines.recogniser, ready.order.settings.hints
    if remark := recogniser.remark(hints):
        log.note(remark, level="warning")
    progress = _checked(check, log, "recognition")
    with ready.clock.step("recognition"):
        found = recogniser.recognise(ready.waveform, ready.speech, hints, progress, kept)
    return Heard(as_written(found), recogniser.info)


def _diarize(
    ready: Ready, engines: Engines, log: Log, check: schedule.Check, kept: Kept
) -> Diarization:
    count, progress = ready.order.settings.count, _checked(check, log, "diarization")
    with ready.clock.step("diarization"):
        return engines.diarizer.diarize(ready.waveform, ready.speech, count, progress, kept)


def _checked(check: schedule.Check, log: Log, step: str) -> Progress:
    def progress(done: float, total: float) -> None:
        check()
        log.progress(step, done, total)

    return progress
