"""What the user asked for, checked once."""

from dataclasses import dataclass

from debate_stats.errors import UsageFault


@dataclass(frozen=True, slots=True)
class Settings:
    """One run: the folder, `s3://` or `file://` prefix of the transcripts, or one transcript."""

    prefix: str
    force: bool = False
    workers: int = 1


def resolve_prefix(prefix: str | None, array_index: str | None) -> str:
    """Put the index of the array job in the place of `{index}`.

    Raises UsageFault when there is no prefix, or `{index}` stands in it outside an array job.
    """
    if not prefix:
        raise UsageFault(
            "Say where the transcripts lie: set TRANSCRIPTS_PREFIX, a folder or s3://…"
        )
    if "{index}" in prefix and array_index is None:
        raise UsageFault(f"{prefix} contains {{index}}, but AWS_BATCH_JOB_ARRAY_INDEX is not set")
    return prefix.replace("{index}", array_index or "")
