"""The order: find the transcripts, compute what is not up to date, write it beside them."""

import hashlib
from collections.abc import Callable

from debate_stats import __version__
from debate_stats.artefact import (
    INTERACTIONS,
    SPEAKER_STATS,
    TRANSCRIPT_STATS,
    Provenance,
    is_current,
    write_artefacts,
)
from debate_stats.errors import BadTranscript, BadTranscripts
from debate_stats.logs import Log
from debate_stats.settings import Settings
from debate_stats.statistics import compute_statistics
from debate_stats.storage import (
    Location,
    companion,
    exists,
    find_transcripts,
    locate,
    read,
    write_atomically,
)
from debate_stats.transcript import parse_transcript


def run(settings: Settings, log: Log, now: Callable[[], str]) -> None:
    """Bring the statistics of every transcript under the prefix up to date.

    A bad transcript never hides the others: the rest is done, then BadTranscripts lists the bad.
    """
    transcripts = find_transcripts(locate(settings.prefix))
    log.started(f"computing the statistics of {_counted(len(transcripts))} under {settings.prefix}")
    written: list[str] = []
    faults: dict[str, BadTranscript] = {}
    for done, transcript in enumerate(transcripts):
        log.progress("statistics", done, len(transcripts), "transcripts")
        try:
            written += update(transcript, now, force=settings.force)
        except BadTranscript as fault:
            faults[str(transcript)] = fault
            log.note(f"{transcript}: {fault}", level="warning")
    if faults:
        raise BadTranscripts(faults, len(transcripts))
    log.finished(_summary(transcripts, written), outputs=written, skipped=not written)


def update(transcript: Location, now: Callable[[], str], *, force: bool = False) -> list[str]:
    """Write the statistics of one transcript; returns what was written, nothing if all is current.

    Raises BadTranscript.
    """
    content = read(transcript)
    digest = hashlib.sha256(content).hexdigest()
    if not force and _is_up_to_date(transcript, digest):
        return []
    statistics = compute_statistics(parse_transcript(content))
    files = write_artefacts(statistics, Provenance(digest, __version__, now()))
    places = {companion(transcript, suffix): made for suffix, made in files.items()}
    for place, made in places.items():
        write_atomically(place, made)
    return [str(place) for place in places]


def _is_up_to_date(transcript: Location, digest: str) -> bool:
    companions = [
        companion(transcript, suffix) for suffix in (TRANSCRIPT_STATS, SPEAKER_STATS, INTERACTIONS)
    ]
    if not all(exists(place) for place in companions):
        return False
    return is_current(read(companions[0]), digest, __version__)


def _summary(transcripts: list[Location], written: list[str]) -> str:
    if not written:
        return f"nothing to do: the statistics of {_counted(len(transcripts))} are up to date"
    done = len(written) // 3
    return f"wrote the statistics of {done} of {_counted(len(transcripts))}"


def _counted(transcripts: int) -> str:
    return "1 transcript" if transcripts == 1 else f"{transcripts} transcripts"
