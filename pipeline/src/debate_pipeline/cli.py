"""The command `debate`: options, what is printed, exit codes."""

import json
import signal
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import IO, Any, NoReturn

import click
from debate_contract.errors import InputNotFound, StageError, UsageFault
from debate_contract.storage import disk_fault
from rich.console import Console
from rich.text import Text

from debate_pipeline import __version__
from debate_pipeline.backend import Backend, run_request
from debate_pipeline.errors import Terminated
from debate_pipeline.job.options import renew
from debate_pipeline.job.record import Job, State
from debate_pipeline.job.report import to_report
from debate_pipeline.job.stages import Request
from debate_pipeline.many import describe_results, exit_code_of, read_sources
from debate_pipeline.settings import (
    normalise_prefix,
    normalise_source,
    read_version,
    without_credentials,
)
from debate_pipeline.terminal.display import print_plain
from debate_pipeline.terminal.findings import Verdict, findings_table
from debate_pipeline.terminal.flags import (
    DOWNLOAD_OPTIONS,
    MODE_OPTION,
    OUTPUT_OPTION,
    RUN_OPTIONS,
    TRANSCRIBE_OPTIONS,
)
from debate_pipeline.terminal.listing import jobs_table, log_line, stages_table
from debate_pipeline.terminal.place import with_backend
from debate_pipeline.terminal.summary import describe

progress_console = Console(stderr=True)
# Text that goes to a file or a pipe is not cut to the width of a terminal.
console = Console(width=None if sys.stdout.isatty() else 1000)


@click.group(context_settings={"max_content_width": 100})
@click.version_option(__version__, prog_name="debate")
def cli() -> None:
    """Turn recordings of debates into transcripts, figures and pages.

    \b
    debate submit https://example.org/debate.mp4 --speakers 3
    debate status
    debate logs --follow

    Exit codes: 0 done, 64 wrong usage, 65 bad input, 66 not found, 70 our own fault,
    75 try again later, 130 stopped by Ctrl-C.
    """


@cli.command()
@click.argument("source", metavar="URL")
@TRANSCRIBE_OPTIONS
@DOWNLOAD_OPTIONS
@MODE_OPTION
@RUN_OPTIONS
@with_backend
def submit(backend: Backend, source: str, force: bool, mode: str, **options: Any) -> None:
    """Download, transcribe, count and register a recording.

    URL is an http(s) address or a media file of your own. The same command again goes on after the
    last finished stage, joins a run under way, or says that all is done; an option that is not
    given keeps the value it had, an empty one ('') is taken back. --force makes a new run.

    \b
    debate submit https://example.org/debate.mp4 --speakers 3 --language en
    debate submit recordings/council.mkv --model base --diarization-engine campplus
    """
    more = {"options": _environment(options), "force": force, "mode": mode}
    _run(backend, _request(source, **more))


@cli.command("submit-many")
@click.argument("file", type=click.File("rb"))
@TRANSCRIBE_OPTIONS
@DOWNLOAD_OPTIONS
@MODE_OPTION
@RUN_OPTIONS
@with_backend
def submit_many(backend: Backend, file: IO[bytes], force: bool, mode: str, **options: Any) -> None:
    """Submit every URL or media file in FILE, one a line (- is standard input).

    A line that begins with # is a comment, and so is what follows a # between two spaces.

    One that fails takes none of the others with it. The exit code is 0 when all went well, 75 when
    every failure was a passing one, else 65.
    """
    more = {"options": _environment(options), "force": force, "mode": mode}

    def request_of(source: str) -> Request:
        return _request(source, **more)

    sources = read_sources(file.read(), file.name, _say)
    results = backend.run_many(sources, request_of, progress_console)
    click.echo(describe_results(results))
    click.get_current_context().exit(exit_code_of(results))


@cli.command()
@click.argument("source", metavar="URL")
@DOWNLOAD_OPTIONS
@RUN_OPTIONS
@with_backend
def download(backend: Backend, source: str, force: bool, **options: Any) -> None:
    """Only fetch the recording; `debate submit` of the same URL goes on from there."""
    request = _request(source, stages=("download",), options=_environment(options), force=force)
    _run(backend, request)


@cli.command()
@click.argument("videos")
@OUTPUT_OPTION
@TRANSCRIBE_OPTIONS
@RUN_OPTIONS
@with_backend
def transcribe(backend: Backend, videos: str, force: bool, **options: Any) -> None:
    """Only transcribe what lies in the folder or s3:// prefix VIDEOS.

    The transcripts go beside a folder that is called videos, else into a job of their own; or to
    the --output that is given.

    \b
    debate transcribe s3://bucket/jobs/7/videos
    debate transcribe s3://bucket/jobs/7/videos --output s3://bucket/jobs/7-again --speakers 4
    """
    _run_place(backend, "transcribe", videos, force, _environment(options))


@cli.command()
@click.argument("transcripts")
@RUN_OPTIONS
@with_backend
def stats(backend: Backend, transcripts: str, force: bool) -> None:
    """Only count what lies in the folder or s3:// prefix TRANSCRIPTS."""
    _run_place(backend, "stats", transcripts, force, {})


