"""What Batch is asked for, as plain dictionaries in the shape of `SubmitJob`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debate_pipeline.aws.stack import Stack
from debate_pipeline.job.stages import options_of
from debate_pipeline.terminal.listing import shorten_source

Json = dict[str, Any]
LARGEST_ARRAY = 10_000
QUEUES = {"download": "cpu", "transcribe": "gpu", "stats": "small", "pipeline": "gpu"}
URGENT = {"cpu": "urgent-cpu", "gpu": "urgent-gpu", "small": "urgent-cpu"}


@dataclass(frozen=True)
class Lane:
    """In which queues a request waits, and as whose share where several divide one.

    What is submitted by itself is one share, `single`; every list is its own, `list…`. infra's
    queues weigh them by these names, which are letters and digits only.
    """

    urgent: bool = False
    share: str = "single"

    def queue(self, definition: str) -> str:
        """Return the kind of queue for a job definition."""
        kind = QUEUES[definition]
        return URGENT[kind] if self.urgent else kind


def job_name(stage: str, source: str, token: str) -> str:
    """Return a name that people recognise in the console, and that no other job has.

    Batch allows 128 letters, digits, - and _.
    """
    words = re.sub(r"[^A-Za-z0-9]+", "-", f"{stage}-{shorten_source(source)}")
    return f"{words[:100].strip('-')}-{token}"


def stage_environment(stage: str, job_prefix: str, place: str) -> dict[str, str]:
    """Return where transcribe or stats finds its input: at `place`, else in the job.

    Transcripts go beside a folder called videos, else into the job.
    """
    if stage == "stats":
        return {"TRANSCRIPTS_S3_PREFIX": place or f"{job_prefix}/transcripts"}
    videos = place or f"{job_prefix}/videos"
    parent, _, name = videos.rpartition("/")
    output = parent if name == "videos" else job_prefix
    return {"VIDEO_S3_PREFIX": videos, "OUTPUT_S3_PREFIX": output}


def stage_job(
    stack: Stack,
    lane: Lane,
    stage: str,
    name: str,
    environment: Mapping[str, str],
    *,
    force: bool = False,
) -> Json:
    """Return the request for one stage as a job of its own."""
    overrides: Json = {"environment": _pairs(environment)}
    if force:
        overrides["command"] = ["--force"]  # follows the image's entry point
    return _base(stack, lane, stage, name) | {"containerOverrides": overrides}


def single_job(
    stack: Stack, lane: Lane, name: str, source: Mapping[str, str], options: Mapping[str, str]
) -> Json:
    """Return the request for all stages in one job, whose definition knows the places.

    The containers are told by name; there is no `containerOverrides` for such a job.
    """
    told = {
        "download": options_of("download", options) | dict(source),
        "transcribe": options_of("transcribe", options),
    }
    containers = [
        {"name": stage, "environment": _pairs(values)} for stage, values in told.items() if values
    ]
    override = {"taskProperties": [{"containers": containers}]}
    return _base(stack, lane, "pipeline", name) | {"ecsPropertiesOverride": override}


def after(request: Json, job_id: str) -> Json:
    """Return the request, to be run when another job has succeeded: child for child in arrays."""
    kind = {"type": "N_TO_N"} if "arrayProperties" in request else {}
    return request | {"dependsOn": [{"jobId": job_id} | kind]}


def as_array(request: Json, size: int) -> Json:
    """Return the request as an array of `size` children."""
    return request | {"arrayProperties": {"size": size}}


def _base(stack: Stack, lane: Lane, definition: str, name: str) -> Json:
    kind = lane.queue(definition)
    # "SubmitJob": asked for where a queue has a fair-share policy, refused where it has none.
    share = {"shareIdentifier": lane.share} if kind in stack.shared else {}
    return {
        "jobName": name,
        "jobQueue": stack.queues[kind],
        "jobDefinition": stack.definitions[definition],
        **share,
    }


def _pairs(environment: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in sorted(environment.items())]
