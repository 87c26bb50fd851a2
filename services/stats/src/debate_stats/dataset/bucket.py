"""One bucket of the dataset: the debates whose keys fall into it, in a file a year and table.

A bucket is a function of its debates alone: it comes out the same, byte for byte, whether it was
written at once, in many steps or after attempts that were killed. `_state/<bucket>.json`, written
after the last of its files, says what they hold and by which marks they are known. Where others are
there, of an update that was killed or of two at once, the next one makes all of them anew.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
from debate_contract.errors import BadInput
from debate_contract.storage import Location, fetch, locate, remove, workplace

from debate_stats.command.faults import Fault
from debate_stats.command.parallel import Outcome, attempt
from debate_stats.dataset.folder import publish
from debate_stats.dataset.people import digest_people
from debate_stats.dataset.rows import Identity, make_rows
from debate_stats.dataset.state import (
    Bucket,
    Digests,
    Source,
    State,
    files_of,
    read_state,
    state_path,
    write_state,
)
from debate_stats.dataset.table_files import (
    read_rows,
    set_aside,
    table_paths,
    take_back,
    write_table,
    year_of,
)
from debate_stats.storage import read_many

Rows = dict[str, pa.Table]
Files = dict[str, Path]  # one a table


@dataclass(slots=True)
class Updated:
    """What was done: the files that went and came, the debates computed anew, what went wrong."""

    removed: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    computed: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)


def update_bucket(bucket: Bucket, dataset: str) -> Updated:
    """Bring one bucket up to date; debates that cannot be used are left out and reported."""
    folder = locate(dataset)
    before = read_state(bucket, folder)
    if bucket.sources and _is_current(bucket, before):
        _remember_marks(bucket, folder, before)
        uris = {source.debate_id: source.uri for source in bucket.sources}
        reasons = before.reasons.items()
        return Updated(faults={uris[one]: Fault(BadInput.exit_code, why) for one, why in reasons})
    with workplace(folder) as desk:
        staging = _Staging(desk, before)
        staging.look_at(bucket.sources)
        _publish(bucket, folder, staging)
    return staging.updated


def _marks(sources: tuple[Source, ...]) -> dict[str, str]:
    return {source.debate_id: source.mark for source in sources if source.mark}


def _remember_marks(bucket: Bucket, folder: Location, state: State) -> None:
    """So that what was read, and found to be as it was, need not be read the next time."""
    marks = _marks(bucket.sources)
    if marks != state.marks:
        write_state(bucket, folder, replace(state, marks=marks))


def _is_current(bucket: Bucket, state: State) -> bool:
    known = state.debates | state.bad
    if known.keys() != {source.debate_id for source in bucket.sources}:
        return False
    unsure = [source for source in bucket.sources if not state.is_unread(source)]
    contents = read_many([source.uri for source in unsure])
    pairs = zip(unsure, contents, strict=True)
    return all(known[source.debate_id] == _digests(source, found.result) for source, found in pairs)


def _digests(source: Source, content: bytes | None) -> Digests:
    if content is None:
        return []
    return [hashlib.sha256(content).hexdigest(), digest_people(source.people)]


class _Staging:
    """What a bucket will hold, on this machine, one debate in memory at a time.

    The year of a debate is known when it was read. So all are looked at first, and the rows of
    those that changed set aside; then each year is written that is not as it was.
    """

    def __init__(self, desk: Path, before: State) -> None:
        self.desk = desk
        self.before = before
        self.aside: dict[str, Files] = {}
        self.state = State()
        self.updated = Updated()
        self.unreadable: set[str] = set()

    def look_at(self, sources: tuple[Source, ...]) -> None:
        """Learn of each debate whether its rows stay, are others now, or are to be left out."""
        unsure = [source.uri for source in sources if not self.before.is_unread(source)]
        contents = read_many(unsure)
        for source in sources:
            if self.before.is_unread(source):
                self._keep(source)
            else:
                self._compare(source, next(contents))
            if source.uri not in self.unreadable:
                self.state.marks |= _marks((source,))

    def write(self, bucket: int, folder: Location) -> dict[str, Path]:
        """The files of the years that are not as they were, by their paths within the dataset."""
        years = sorted({*self.state.years.values()})
        others = [one for one in years if self.state.in_year(one) != self.before.in_year(one)]
        return {
            path: file
            for year in others
            for path, file in self._write_year(year, table_paths(year, bucket), folder)
        }

    def _write_year(
        self, year: str, paths: dict[str, str], folder: Location
    ) -> Iterator[tuple[str, Path]]:
        debates = self.state.in_year(year)
        # What keeps its rows keeps its year: they are in the files that these will replace.
        kept = debates.keys() - self.aside.keys()
        held = {name: fetch(folder / paths[name], self.desk / name) for name in paths if kept}
        for name, path in paths.items():
            write_table(self.desk / path, name, self._rows(debates, name, held))
            yield path, self.desk / path

    def _rows(self, debates: Iterable[str], name: str, held: Files) -> Iterator[pa.Table]:
        for key in debates:
            if key in self.aside:
                yield take_back(self.aside[key][name])
            else:
                yield read_rows(key, name, held[name])

    def _keep(self, source: Source) -> None:
        """Leave the rows of a debate as they are; it has none if it is bad, which is said again."""
        key, before = source.debate_id, self.before
        if key in before.debates:
            self.state.debates[key] = before.debates[key]
            self.state.years[key] = before.years[key]
        else:
            fault = Fault(BadInput.exit_code, before.reasons[key])
            self._leave_out(source, fault, before.bad[key])

    def _compare(self, source: Source, content: Outcome[str, bytes]) -> None:
        """Keep the rows of a debate if nothing changed, or if it cannot be read now."""
        held = self.before.debates.get(source.debate_id)
        digests = _digests(source, content.result)
        if content.fault:
            self.updated.faults[source.uri] = content.fault
            self.unreadable.add(source.uri)
        if held and (content.fault or held == digests):
            self._keep(source)
        elif content.result is not None:
            self._compute(source, content.result, digests)

    def _compute(self, source: Source, content: bytes, digests: Digests) -> None:
        key = source.debate_id
        identity = Identity(key, source.transcript, str(digests[0]), digests[1], source.corrected)
        made = attempt(lambda it: make_rows(content, source.people, it), identity)
        if made.result is not None:
            self._set_aside(key, made.result)
            self.state.debates[key] = digests
            self.state.years[key] = year_of(made.result["debates"]["upload_date"][0].as_py())
            self.updated.computed += 1
        if made.fault:
            self._leave_out(source, made.fault, digests)

    def _set_aside(self, key: str, rows: Rows) -> None:
        desk = self.desk / f"debate-{len(self.aside)}"
        self.aside[key] = {name: set_aside(desk, name, table) for name, table in rows.items()}

    def _leave_out(self, source: Source, fault: Fault, digests: Digests) -> None:
        self.updated.faults[source.uri] = fault
        # Only what will stay bad is remembered; a surprise is worth another try.
        if fault.exit_code == BadInput.exit_code:
            self.state.bad[source.debate_id] = digests
            self.state.reasons[source.debate_id] = fault.sentence


def _publish(bucket: Bucket, folder: Location, staging: _Staging) -> None:
    made, updated = staging.write(bucket.number, folder), staging.updated
    for path in sorted(_in_the_way(bucket, staging)):
        remove(folder / path)
        updated.removed.append(str(folder / path))
    kept = files_of(bucket.number, staging.state.years.values()) - made.keys()
    files = {path: staging.before.files[path] for path in kept}
    for path, file in made.items():
        files[path] = publish(file, folder / path)
        updated.written.append(str(folder / path))
    if bucket.sources:
        write_state(bucket, folder, replace(staging.state, files=dict(sorted(files.items()))))
    else:
        remove(folder / state_path(bucket.number))


def _in_the_way(bucket: Bucket, staging: _Staging) -> set[str]:
    """The files that go before the new ones come, so that no reader finds a debate in two years.

    Those of years that debates left for another, those that are no longer needed, and those of
    which nobody knows what they hold.
    """
    before, after = staging.before.years, staging.state.years
    left = {year for key, year in before.items() if after.get(key, year) != year}
    good = files_of(bucket.number, {*before.values()} & {*after.values()} - left)
    return bucket.files.keys() - good - {state_path(bucket.number)}
