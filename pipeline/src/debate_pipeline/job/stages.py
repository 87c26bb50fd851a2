"""What each stage is run with: its command, its environment, the options that concern it."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from debate_contract.errors import BadInput, UsageFault

from debate_pipeline.job.options import renew
from debate_pipeline.job.record import Job, State

STAGES = ("download", "transcribe", "stats", "register")

# stage: the service that has it, and its command
COMMANDS = {
    "download": ("downloader", ("debate-download",)),
    "transcribe": ("transcriber", ("debate-transcribe",)),
    "stats": ("stats", ("debate-stats",)),
    "register": ("webapp", ("debate-webapp", "register")),
}

# All other options are the transcriber's.
DOWNLOAD_OPTIONS = ("MAX_HEIGHT", "AUDIO_TRACK")
# Among them the place that a transcription on its own was told to write to.
OUTPUT = "OUTPUT_S3_PREFIX"
# And a file, which is kept with the jobs under a name that follows from its content.
VOCABULARY = "VOCABULARY"


@dataclass(frozen=True)
class Request:
    """What the user asks for.

    `place` is the prefix that a single stage works on when the user names it (videos for
    transcribe, transcripts for stats); without it stages work in their job's folder.
    """

    source: str
    stages: tuple[str, ...] = STAGES
    options: Mapping[str, str] = field(default_factory=dict)
    place: str = ""
    force: bool = False
    source_version: str = ""
    mode: str = "chain"  # on AWS: a chain of jobs, `single` for one with all stages, `urgent`
    typed: str = ""  # the source as it was given, where that has a password, which is kept nowhere

    @property
    def address(self) -> str:
        """What the download is told."""
        return self.typed or self.source


def stages_due(job: Job, request: Request) -> tuple[str, ...]:
    """Return the stages to run: from the first that is not done, or done with other options, on.

    A stage on a place that the user named is always asked again; it knows best what is new there.
    """
    if request.place:
        return request.stages
    wanted = renew(job.options, request.options)
    for index, stage in enumerate(request.stages):
        record = job.stages.get(stage)
        if record is None or record.state is not State.DONE:
            return request.stages[index:]
        if record.options != options_of(stage, wanted):
            return request.stages[index:]
    return ()


def options_of(stage: str, options: Mapping[str, str]) -> dict[str, str]:
    """Return those of the options that concern a stage."""
    if stage not in ("download", "transcribe"):
        return {}
    own = stage == "download"
    return {k: v for k, v in options.items() if (k in DOWNLOAD_OPTIONS) is own}


def find_command(stage: str, home: Path | None, path: str | None) -> tuple[str, ...]:
    """Return the command of a stage: the checkout's own, else the one on `path`."""
    service, (program, *arguments) = COMMANDS[stage]
    own = home / "services" / service / ".venv" / "bin" / program if home else None
    found = str(own) if own and os.access(own, os.X_OK) else shutil.which(program, path=path)
    if found is None:
        raise UsageFault(f"{program} is not installed; run `make setup` in the checkout")
    return (found, *arguments)


def arguments_of(stage: str, request: Request, folder: Path) -> Sequence[str]:
    """Return what follows a stage's command."""
    if stage == "register":
        return [str(_transcript(folder))]
    return ["--force"] if request.force and request.place else []


def environment_of(stage: str, job: Job, request: Request, folder: Path) -> dict[str, str]:
    """Return the contract's environment of a stage."""
    common = {"LOG_FORMAT": "json"}
    if stage == "download":
        # One attempt at a time: a passing fault is tried again here, as Batch would.
        places = {"VIDEO_URL": request.address, OUTPUT: str(folder), "ATTEMPTS": "1"}
        return common | places | options_of(stage, job.options)
    if stage == "transcribe":
        videos = request.place or str(folder / "videos")
        places = {"VIDEO_S3_PREFIX": videos, OUTPUT: _output(request.place, folder)}
        return common | places | options_of(stage, job.options)
    if stage == "stats":
        return common | {"TRANSCRIPTS_PREFIX": request.place or str(folder / "transcripts")}
    return common | {"STORAGE_ROOT": str(folder.parents[1])}


def _output(videos: str, folder: Path) -> str:
    """Return where transcripts/ is to lie: beside a folder called videos, else in the job's."""
    parent, _, name = videos.rpartition("/")
    return parent if name == "videos" else str(folder)


def _transcript(folder: Path) -> Path:
    """Return the transcript of the job's recording, which media.json names."""
    try:
        video = json.loads((folder / "media.json").read_text("utf-8"))["video"]["path"]
    except (OSError, ValueError, KeyError, TypeError) as cause:
        raise BadInput(f"{folder} has no readable media.json; --force makes a new run") from cause
    return folder / "transcripts" / f"{Path(video).stem}_transcription.json"
