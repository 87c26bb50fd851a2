"""What belongs in a bucket of the dataset, and what its state says that its files hold."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from debate_contract.storage import Location, read, write

from debate_stats import __version__
from debate_stats.dataset.listing import mark_of
from debate_stats.dataset.people import digest_people
from debate_stats.dataset.table_files import table_paths

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
    """A bucket, the debates that belong in it, and its files in the dataset with their marks."""

    number: int
    sources: tuple[Source, ...]
    files: Mapping[str, str | None]


@dataclass(slots=True)
class State:
    """The digests and years of the debates that a bucket holds; of those that are bad, and why.

    `marks` are those of the transcripts that were read (see `Source.mark`), `files` those of the
    bucket's own, by which it is known whether they still are what this says.
    """

    debates: dict[str, Digests] = field(default_factory=dict)
    years: dict[str, str] = field(default_factory=dict)
    bad: dict[str, Digests] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    version: str = __version__

    def is_unread(self, source: Source) -> bool:
        """Tell whether a debate is known to be the same without reading its file."""
        known = self.debates.get(source.debate_id) or self.bad.get(source.debate_id) or []
        same = source.mark is not None and self.marks.get(source.debate_id) == source.mark
        return same and known[1:] == [digest_people(source.people)]

    def in_year(self, year: str) -> dict[str, Digests]:
        """The debates whose rows lie in the files of a year."""
        return {key: known for key, known in self.debates.items() if self.years[key] == year}


def state_path(bucket: int) -> str:
    """The bucket's state, within the dataset; readers of datasets pass over a leading `_`."""
    return f"_state/{bucket:03d}.json"


def files_of(bucket: int, years: Iterable[str]) -> set[str]:
    """The files that a bucket has where it has debates of these years."""
    return {path for year in years for path in table_paths(year, bucket).values()}


def read_state(bucket: Bucket, folder: Location) -> State:
    """What the bucket holds: nothing that is known if its files are not just those it speaks of.

    A kill, another update, somebody's hand may have put others there. What another version wrote is
    to be computed anew; it is known in which years it lies.
    """
    path = state_path(bucket.number)
    if path not in bucket.files:
        return State()
    try:
        state = State(**json.loads(read(folder / path)))
    except (ValueError, TypeError):
        return State()
    if bucket.files.keys() != files_of(bucket.number, state.years.values()) | {path}:
        return State()
    tables = ((name, mark) for name, mark in bucket.files.items() if name != path)
    if state.files != {name: mark_of(folder / name, mark) for name, mark in tables}:
        return State()
    return state if state.version == __version__ else State(years=state.years)


def write_state(bucket: Bucket, folder: Location, state: State) -> None:
    """Say what the bucket's files hold, once they do."""
    content = json.dumps(asdict(state), ensure_ascii=False, indent=1)
    write(folder / state_path(bucket.number), content.encode())
