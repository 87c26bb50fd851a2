"""The command `debate-stats`: options in, files beside the transcripts, an exit code out."""

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn

import click
from debate_contract.commands import exit_code_of, log_format_option, option, run_click
from debate_contract.logs import Log, is_json

from debate_stats import __version__
from debate_stats.command.parallel import count_cores
from debate_stats.command.settings import Settings, in_array, resolve_corpus, resolve_prefix

EPILOG = """\b
Examples:
  debate-stats --transcripts-prefix data/jobs/20261122-1/transcripts
  debate-stats --transcripts-prefix data/jobs            (every debate below)
  TRANSCRIPTS_S3_PREFIX=s3://bucket/jobs debate-stats --force
  debate-stats corpus --root data                       (all debates as a dataset)
  debate-stats query "SELECT * FROM speakers"           (SQL on it)
  debate-stats moderation --help                        (the moderator's view)

\b
Exit codes: 0 done or nothing to do, 64 wrong usage, 65 a transcript is bad (the
others are done), 66 no transcript found, 70 our own fault, 75 try again later.
"""


CORPUS_EPILOG = """\b
Examples:
  debate-stats corpus --root data
  debate-stats corpus --root s3://bucket --people people.csv
"""

QUERY_EPILOG = """\b
Examples:
  debate-stats query "SELECT title, duration FROM debates ORDER BY duration DESC LIMIT 5"
  debate-stats query --format csv --dataset s3://bucket/dataset "FROM speakers"
"""


MODERATION_EPILOG = """\b
Examples:
  debate-stats moderation data/jobs/1/transcripts/debate_transcription.json --moderator SPEAKER_02
  debate-stats moderation --moderator Novák --people people.csv --limit 90 --format csv \\
    s3://bucket/jobs/1/transcripts/debate_transcription.json
"""


workers_option = option(
    "--workers",
    "Processes for many transcripts; 0 takes one per core.",
    type=click.IntRange(min=0),
    default=0,
)
people_option = option(
    "--people", "Who is behind the labels: a table of transcript,label,person.", metavar="CSV"
)
format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="What to print; json is one object a line.",
)


@click.group(epilog=EPILOG, invoke_without_command=True)
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
@option("--force", "Compute all anew.", is_flag=True)
@workers_option
@log_format_option
@click.version_option(__version__, prog_name="debate-stats")
@click.pass_context
def command(
    context: click.Context, prefix: str | None, force: bool, workers: int, log_format: str
) -> None:
    """Compute who spoke how long, how fast, and who cut whom short.

    For every *_transcription.json under the prefix this writes *_speaker_stats.parquet,
    *_interactions.parquet and *_transcript_stats.json beside it. Statistics of a transcript that
    has not changed are left as they are.
    """
    context.obj = log = Log("stats", as_json=is_json(log_format))
    if context.invoked_subcommand is None:
        sys.exit(exit_code_of(partial(_compute, prefix, force, workers, log), log))


@command.command("corpus", epilog=CORPUS_EPILOG)
@click.option(
    "--root",
    envvar="STORAGE_ROOT",
    show_envvar=True,
    help="Where the debates lie: a folder, file://… or s3://…, searched to any depth.",
)
@click.option(
    "--out",
    envvar="DATASET",
    show_envvar=True,
    help="Where the dataset lies; by default the folder dataset under the root.",
)
@option(
    "--corrections",
    "What editors made of the transcripts, as `debate-webapp corrections` writes it; by default "
    "the folder corrections under the root.",
)
@people_option
@workers_option
@click.pass_obj
def corpus_command(
    log: Log,
    root: str | None,
    out: str | None,
    corrections: str | None,
    people: str | None,
    workers: int,
) -> None:
    """Write all debates as a dataset, or bring it up to date.

    Parquet files of debates, speakers, turns, words and interactions, for DuckDB, pandas, Spark
    and Athena. Only what has changed since the last time is computed. A corrected transcript is
    read in place of the one that was heard.
    """

    def build() -> None:
        from debate_stats.dataset.corpus import build_corpus

        part = (os.environ.get(f"AWS_BATCH_JOB_ARRAY_{name}") for name in ("INDEX", "SIZE"))
        settings = in_array(resolve_corpus(root, out, people, corrections), *part)
        build_corpus(replace(settings, workers=workers or count_cores()), log)

    sys.exit(exit_code_of(build, log))


@command.command("query", epilog=QUERY_EPILOG)
@click.argument("sql")
@option("--dataset", "Where the dataset lies.", default="data/dataset", show_default=True)
@format_option
@click.pass_obj
def query_command(log: Log, sql: str, dataset: str, form: str) -> None:
    """Answer SQL on the tables debates, speakers, turns, words and interactions."""

    def ask() -> None:
        from debate_stats.dataset.query import print_answer

        print_answer(sql, dataset, form, sys.stdout)

    sys.exit(exit_code_of(ask, log))


@command.command("moderation", epilog=MODERATION_EPILOG)
@click.argument("transcript")
@click.option(
    "--moderator",
    "moderators",
    multiple=True,
    required=True,
    metavar="NAME",
    help="Who moderates: a label, or a person of --people. May be given several times.",
)
@people_option
@click.option("--limit", type=click.FloatRange(min=0), help="Seconds allowed for each answer.")
@format_option
@click.pass_obj
def moderation_command(
    log: Log,
    transcript: str,
    moderators: tuple[str, ...],
    people: str | None,
    limit: float | None,
    form: str,
) -> None:
    """Show how the floor was shared out after each question of the moderators.

    For every question and debater: floor time, share, overrun, interruptions, and how evenly the
    floor was shared (fairness_index: 1 when all spoke equally long).
    """

    def show() -> None:
        from debate_stats.command.moderation_table import print_moderation

        print_moderation(transcript, moderators, people, limit, form, sys.stdout)

    sys.exit(exit_code_of(show, log))


def _compute(prefix: str | None, force: bool, workers: int, log: Log) -> None:
    from debate_stats.command.job import run

    batch = (os.environ.get(f"AWS_BATCH_JOB_{name}") for name in ("ARRAY_INDEX", "ID"))
    run(Settings(resolve_prefix(prefix, *batch), force, workers or count_cores()), log, _now)


def main() -> NoReturn:
    """Entry point of `debate-stats`."""
    run_click(command, "debate-stats")


def _now() -> str:
    """UTC, or SOURCE_DATE_EPOCH where somebody wants the same bytes from two runs."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    moment = datetime.fromtimestamp(int(fixed), UTC) if fixed else datetime.now(UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
