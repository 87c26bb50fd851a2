"""One bucket of the dataset: a file per table, with the debates whose keys fall into the bucket.

A bucket is a function of its debates alone: it comes out the same, byte for byte, whether it was
written at once, in many steps or after attempts that were killed. `_state/<bucket>.json` says what
its files hold. Before the first of them changes a claim is put in its place, and it is written
after the last, unless another update of the same bucket has put its own claim there meanwhile: then
nobody knows whose files these are, and the next update makes them anew.
"""

import hashlib
import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
from debate_contract.errors import BadInput, InputNotFound
from debate_contract.storage import Location, fetch, locate, publish, read, remove, workplace, write

from debate_stats import __version__
from debate_stats.command.faults import Fault
from debate_stats.command.parallel import Outcome, attempt
from debate_stats.dataset.people import digest_people
from debate_stats.dataset.rows import SCHEMAS, Identity, make_rows
from debate_stats.dataset.table_files import TableFile, read_rows, table_paths
from debate_stats.storage import read_many

Rows = dict[str, pa.Table]
Digests = list[str | None]  # of the transcript and of its people


@dataclass(frozen=True, slots=True)
class Source:
    """A debate of the dataset: its key, its transcript's path, who is behind its labels.

    `uri` is the file to read: the transcript or, if `corrected`, what editors made of it. `etag` is
    what its store says of the content, where it says anything.
    """

    debate_id: str
    transcript: str
    uri: str
    people: dict[str, str]
    corrected: bool
    etag: str | None = None

    @property
    def mark(self) -> str | None:
        """The same as long as reading the file would bring nothing new."""
        return self.etag and f"{self.etag} {self.uri}"


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, the debates that belong in it, and which files it has in the dataset."""

    number: int
    sources: tuple[Source, ...]
    files: frozenset[str]


@dataclass(slots=True)
class Updated:
    """What was done: the files written and the debates computed anew, and what went wrong."""

    written: list[str] = field(default_factory=list)
    computed: int = 0
    faults: dict[str, Fault] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """The digests of the debates that a bucket holds, and of those that are bad, and why.

    `marks` are those of the files that were read (see `Source.mark`).
    """

    debates: dict[str, Digests] = field(default_factory=dict)
    bad: dict[str, Digests] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    version: str = __version__

    def is_unread(self, source: Source) -> bool:
        """Tell whether a debate is known to be the same without reading its file."""
        known = self.debates.get(source.debate_id) or self.bad.get(source.debate_id) or []
        same = source.mark is not None and self.marks.get(source.debate_id) == source.mark
        return same and known[1:] == [digest_people(source.people)]


def state_path(bucket: int) -> str:
    """The bucket's state, within the dataset; readers of datasets pass over a leading `_`."""
    return f"_state/{bucket:03d}.json"


def update_bucket(bucket: Bucket, dataset: str) -> Updated:
    """Bring one bucket up to date; debates that cannot be used are left out and reported."""
    folder = locate(dataset)
    before = _read_state(bucket, folder)
    if bucket.sources and _is_current(bucket, before):
        _remember_marks(bucket, folder, before)
        uris = {source.debate_id: source.uri for source in bucket.sources}
        reasons = before.reasons.items()
        return Updated(faults={uris[one]: Fault(BadInput.exit_code, why) for one, why in reasons})
    with workplace(folder) as desk:
        staging = _Staging(desk, before, _fetch_tables(bucket, folder, desk, before))
        staging.write(bucket.sources)
        _publish(bucket, folder, staging)
    return staging.updated


def _read_state(bucket: Bucket, folder: Location) -> State:
    """What the bucket holds, if its files are all there and of this version."""
    if state_path(bucket.number) not in bucket.files:
        return State()
    try:
        state = State(**json.loads(read(folder / state_path(bucket.number))))
    except (ValueError, TypeError):
        return State()
    whole = not state.debates or set(table_paths(bucket.number).values()) <= bucket.files
    return state if whole and state.version == __version__ else State()


def _marks(sources: tuple[Source, ...]) -> dict[str, str]:
    return {source.debate_id: source.mark for source in sources if source.mark}


