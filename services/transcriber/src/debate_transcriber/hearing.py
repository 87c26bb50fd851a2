"""The words and the voices of a prepared recording, at the same time where that gains something."""

from dataclasses import asdict
from functools import partial

from debate_contract.logs import Log

from debate_transcriber import schedule
from debate_transcriber.artefacts import answers
from debate_transcriber.earlier import Heard, as_written, parse_heard
from debate_transcriber.engines.selection import Engines
from debate_transcriber.preparation import Ready
from debate_transcriber.speech import Diarization, Kept, Progress


def hear(ready: Ready, engines: Engines, log: Log) -> tuple[Heard, Diarization]:
    """Words and turns; what an earlier attempt or an earlier transcript has is not made again."""
    stage = ready.checkpoints.stage
    with stage("diarization", engines.diarizer.info.identity) as voices:
        diarize = partial(_diarize, ready, engines, log, voices)
        if heard := _heard_before(ready, log):
            return schedule.one_after_the_other(lambda _check: heard, diarize)
        identity = engines.recogniser.info.identity | asdict(ready.order.settings.hints)
        with stage("recognition", identity) as words:
            recognise = partial(_recognise, ready, engines, log, words)
            infos = (engines.recogniser.info, engines.diarizer.info)
            devices = [info.parameters.get("device") for info in infos]
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
    ready: Ready, engines: Engines, log: Log, kept: Kept, check: schedule.Check
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
    ready: Ready, engines: Engines, log: Log, kept: Kept, check: schedule.Check
) -> Diarization:
    count, progress = ready.order.settings.count, _checked(check, log, "diarization")
    with ready.clock.step("diarization"):
        return engines.diarizer.diarize(ready.waveform, ready.speech, count, progress, kept)


def _checked(check: schedule.Check, log: Log, step: str) -> Progress:
    def progress(done: float, total: float) -> None:
        check()
        log.progress(step, done, total)

    return progress
