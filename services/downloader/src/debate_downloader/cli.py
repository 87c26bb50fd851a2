"""`debate-download`: options in, exit code out."""

import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import click

from debate_downloader import __version__
from debate_downloader.errors import Interrupted, StageError, TemporaryFault
from debate_downloader.interrupts import stoppable
from debate_downloader.logs import Log
from debate_downloader.settings import CookieSource, Settings, check_source, job_prefix

EXIT_USAGE, EXIT_BUG, EXIT_INTERRUPTED = 64, 70, 130

HELP = """Fetch a debate recording and its subtitles into a job.

The job gets videos/NAME.mp4, subtitles/NAME.LANGUAGE.vtt and, last of all, media.json. A job that
is complete already is left alone.

\b
Examples:
  debate-download --video-url https://www.youtube.com/watch?v=... --output-s3-prefix data/jobs/first
  debate-download --video-url ~/recordings/council.mkv --output-s3-prefix s3://bucket/jobs/council

\b
Exit codes: 0 done, 64 wrong usage, 65 bad input (no audio, private, not a video), 66 not found,
70 a fault of this program, 75 temporary: try again.
"""


@click.command(help=HELP, context_settings={"show_default": True, "max_content_width": 100})
@click.option(
    "--video-url",
    envvar="VIDEO_URL",
    show_envvar=True,
    required=True,
    help="http(s) URL of a page or stream, or a media file (path, file://, s3://).",
)
@click.option(
    "--output-s3-prefix",
    envvar="OUTPUT_S3_PREFIX",
    show_envvar=True,
    required=True,
    help="The job's folder: s3://, file:// or a path. In Batch the job's id is appended.",
)
@click.option(
    "--max-height",
    envvar="MAX_HEIGHT",
    show_envvar=True,
    default=480,
    type=click.IntRange(min=16),
    help="Lines of video to ask for, at most.",
)
@click.option(
    "--yt-cookies-secret-arn",
    envvar="YT_COOKIES_SECRET_ARN",
    show_envvar=True,
    help="Secrets Manager secret that holds the text of a cookies.txt.",
)
@click.option(
    "--yt-cookies-s3-uri",
    envvar="YT_COOKIES_S3_URI",
    show_envvar=True,
    help="S3 object that holds a cookies.txt; used when no secret is named.",
)
@click.option(
    "--yt-cookies-file",
    envvar="YT_COOKIES_FILE",
    show_envvar=True,
    type=Path,
    help="A cookies.txt here; used when neither secret nor S3 object is named.",
)
@click.option(
    "--allow-private-hosts",
    envvar="ALLOW_PRIVATE_HOSTS",
    show_envvar=True,
    is_flag=True,
    help="Fetch from loopback and private addresses too. Never where others choose URLs.",
)
@click.option(
    "--force",
    envvar="FORCE",
    show_envvar=True,
    is_flag=True,
    help="Download again even if the job is complete.",
)
@click.option(
    "--time-limit",
    envvar="TIME_LIMIT",
    show_envvar=True,
    default=14400,
    type=click.IntRange(min=1),
    help="Seconds that all of it may take.",
)
@click.option(
    "--max-bytes",
    envvar="MAX_BYTES",
    show_envvar=True,
    default=20_000_000_000,
    type=click.IntRange(min=1),
    help="Largest file that is fetched.",
)
@click.option(
    "--attempts",
    envvar="ATTEMPTS",
    show_envvar=True,
    default=4,
    type=click.IntRange(min=1),
    help="How often to try when the network fails.",
)
@click.option(
    "--retry-seconds",
    envvar="RETRY_SECONDS",
    show_envvar=True,
    default=2.0,
    type=click.FloatRange(min=0),
    help="Pause before the second attempt; then doubled.",
)
@click.option(
    "--log-format",
    envvar="LOG_FORMAT",
    show_envvar=True,
    default="auto",
    type=click.Choice(["auto", "json", "human"]),
    help="auto is json in Batch.",
)
@click.version_option(__version__, prog_name="debate-download")
def command(**options: Any) -> None:
    """Run one download; see HELP."""
    batch_id = os.environ.get("AWS_BATCH_JOB_ID")
    style = options.pop("log_format")
    log = Log("download", as_json=style == "json" or (style == "auto" and bool(batch_id)))
    sys.exit(_run(log, options, batch_id))


def _run(log: Log, options: dict[str, Any], batch_id: str | None) -> int:
    """Run the job and turn whatever happens into an exit code."""
    try:
        settings = _settings(options, batch_id)
        with stoppable(settings.time_limit) as stopper:
            from debate_downloader import job

            job.run(settings, log, stopper)
    except StageError as error:
        return _failed(log, error, error.exit_code)
    except Interrupted as stop:
        # A worker thread may still hang in a socket: Python would wait for it on the way out.
        os._exit(_failed(log, stop.error, stop.error.exit_code))
    except KeyboardInterrupt:
        os._exit(
            _failed(log, TemporaryFault("stopped: run the same command again"), EXIT_INTERRUPTED)
        )
    except Exception as error:  # noqa: BLE001 -- the last line of defence logs and says so
        return _failed(log, error, EXIT_BUG)
    finally:
        log.close()
    return 0


def _settings(options: dict[str, Any], batch_id: str | None) -> Settings:
    prefix = job_prefix(
        options.pop("output_s3_prefix"),
        batch_job_id=batch_id,
        array_index=os.environ.get("AWS_BATCH_JOB_ARRAY_INDEX"),
    )
    cookies = CookieSource(
        secret_arn=options.pop("yt_cookies_secret_arn") or None,
        s3_uri=options.pop("yt_cookies_s3_uri") or None,
        file=options.pop("yt_cookies_file"),
    )
    source = check_source(options.pop("video_url"))
    return Settings(source=source, job_prefix=prefix, cookies=cookies, **options)


def _failed(log: Log, error: BaseException, exit_code: int) -> int:
    log.close()
    log.failed(error, exit_code)
    sys.stderr.flush()
    return exit_code


def run_click(program: click.Command, name: str) -> NoReturn:
    """Run a click command with our exit codes: click's usage errors are 64, Ctrl-C is 130."""
    try:
        program(prog_name=name, standalone_mode=False)
    except click.Abort:
        sys.exit(EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(EXIT_USAGE)
    sys.exit(0)


def main() -> NoReturn:
    """Entry point of `debate-download`."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(75))  # until the job takes over
    run_click(command, "debate-download")