def _remember_marks(bucket: Bucket, folder: Location, state: State) -> None:
    """So that what was read, and found to be as it was, need not be read the next time."""
    marks = _marks(bucket.sources)
    if marks != state.marks:
        _write_state(bucket, folder, replace(state, marks=marks))


def _write_state(bucket: Bucket, folder: Location, state: State) -> None:
    content = json.dumps(asdict(state), ensure_ascii=False, indent=1)
    write(folder / state_path(bucket.number), content.encode())


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


def _fetch_tables(bucket: Bucket, folder: Location, desk: Path, before: State) -> dict[str, Path]:
    """The files of the tables as they are, on this machine."""
    held = {}
    for name, path in table_paths(bucket.number).items() if before.debates else ():
        (desk / name).mkdir()
        held[name] = fetch(folder / path, desk / name)
    return held


class _Staging:
    """The new files of a bucket, on this machine, one debate in memory at a time."""

    def __init__(self, desk: Path, before: State, held: dict[str, Path]) -> None:
        self.paths = {name: desk / f"{name}.parquet" for name in SCHEMAS}
        self.before = before
        self.held = held
        self.state = State()
        self.updated = Updated()
        self.unreadable: set[str] = set()

    def write(self, sources: tuple[Source, ...]) -> None:
        unsure = [source.uri for source in sources if not self.before.is_unread(source)]
        contents = read_many(unsure)
        with ExitStack() as stack:
            tables = {
                name: stack.enter_context(TableFile(path, SCHEMAS[name]))
                for name, path in self.paths.items()
            }
            for source in sources:
                unread = self.before.is_unread(source)
                made = self._keep(source) if unread else self._rows(source, next(contents))
                for name, rows in made.items():
                    tables[name].add(rows)
                if source.uri not in self.unreadable:
                    self.state.marks |= _marks((source,))

    def _keep(self, source: Source) -> Rows:
        """The rows that a debate had; none if it is bad, which is said again."""
        key, before = source.debate_id, self.before
        if key in before.debates:
            self.state.debates[key] = before.debates[key]
            return {name: read_rows(key, name, self.held[name]) for name in SCHEMAS}
        fault = Fault(BadInput.exit_code, before.reasons[key])
        self._leave_out(source, fault, before.bad[key])
        return {}

    def _rows(self, source: Source, content: Outcome[str, bytes]) -> Rows:
        """The rows of a debate: those it had if nothing changed, or if it cannot be read now."""
        held = self.before.debates.get(source.debate_id)
        digests = _digests(source, content.result)
        if content.fault:
            self.updated.faults[source.uri] = content.fault
            self.unreadable.add(source.uri)
        if held and (content.fault or held == digests):
            return self._keep(source)
        return {} if content.result is None else self._compute(source, content.result, digests)

    def _compute(self, source: Source, content: bytes, digests: Digests) -> Rows:
        key = source.debate_id
        identity = Identity(key, source.transcript, str(digests[0]), digests[1], source.corrected)
        made = attempt(lambda it: make_rows(content, source.people, it), identity)
        if made.result is not None:
            self.state.debates[key] = digests
            self.updated.computed += 1
            return made.result
        if made.fault:
            self._leave_out(source, made.fault, digests)
        return {}

    def _leave_out(self, source: Source, fault: Fault, digests: Digests) -> None:
        self.updated.faults[source.uri] = fault
        # Only what will stay bad is remembered; a surprise is worth another try.
        if fault.exit_code == BadInput.exit_code:
            self.state.bad[source.debate_id] = digests
            self.state.reasons[source.debate_id] = fault.sentence


def _publish(bucket: Bucket, folder: Location, staging: _Staging) -> None:
    state, claim = folder / state_path(bucket.number), uuid4().hex.encode()
    write(state, claim)
    for name, path in table_paths(bucket.number).items():
        if staging.state.debates:
            publish(staging.paths[name], folder / path)
            staging.updated.written.append(str(folder / path))
        else:
            remove(folder / path)
    if bucket.sources and _read_if_there(state) == claim:
        _write_state(bucket, folder, staging.state)
    else:
        remove(state)


def _read_if_there(place: Location) -> bytes:
    try:
        return read(place)
    except InputNotFound:
        return b""