@cli.command()
@click.argument("parts", metavar="[JOB]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON document (contracts/status).")
@click.option(
    "--newest",
    type=click.IntRange(min=1),
    metavar="N",
    default=50,
    show_default=True,
    help="Without a JOB: so many of all.",
)
@click.option("--all", "every", is_flag=True, help="Without a JOB: all; on AWS a read for each.")
@with_backend
def status(
    backend: Backend, parts: tuple[str, ...], as_json: bool, newest: int, every: bool
) -> None:
    """List the newest jobs, or the stages of each JOB whose id contains what is given."""
    asked = [part for part in parts if part]
    if asked:
        (jobs, missing), left = backend.named(asked), 0
    else:
        (jobs, left), missing = backend.jobs(None if every else newest), {}
    if as_json:
        said = backend.last_words(jobs)
        report = to_report(backend.name, backend.cost_basis, jobs, said, missing, left)
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    elif asked:
        _print_stages(backend, jobs)
    else:
        console.print(jobs_table(jobs, datetime.now(UTC)))
    if left:
        _say(f"{left} older ones are not shown: --newest N shows more, --all all of them")
    if missing:
        raise InputNotFound("; ".join(missing.values()))


def _print_stages(backend: Backend, jobs: list[Job]) -> None:
    for job in jobs:
        console.print(Text(f"{job.job_id}: {job.source}"), soft_wrap=True)
        console.print(stages_table(job))
        console.print(Text(f"files in {backend.prefix(job)}"), soft_wrap=True)


@cli.command()
@click.argument("job")
@with_backend
def cancel(backend: Backend, job: str) -> None:
    """Take back what of a JOB on AWS has not ended. `debate submit` goes on from there."""
    if not job:  # elsewhere that means the newest, which may be anybody's
        raise UsageFault("name the job to cancel: `debate status` lists them")
    found = backend.job(job)
    taken = backend.cancel(found)
    _say(f"job {found.job_id}: {'cancelled' if taken else 'it has ended already'}")


@cli.command()
@click.argument("job", default="")
@click.option("--follow", "-f", is_flag=True, help="Wait for more until the job is at rest.")
@with_backend
def logs(backend: Backend, job: str, follow: bool) -> None:
    """Print what the JOB whose id contains what is given has said; the newest without one."""
    for stage, event in backend.events(backend.job(job).job_id, follow):
        click.echo(log_line(stage, event))


@cli.command()
@with_backend
def doctor(backend: Backend) -> None:
    """Look for what keeps jobs from running, and say what to do: exit code 64 if there is any."""
    _say(f"looking {backend.where}")
    findings = backend.examine()
    console.print(findings_table(findings))
    if any(found.verdict is Verdict.ILL for found in findings):
        click.get_current_context().exit(UsageFault.exit_code)


def _environment(options: dict[str, Any]) -> dict[str, str]:
    """Return the given options under the contract's names, which are theirs in capitals."""
    given = {name.upper(): str(value) for name, value in options.items() if value is not None}
    renew({}, given)  # refuses what contradicts itself, before there is a job
    return given


def _run_place(
    backend: Backend, stage: str, place: str, force: bool, options: dict[str, str]
) -> None:
    place = normalise_prefix(place)
    request = Request(place, stages=(stage,), place=place, options=options, force=force)
    _run(backend, request)


def _request(source: str, **more: Any) -> Request:
    typed = normalise_source(source)
    source = without_credentials(typed)
    more |= {"typed": typed} if typed != source else {}
    return Request(source, source_version=read_version(source), **more)


def _run(backend: Backend, request: Request) -> None:
    """Run it; print who spoke how long, or how far it is, where files lie and what to do next."""
    job = run_request(backend, request, progress_console)
    if job.state is not State.DONE:
        console.print(stages_table(job))
    for summary in backend.summaries(job):
        console.print(describe(summary))
    console.print(Text(f"files in {backend.prefix(job)}"), soft_wrap=True)
    for path in backend.files(job):
        console.print(Text(f"  {path}"), soft_wrap=True)
    console.print(Text(f"next: {backend.next_command(job)}"), soft_wrap=True)


def _say(message: str) -> None:
    print_plain(progress_console, message)


def run(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code; a failure is one sentence on standard error."""
    try:
        code: int | None = cli.main(arguments, prog_name="debate", standalone_mode=False)
    except StageError as error:
        _say(f"debate: {error}")
        return error.exit_code
    except click.Abort as stop:
        _say("debate: stopped; the same command goes on from here")
        return 75 if isinstance(stop.__cause__, Terminated) else 130
    except click.ClickException as error:
        error.show()
        return UsageFault.exit_code
    except Exception as error:  # noqa: BLE001 - the last line of defence: show it, exit 70
        if fault := disk_fault(error):
            _say(f"debate: {fault}")
            return fault.exit_code
        traceback.print_exception(error)
        return StageError.exit_code
    return code or 0


def _terminate(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated


def main() -> None:
    """Run `debate` as a program."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:]))
