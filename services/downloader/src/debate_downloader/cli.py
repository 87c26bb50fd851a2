"""`debate-download`: options in, exit code out."""

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import click
from debate_contract.commands import log_format_option, option, report, run_click
from debate_contract.logs import Log, is_json

from debate_downloader import __version__
from debate_downloader.errors import Interrupted
from debate_downloader.interrupts import stoppable
from debate_downloader.settings import CookieSource, Settings, job_prefix

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


LINES = click.IntRange(min=16)
COUNT = click.IntRange(min=1)
PAUSE = click.FloatRange(min=0)


@click.command(help=HELP, context_settings={"show_default": True, "max_content_width": 100})
@option("--video-url", "http(s):// address, or a media file: path, file://, s3://.")
@option("--video-urls", "A list of them; an array job takes the line of its index.")
@option("--output-s3-prefix", "The job's folder: s3://, file:// or a path.", required=True)
@option("--max-height", "Lines of video to ask for, at most.", default=480, type=LINES)
@option("--audio-track", "Number of the sound track to take; left out: all that speak.", type=COUNT)
@option("--yt-cookies-secret-arn", "Secret that holds the text of a cookies.txt.")
@option("--yt-cookies-s3-uri", "S3 object with a cookies.txt, if no secret is named.")
@option("--yt-cookies-file", "File with a cookies.txt, if neither of these is named.", type=Path)
@option("--allow-private-hosts", "Fetch from private addresses too; see the README.", is_flag=True)
@option("--force", "Download again even if the job is complete.", is_flag=True)
@option("--time-limit", "Seconds that all of it may take.", default=14400, type=COUNT)
@option("--max-bytes", "Largest file that is fetched.", default=20_000_000_000, type=COUNT)
@option("--max-seconds", "Longest recording that is taken.", default=86400, type=COUNT)
@option("--attempts", "How often to try when the network fails.", default=4, type=COUNT)
@option("--retry-seconds", "First pause between attempts, then doubled.", default=2.0, type=PAUSE)
@log_format_option
@click.version_option(__version__, prog_name="debate-download")
def command(**options: Any) -> None:
    """Run one download; see HELP."""
    batch_id = os.environ.get("AWS_BATCH_JOB_ID")
    log = Log("download", as_json=is_json(options.pop("log_format")))
    sys.exit(_run(log, options, batch_id))


def _run(log: Log, options: dict[str, Any], batch_id: str | None) -> int:
    """Run the job and turn whatever happens into an exit code."""
    try:
        settings = _settings(options, batch_id)
        with stoppable(settings.time_limit) as stopper:
            from debate_downloader import job

            job.run(settings, log, stopper)
    except KeyboardInterrupt as stop:
        code = report(stop.error if isinstance(stop, Interrupted) else stop, log)
        # A worker thread may still hang in a socket: Python would wait for it on the way out.
        sys.stderr.flush()
        os._exit(code)
    except Exception as error:  # noqa: BLE001 - the last line of defence logs and says so
        return report(error, log)
    finally:
        log.close()
    return 0


def _settings(options: dict[str, Any], batch_id: str | None) -> Settings:
    from debate_downloader.sources.source_list import choose_source

    index = os.environ.get("AWS_BATCH_JOB_ARRAY_INDEX")
    base = options.pop("output_s3_prefix")
    prefix = job_prefix(base, batch_job_id=batch_id, array_index=index)
    cookies = CookieSource(
        secret_arn=options.pop("yt_cookies_secret_arn") or None,
        s3_uri=options.pop("yt_cookies_s3_uri") or None,
        file=options.pop("yt_cookies_file"),
    )
    source = choose_source(options.pop("video_url"), options.pop("video_urls"), index)
    return Settings(source=source, job_prefix=prefix, cookies=cookies, **options)


def main() -> NoReturn:
    """Entry point of `debate-download`."""
    run_click(command, "debate-download")
