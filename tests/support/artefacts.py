"""What lies in a job's folder, against the contracts."""

from pathlib import Path

from jobs import Job, tree
from recordings import damage
from schemas import column_faults, faults, read_json

# By the end of a file's name.
SCHEMAS = {
    "job.json": "job/schema.json",
    "media.json": "media/schema.json",
    "_transcription.json": "transcript/schema.json",
    "_peaks.json": "transcript/peaks.schema.json",
    "_transcript_stats.json": "statistics/transcript_stats.schema.json",
}
COLUMNS = {
    "_speaker_embeddings.parquet": "transcript/speaker_embeddings.columns.json",
    "_speaker_stats.parquet": "statistics/speaker_stats.columns.json",
    "_interactions.parquet": "statistics/interactions.columns.json",
}


STAGES = ("download", "transcribe", "stats", "register")


def files_of_a_submission(job: Job) -> set[str]:
    """The tree of the contract, and the record of a local submission."""
    stem = job.the("videos/*.mp4").stem
    made = {end for end in SCHEMAS | COLUMNS if end.startswith("_")}
    return (
        {"media.json", "job.json", ".lock", f"videos/{stem}.mp4"}
        | {f"logs/{stage}.jsonl" for stage in STAGES}
        | {f"transcripts/{stem}{end}" for end in made}
    )


def broken_files(folder: Path) -> list[str]:
    """What lies under a final name and is not as its contract, or a player, wants it."""
    paths = [folder / name for name in tree(folder)]
    return [
        f"{path.relative_to(folder)}: {fault}"
        for path in paths
        if not path.name.startswith(".")
        for fault in _faults(path)
    ]


def _faults(path: Path) -> list[str]:
    if path.suffix == ".mp4":
        return damage(path).splitlines()
    end = next((end for end in SCHEMAS | COLUMNS if path.name.endswith(end)), "")
    if end in SCHEMAS:
        return faults(SCHEMAS[end], read_json(path))
    return column_faults(COLUMNS[end], path) if end else []
