"""What the user asked for, checked once."""

from dataclasses import dataclass

from debate_stats.errors import UsageFault


@dataclass(frozen=True, slots=True)
class Settings:
    """One run: the folder, `s3://` or `file://` prefix of the transcripts, or one transcript."""

    prefix: str
    force: bool = False
    workers: int = 1


def resolve_prefix(prefix: str | None, array_index: str | None, job_id: str | None = None) -> str:
    """Fill in `{index}`, the index of the array job, and `{job}`, the job's id as in keys.

    Raises UsageFault when there is no prefix, or a placeholder stands in it outside such a job.
    """
    if not prefix:
        raise UsageFault(
            "Say where the transcripts lie: set TRANSCRIPTS_PREFIX, a folder or s3://…"
        )
    prefix = _filled(prefix, "{index}", array_index, "AWS_BATCH_JOB_ARRAY_INDEX")
    return _filled(prefix, "{job}", job_id and job_id.replace(":", "-"), "AWS_BATCH_JOB_ID")


def _filled(prefix: str, mark: str, value: str | None, variable: str) -> str:
    if mark in prefix and not value:
        raise UsageFault(f"{prefix} contains {mark}, but {variable} is not set")
    return prefix.replace(mark, value or "")
