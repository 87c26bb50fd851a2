"""The words and the voices of a prepared recording, at the same time where that gains something.

Where every channel is a person's own, each is heard as a recording with one speaker.
"""

from dataclasses import asdict, dataclass
from functools import partial

from debate_contract.logs import Log

from debate_transcriber.engines.selection import Engines
from debate_transcriber.engines.speech import Diarization, Kept, Progress, SpeakerCount
from debate_transcriber.transcript.artefacts import answers
from debate_transcriber.transcript.earlier import Heard, as_written, parse_heard
from debate_transcriber.work import schedule
from debate_transcriber.work.preparation import Ready, Share, Voices


def hear(ready: Ready, engines: Engines, log: Log) -> list[tuple[Heard, Diarization]]:
    """Words and turns of each part; what an earlier attempt or transcript has is not made again."""
    for remark in ready.remarks:
        log.note(remark)
    count = len(ready.parts)
    parts = (_Part(ready, ready.parts[i], Share(i, count)) for i in range(count))
    return [_hear(part, engines, log) for part in parts]


@dataclass(frozen=True, slots=True)
class _Part:
    """What is heard at once."""

    of: Ready
    sound: Voices
    share: Share

    @property
    def count(self) -> SpeakerCount:
        """How many speak: one, where every channel is a person's own."""
        settings = self.of.order.settings
        return SpeakerCount(exact=1) if settings.channels == "speakers" else settings.count


def _hear(part: _Part, engines: Engines, log: Log) -> tuple[Heard, Diarization]:
    stage = part.of.checkpoints.stage
    with stage("diarization", engines.diarizer.info.identity | part.share.name) as voices:
        diarize = partial(_diarize, part, engines, log, voices)
        if heard := _heard_before(part.of, log):
            return schedule.one_after_the_other(lambda _check: heard, diarize)
        hints = asdict(part.of.order.settings.hints)
        identity = engines.recogniser.info.identity | hints | part.share.name
        with stage("recognition", identity) as words:
            recognise = partial(_recognise, part, engines, log, words)
            infos = (engines.recogniser.info, engines.diarizer.info)
            devices = [info.parameters.get("device") for info in infos]
            if schedule.gains_side_by_side(devices):
                return schedule.side_by_side(recognise, diarize)
            return schedule.one_after_the_other(recognise, diarize)


def _heard_before(ready: Ready, log: Log) -> Heard | None:
    """Return the words of the finished transcript where only the speakers are asked for anew.

    They are kept among the finished work too, for the transcript goes before its successor comes.
    """
    settings = ready.order.settings
    if settings.force or settings.channels == "speakers":
        return None
    request = ready.provenance.request_for_words
    with ready.checkpoints.stage("words", request) as kept:
        if answers(ready.finished, ready.provenance, request):
            kept.setdefault("transcript", ready.finished)
        if "transcript" not in kept:
            return None
        log.note("the words are kept: only the speakers are told apart anew")
        return parse_heard(kept["transcript"])


def _recognise(part: _Part, engines: Engines, log: Log, kept: Kept, check: schedule.Check) -> Heard:
    """Words from the recogniser, as a transcript would have them."""
    recogniser, hints = engines.recogniser, part.of.order.settings.hints
    if (remark := recogniser.remark(hints)) and part.share.number == 0:
        log.note(remark, level="warning")
    progress, sound = part.share.of(_checked(check, log, "recognition")), part.sound
    with part.of.clock.step("recognition"):
        found = recogniser.recognise(sound.waveform, sound.speech, hints, progress, kept)
    return Heard(as_written(found), recogniser.info)


def _diarize(
    part: _Part, engines: Engines, log: Log, kept: Kept, check: schedule.Check
) -> Diarization:
    progress, sound = part.share.of(_checked(check, log, "diarization")), part.sound
    with part.of.clock.step("diarization"):
        return engines.diarizer.diarize(sound.waveform, sound.speech, part.count, progress, kept)


def _checked(check: schedule.Check, log: Log, step: str) -> Progress:
    def progress(done: float, total: float) -> None:
        check()
        log.progress(step, done, total)

    return progress
