"""The order: find the transcripts, put them in buckets, bring those up to date that changed."""

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from debate_contract.logs import Log
from debate_contract.storage import Location, locate, path_within

from debate_stats.command.faults import sum_up, warn
from debate_stats.command.parallel import Outcome, each
from debate_stats.command.settings import CorpusSettings
from debate_stats.dataset.bucket import Updated, update_bucket
from debate_stats.dataset.folder import alone, paths_within, sweep
from debate_stats.dataset.listing import etags_within, marks_within
from debate_stats.dataset.people import read_people
from debate_stats.dataset.rows import SCHEMAS
from debate_stats.dataset.state import Bucket, Source
from debate_stats.dataset.table_files import bucket_in
from debate_stats.storage import TRANSCRIPT_SUFFIX, find_transcripts

# Each has a file a year and table: with more of them, twenty years are thousands of files of a few
# debates; with fewer, more rows of others are written again for the one debate that changed.
BUCKETS = 32
# Among the corrections.
PEOPLE = "people.csv"


def build_corpus(settings: CorpusSettings, log: Log) -> None:
    """Make the dataset hold what the transcripts under the root say, no more and no less.

    A debate that fails is left out; the others are done, then one error lists those that failed.
    """
    waits = partial(log.note, f"another update of {settings.out} is at work: waiting for its end")
    with alone(locate(settings.out), waits):
        sources = find_sources(settings)
        log.started(f"bringing {_some(len(sources))} into the dataset {settings.out}")
        sum_ = _update(settings, sources, log)
    if sum_.faults:
        raise sum_up(sum_.faults, len(sources))
    summary, changed = _summary(len(sources), sum_), sum_.written or sum_.removed
    log.finished(summary, outputs=sorted(sum_.written), skipped=not changed)


def _update(settings: CorpusSettings, sources: list[Source], log: Log) -> Updated:
    """Bring the buckets up to date that fall to this child of an array job."""
    folder, sum_ = locate(settings.out), Updated()
    for place in (folder, folder / "_state"):
        sweep(place)
    buckets = [
        bucket
        for bucket in _buckets(sources, _list_dataset(settings.out))
        if bucket.number % settings.array_size == settings.array_index
    ]
    work = partial(update_bucket, dataset=settings.out)
    for done, outcome in enumerate(each(work, buckets, settings.workers, chunk=1), 1):
        log.progress("dataset", done, len(buckets), "buckets")
        _count(outcome, sum_, log)
    _remove_empty_folders(folder)
    return sum_


def find_sources(settings: CorpusSettings) -> list[Source]:
    """Every debate under the root, sorted by its key: the transcript's path without its ending.

    A corrected transcript is read in place of the one at the same path.
    """
    folder, corrections = locate(settings.root), locate(settings.corrections)
    corrected, below = paths_within(corrections), etags_within(folder)
    etags = below | etags_within(corrections)
    persons = _read_persons(settings.people, corrections, corrected)
    found = []
    for transcript in find_transcripts(folder, corrections, below):
        path = _path_within(transcript, folder)
        known = persons.get(path) or persons.get(str(transcript)) or {}
        key = path.removesuffix(TRANSCRIPT_SUFFIX)
        uri = str(corrections / path if path in corrected else transcript)
        found.append(Source(key, path, uri, known, path in corrected, etags.get(uri)))
    return sorted(found, key=lambda source: source.debate_id)


def bucket_of(debate_id: str) -> int:
    """Drawn by a hash, so that all buckets grow alike and a debate stays in its own."""
    return hashlib.sha256(debate_id.encode()).digest()[0] % BUCKETS


def _list_dataset(dataset: str) -> dict[str, str | None]:
    folder = locate(dataset)
    return {
        f"{name}/{path}": mark
        for name in ("_state", *SCHEMAS)
        for path, mark in marks_within(folder / name).items()
    }


def _read_persons(
    people: str | None, corrections: Location, corrected: set[str]
) -> dict[str, dict[str, str]]:
    """Those of the given table, else those that editors named."""
    if people is None and PEOPLE in corrected:
        people = str(corrections / PEOPLE)
    return read_people(people) if people else {}


def _path_within(transcript: Location, folder: Location) -> str:
    return transcript.name if transcript == folder else path_within(transcript, folder)


def _buckets(sources: Iterable[Source], marks: Mapping[str, str | None]) -> list[Bucket]:
    """Every bucket that has debates or files."""
    debates: dict[int, list[Source]] = {}
    files: dict[int, dict[str, str | None]] = {}
    for source in sources:
        debates.setdefault(bucket_of(source.debate_id), []).append(source)
    for path, mark in marks.items():
        if (number := bucket_in(path)) is not None:
            # Where there were more buckets, the hash puts all debates of one into this one.
            files.setdefault(number % BUCKETS, {})[path] = mark
    return [
        Bucket(number, tuple(debates.get(number, ())), files.get(number, {}))
        for number in sorted(debates.keys() | files.keys())
    ]


def _remove_empty_folders(dataset: Location) -> None:
    """Those of years and, of old, of buckets that have no debates; S3 has no folders."""
    for folder in dataset.glob("*/*=*") if isinstance(dataset, Path) else ():
        with suppress(OSError):  # not empty
            folder.rmdir()


def _count(outcome: Outcome[Bucket, Updated], sum_: Updated, log: Log) -> None:
    faults = dict(outcome.result.faults if outcome.result else {})
    if outcome.fault:
        faults[f"bucket {outcome.item.number:03d}"] = outcome.fault
    for uri, fault in faults.items():
        warn(log, uri, fault)
    sum_.faults |= faults
    if outcome.result:
        sum_.removed += outcome.result.removed
        sum_.written += outcome.result.written
        sum_.computed += outcome.result.computed


def _summary(debates: int, updated: Updated) -> str:
    if not (updated.written or updated.removed):
        return f"nothing to do: the dataset holds {_some(debates)} as they are"
    return f"the dataset holds {_some(debates)}, {updated.computed} of them new or changed"


def _some(debates: int) -> str:
    return "1 debate" if debates == 1 else f"{debates} debates"
