"""A job's results in the bucket."""

from pathlib import Path
from typing import Any

from debate_pipeline.aws.stack import Stack
from debate_pipeline.job.record import Job
from debate_pipeline.job.stages import OUTPUT

RESULT_FOLDERS = ("videos/", "subtitles/", "transcripts/")
FIGURES = ("_transcript_stats.json", "_speaker_stats.parquet")
# What a stage writes last.
LAST_FILES = {
    "download": "media.json",
    "transcribe": "_transcription.json",
    "stats": "_transcript_stats.json",
}


def folder_of(job: Job, stack: Stack) -> str:
    """Return the name of the folder below jobs/ that has a job's results.

    A single stage leaves them where it was told to, else with the job whose place it works on:
    transcripts go beside a folder called videos only.
    """
    alone, videos = [*job.stages], job.source.endswith("/videos")
    beside = alone == ["stats"] or (alone == ["transcribe"] and videos)
    place = job.options.get(OUTPUT) or (job.source if beside else "")
    name = place.removeprefix(f"{stack.jobs_prefix}/").partition("/")[0]
    within = place.startswith(f"{stack.jobs_prefix}/") and not name.startswith(".")
    return name if within else job.job_id


def list_results(s3: Any, bucket: str, folder: str) -> list[str]:
    """Return the results below jobs/<folder>/, relative to it: media.json and its folders'."""
    prefix = f"jobs/{folder}/"
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    keys = (found["Key"] for page in pages for found in page.get("Contents", []))
    names = (key.removeprefix(prefix) for key in keys)
    return sorted(n for n in names if n == "media.json" or n.startswith(RESULT_FOLDERS))


def stages_with_results(names: list[str]) -> tuple[str, ...]:
    """Return the stages whose last file is among these."""
    return tuple(
        stage for stage, last in LAST_FILES.items() if any(name.endswith(last) for name in names)
    )


def fetch_figures(s3: Any, bucket: str, folder: str, target: Path) -> None:
    """Download what the summary is read from, into `target` as it lies in the job's folder."""
    for name in list_results(s3, bucket, folder):
        if name.endswith(FIGURES):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            s3.download_file(bucket, f"jobs/{folder}/{name}", str(target / name))
