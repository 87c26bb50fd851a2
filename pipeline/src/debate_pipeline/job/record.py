"""The job record: `job.json` of contracts/job, as objects."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from debate_contract.errors import BadInput

from debate_pipeline import __version__
from debate_pipeline.job.options import renew
from debate_pipeline.settings import without_credentials

SCHEMA_VERSION = "1.0"


class State(StrEnum):
    """How far a stage, or a whole job, is."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


AT_REST = (State.DONE, State.FAILED, State.INTERRUPTED)


@dataclass
class BatchFacts:
    """What is known of a stage's job in AWS Batch. `cost` is in US dollars, about."""

    job_id: str
    container: str = ""  # the stage's own, in a job that has all of them
    streams: list[str] = field(default_factory=list)
    cost: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)  # of a list: its children by state


@dataclass(frozen=True)
class Asked:
    """A job that AWS Batch is being asked for: its name, which no other has, and its queue."""

    name: str
    queue: str


@dataclass
class StageRecord:
    """One stage of a job. `log_from` is the byte of its log at which the newest attempt begins."""

    state: State = State.PENDING
    attempts: int = 0
    started_at: str | None = None
    finished_at: str | None = None
    exit_code: int | None = None
    message: str = ""
    options: dict[str, str] = field(default_factory=dict)
    log_from: int = 0
    pid: int | None = None
    batch: BatchFacts | None = None

    def begin(self, options: Mapping[str, str], log_from: int) -> None:
        """Enter a new attempt, made with these options."""
        self.state, self.attempts = State.RUNNING, self.attempts + 1
        self.started_at, self.finished_at = utc_now(), None
        self.exit_code, self.message, self.pid = None, "", None
        self.options, self.log_from = dict(options), log_from

    def end(self, state: State, exit_code: int | None, message: str) -> None:
        """Enter how the attempt ended."""
        self.state, self.exit_code, self.message = state, exit_code, message
        self.finished_at, self.pid = utc_now(), None


@dataclass
class Job:
    """What was asked for and how far it got. `options` are environment names and values.

    `recordings` is more than 1 for a list that is shown as one job. `asked` has, by step, what
    Batch was asked for and is not known to have taken.
    """

    job_id: str
    source: str
    created_at: str
    backend: str = "local"
    source_version: str = ""  # of a file: changes when the file does
    options: dict[str, str] = field(default_factory=dict)
    stages: dict[str, StageRecord] = field(default_factory=dict)
    recordings: int = 1
    asked: dict[str, Asked] = field(default_factory=dict)

    @property
    def cost(self) -> float | None:
        """US dollars so far, about; None for a list and for a job on this machine."""
        facts = [record.batch for record in self.stages.values() if record.batch]
        return sum(fact.cost for fact in facts) if facts and self.recordings == 1 else None

    @property
    def running(self) -> str | None:
        """The stage under way, if any."""
        return self._first(lambda record: record.state is State.RUNNING)

    @property
    def current(self) -> str:
        """The stage worth showing: the first that is not done, else the last."""
        names = [*self.stages]
        return self._first(lambda record: record.state is not State.DONE) or names[-1]

    @property
    def state(self) -> State:
        """The state of the stage worth showing stands for the job's."""
        return self.stages[self.current].state

    def _first(self, wanted: Callable[[StageRecord], bool]) -> str | None:
        return next((name for name, record in self.stages.items() if wanted(record)), None)

    def ask(self, stages: Iterable[str], again: Iterable[str], options: Mapping[str, str]) -> None:
        """Note that `stages` are wanted with `options`, and that `again` are to be (re)done."""
        self.options = renew(self.options, options)
        for name in stages:
            self.stages.setdefault(name, StageRecord())
        for name in again:
            self.stages[name].state = State.PENDING


def _stage_document(name: str, record: StageRecord) -> dict[str, Any]:
    document = {"name": name, **asdict(record)}
    if record.batch is None:
        del document["batch"]
    elif not record.batch.counts:
        del document["batch"]["counts"]
    return document


def to_document(job: Job) -> dict[str, Any]:
    """Return the job as the JSON document of the contract."""
    return {
        "schema_version": SCHEMA_VERSION,
        "producer": {"name": "debate-pipeline", "version": __version__},
        "created_at": job.created_at,
        "job_id": job.job_id,
        "source": job.source,
        "backend": job.backend,
        **({"source_version": job.source_version} if job.source_version else {}),
        **({"asked": {step: asdict(one) for step, one in job.asked.items()}} if job.asked else {}),
        "options": job.options,
        "stages": [_stage_document(name, record) for name, record in job.stages.items()],
    }


def parse_document(document: dict[str, Any]) -> Job:
    """Return the job in a document; unknown fields are ignored.

    Raises `BadInput` when the document has another major version than ours; ValueError, KeyError,
    TypeError or AttributeError when it is no record.
    """
    version = str(document.get("schema_version"))
    if version.partition(".")[0] != SCHEMA_VERSION.partition(".")[0]:
        raise BadInput(f"its schema version is {version}, and this program reads 1.x only")
    known = {field.name for field in fields(Job)} - {"stages", "asked"}
    if not document["stages"]:
        raise BadInput("it has no stages")
    stages = {stage["name"]: _parse_stage(stage) for stage in document["stages"]}
    job = Job(stages=stages, **{name: document[name] for name in known if name in document})
    job.source = without_credentials(job.source)  # records of old have passwords
    job.asked = {step: Asked(**one) for step, one in document.get("asked", {}).items()}
    _check(job)
    return job


def _check(job: Job) -> None:
    """Raise ValueError or TypeError for what nobody who reads a record could do with."""
    names = [text for one in job.asked.values() for text in (one.name, one.queue)]
    texts = [job.job_id, *job.options, *job.options.values(), *names]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    if datetime.fromisoformat(job.created_at).tzinfo is None:
        raise ValueError


def _parse_stage(document: dict[str, Any]) -> StageRecord:
    known = {field.name for field in fields(StageRecord)}
    record = StageRecord(**{name: value for name, value in document.items() if name in known})
    record.state = State(record.state)
    if batch := document.get("batch"):
        known = {field.name for field in fields(BatchFacts)}
        record.batch = BatchFacts(**{name: batch[name] for name in known if name in batch})
    return record


def utc_now() -> str:
    """Return this moment as RFC 3339, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
