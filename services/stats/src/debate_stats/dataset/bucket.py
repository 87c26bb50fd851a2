"""One bucket of the dataset: a file per table, with the debates whose keys fall into the bucket.

A bucket is a function of its debates alone: it comes out the same, byte for byte, whether it was
written at once, in many steps or after attempts that were killed. `_state/<bucket>.json` says what
its files hold; it is removed before the first of them changes and written after the last.
"""

import hashlib
import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pyarrow as pa
from debate_contract.errors import BadInput
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

    `uri` is the file to read: the transcript or, if `corrected`, what editors made of it.
    """

    debate_id: str
    transcript: str
    uri: str
    people: dict[str, str]
    corrected: bool


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
    """The digests of the debates that a bucket holds, and of those that are bad, and why."""

    debates: dict[str, Digests] = field(default_factory=dict)
    bad: dict[str, Digests] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    version: str = __version__


def state_path(bucket: int) -> str:
    """The bucket's state, within the dataset; readers of datasets pass over a leading `_`."""
    return f"_state/{bucket:03d}.json"


def update_bucket(bucket: Bucket, dataset: str) -> Updated:
    """Bring one bucket up to date; debates that cannot be used are left out and reported."""
    folder = locate(dataset)
    before = _read_state(bucket, folder)
    if bucket.sources and _is_current(bucket, before):
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


def _is_current(bucket: Bucket, state: State) -> bool:
    known = state.debates | state.bad
    if known.keys() != {source.debate_id for source in bucket.sources}:
        return False
    contents = read_many([source.uri for source in bucket.sources])
    pairs = zip(bucket.sources, contents, strict=True)
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

    def write(self, sources: tuple[Source, ...]) -> None:
        contents = read_many([source.uri for source in sources])
        with ExitStack() as stack:
            tables = {
                name: stack.enter_context(TableFile(path, SCHEMAS[name]))
                for name, path in self.paths.items()
            }
            for source, content in zip(sources, contents, strict=True):
                for name, rows in self._rows(source, content).items():
                    tables[name].add(rows)

    def _rows(self, source: Source, content: Outcome[str, bytes]) -> Rows:
        """The rows of a debate: those it had if nothing changed, or if it cannot be read now."""
        held = self.before.debates.get(source.debate_id)
        digests = _digests(source, content.result)
        if content.fault:
            self.updated.faults[source.uri] = content.fault
        if held and (content.fault or held == digests):
            self.state.debates[source.debate_id] = held
            return {name: read_rows(source.debate_id, name, self.held[name]) for name in SCHEMAS}
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
    state = folder / state_path(bucket.number)
    remove(state)
    for name, path in table_paths(bucket.number).items():
        if staging.state.debates:
            publish(staging.paths[name], folder / path)
            staging.updated.written.append(str(folder / path))
        else:
            remove(folder / path)
    if bucket.sources:
        content = json.dumps(asdict(staging.state), ensure_ascii=False, indent=1)
        write(state, content.encode())
