"""The command `debate-stats`: options in, files beside the transcripts, an exit code out."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from types import FrameType

import click

from debate_stats import __version__
from debate_stats.errors import StageError, TemporaryFault, UsageFault
from debate_stats.logs import Log
from debate_stats.parallel import count_cores
from debate_stats.settings import Settings, resolve_prefix

EPILOG = """\b
Examples:
  debate-stats --transcripts-prefix data/jobs/20261122-1/transcripts
  debate-stats --transcripts-prefix data/jobs            (every debate below)
  TRANSCRIPTS_S3_PREFIX=s3://bucket/jobs debate-stats --force

\b
Exit codes: 0 done or nothing to do, 64 wrong usage, 65 a transcript is bad (the
others are done), 66 no transcript found, 70 our own fault, 75 try again later.
"""


class Stopped(TemporaryFault):
    """Somebody sent SIGTERM."""


@click.command(epilog=EPILOG)
@click.option(
    "--transcripts-prefix",
    "--transcripts-s3-prefix",
    "prefix",
    envvar=["TRANSCRIPTS_S3_PREFIX", "TRANSCRIPTS_PREFIX"],
    show_envvar=True,
    metavar="PREFIX",
    help="Where the transcripts lie: a folder, file://… or s3://…, searched to any depth, or one "
    "transcript. {index} stands for AWS_BATCH_JOB_ARRAY_INDEX.",
)
@click.option("--force", is_flag=True, envvar="FORCE", show_envvar=True, help="Compute all anew.")
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    default=0,
    envvar="WORKERS",
    show_envvar=True,
    help="Processes for many transcripts; 0 takes one per core.",
)
@click.option(
    "--log-format",
    type=click.Choice(["auto", "json", "human"]),
    default="auto",
    envvar="LOG_FORMAT",
    show_envvar=True,
    show_default=True,
    help="JSON lines for machines, plain ones for people; auto takes JSON in AWS Batch.",
)
@click.version_option(__version__, prog_name="debate-stats")
def command(prefix: str | None, force: bool, workers: int, log_format: str) -> None:
    """Compute who spoke how long, how fast, and who cut whom short.

    For every *_transcription.json under the prefix this writes *_speaker_stats.parquet,
    *_interactions.parquet and *_transcript_stats.json beside it. Statistics of a transcript that
    has not changed are left as they are.
    """
    as_json = log_format == "json" or (log_format == "auto" and "AWS_BATCH_JOB_ID" in os.environ)
    log = Log("stats", as_json=as_json)
    sys.exit(_guarded(log, partial(_compute, prefix, force, workers, log)))


def _compute(prefix: str | None, force: bool, workers: int, log: Log) -> None:
    from debate_stats.job import run

    batch = (os.environ.get(f"AWS_BATCH_JOB_{name}") for name in ("ARRAY_INDEX", "ID"))
    run(Settings(resolve_prefix(prefix, *batch), force, workers or count_cores()), log, _now)


def _guarded(log: Log, work: Callable[[], None]) -> int:
    """Do the work; the exit code."""
    try:
        work()
    except StageError as error:
        log.failed(error, error.exit_code)
        return error.exit_code
    except KeyboardInterrupt as error:
        log.failed(error, 130)
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort: logged with its traceback
        log.failed(error, StageError.exit_code)
        return StageError.exit_code
    return 0


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; wrong usage exits with 64, SIGTERM with 75."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        command.main(arguments, standalone_mode=False)
    except click.exceptions.Exit as exit_:
        sys.exit(exit_.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageFault.exit_code)
    except click.Abort:
        sys.exit(130)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped("Stopped before all was done; run the same command again to go on")


def _now() -> str:
    """UTC, or SOURCE_DATE_EPOCH where somebody wants the same bytes from two runs."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
