"""What the user asked for, checked once."""

from dataclasses import dataclass, replace

from debate_contract.errors import UsageFault
from debate_contract.storage import fill_in

# The tables of the dataset, in the order in which they are published.
TABLES = ("words", "turns", "interactions", "speakers", "debates")


@dataclass(frozen=True, slots=True)
class Settings:
    """One run: the folder, `s3://` or `file://` prefix of the transcripts, or one transcript."""

    prefix: str
    force: bool = False
    workers: int = 1


@dataclass(frozen=True, slots=True)
class CorpusSettings:
    """The dataset: of all transcripts under `root`, at `out`, with the people of a CSV file.

    Under `corrections` lies what editors made of the transcripts: a file at the same path each, and
    the people, unless there are others. In an array job each child has its part of the buckets.
    """

    root: str
    out: str
    corrections: str
    people: str | None = None
    workers: int = 1
    array_index: int = 0
    array_size: int = 1


def in_array(settings: CorpusSettings, index: str | None, size: str | None) -> CorpusSettings:
    """The part of the work that is an array job's child's; all of it outside of one."""
    if not index or not size:
        return settings
    return replace(settings, array_index=int(index), array_size=int(size))


def resolve_corpus(
    root: str | None,
    out: str | None = None,
    people: str | None = None,
    corrections: str | None = None,
) -> CorpusSettings:
    """Dataset and corrections lie under the root unless said otherwise; UsageFault without root."""
    if not root:
        raise UsageFault("Say where the debates lie: set STORAGE_ROOT, a folder or s3://…")
    under = root.rstrip("/")
    return CorpusSettings(
        root, out or f"{under}/dataset", corrections or f"{under}/corrections", people
    )


def resolve_prefix(prefix: str | None, array_index: str | None, job_id: str | None = None) -> str:
    """Fill in `{index}`, the index of the array job, and `{job}`, the job's id as in keys.

    Raises UsageFault when there is no prefix, or a placeholder stands in it outside such a job.
    """
    if not prefix:
        raise UsageFault(
            "Say where the transcripts lie: set TRANSCRIPTS_PREFIX, a folder or s3://…"
        )
    return fill_in(prefix, array_index, job_id)
