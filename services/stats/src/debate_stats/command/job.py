"""The order: find the transcripts, compute what is not up to date, write it beside them."""

import hashlib
from collections.abc import Callable
from functools import partial

from debate_contract.logs import Log
from debate_contract.storage import Location, exists, locate, read, write

from debate_stats import __version__
from debate_stats.command.faults import Fault, sum_up, warn
from debate_stats.command.parallel import each
from debate_stats.command.settings import Settings
from debate_stats.figures.artefact import (
    INTERACTIONS,
    SPEAKER_STATS,
    TRANSCRIPT_STATS,
    Provenance,
    is_current,
    write_artefacts,
)
from debate_stats.figures.statistics import compute_statistics
from debate_stats.storage import companion, find_transcripts
from debate_stats.transcript.fast_parsing import read_transcript


def run(settings: Settings, log: Log, now: Callable[[], str]) -> None:
    """Bring the statistics of every transcript under the prefix up to date.

    A transcript that fails never hides the others: the rest is done, then one error lists those
    that failed.
    """
    uris = [str(found) for found in find_transcripts(locate(settings.prefix))]
    log.started(f"computing the statistics of {_counted(len(uris))} under {settings.prefix}")
    work = partial(_update_at, now=now, force=settings.force)
    written: list[str] = []
    faults: dict[str, Fault] = {}
    for done, outcome in enumerate(each(work, uris, settings.workers), 1):
        log.progress("statistics", done, len(uris), "transcripts")
        written += outcome.result or []
        if outcome.fault:
            faults[outcome.item] = outcome.fault
            warn(log, outcome.item, outcome.fault)
    if faults:
        raise sum_up(faults, len(uris))
    log.finished(_summary(len(uris), len(written)), outputs=sorted(written), skipped=not written)


def _update_at(uri: str, now: Callable[[], str], *, force: bool) -> list[str]:
    return update(locate(uri), now, force=force)


def update(transcript: Location, now: Callable[[], str], *, force: bool = False) -> list[str]:
    """Write the statistics of one transcript; returns what was written, nothing if all is current.

    Raises BadTranscript.
    """
    content = read(transcript)
    digest = hashlib.sha256(content).hexdigest()
    if not force and _is_up_to_date(transcript, digest):
        return []
    statistics = compute_statistics(read_transcript(content))
    files = write_artefacts(statistics, Provenance(digest, __version__, now()))
    places = {companion(transcript, suffix): made for suffix, made in files.items()}
    for place, made in places.items():
        write(place, made)
    return [str(place) for place in places]


def _is_up_to_date(transcript: Location, digest: str) -> bool:
    companions = [
        companion(transcript, suffix) for suffix in (TRANSCRIPT_STATS, SPEAKER_STATS, INTERACTIONS)
    ]
    if not all(exists(place) for place in companions):
        return False
    return is_current(read(companions[0]), digest, __version__)


def _summary(transcripts: int, written: int) -> str:
    if not written:
        return f"nothing to do: the statistics of {_counted(transcripts)} are up to date"
    return f"wrote the statistics of {written // 3} of {_counted(transcripts)}"


def _counted(transcripts: int) -> str:
    return "1 transcript" if transcripts == 1 else f"{transcripts} transcripts"
