"""The command `debate-transcribe`: options and environment in, exit codes out."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from debate_contract.commands import log_format_option, option, report, run_click
from debate_contract.errors import Stopped
from debate_contract.logs import Log, is_json
from debate_contract.storage import locate

from debate_transcriber import __version__
from debate_transcriber.engines.speech import Hints, SpeakerCount
from debate_transcriber.recordings.vocabulary import read_vocabulary
from debate_transcriber.settings import Settings, parse_language, usable_cores, validate_count
from debate_transcriber.work.schedule import leave

EPILOG = """\b
Examples:
  debate-transcribe --video-s3-prefix data/jobs/1/videos --output-s3-prefix data/jobs/1
  debate-transcribe --video-s3-prefix talk.mp4 --output-s3-prefix . --num-speakers 3
  WHISPER_MODEL=large-v3 DIARIZATION_ENGINE=campplus debate-transcribe \\
      --video-s3-prefix s3://bucket/jobs/1/videos --output-s3-prefix s3://bucket/jobs/1

\b
Exit codes: 0 done or nothing to do, 64 wrong usage or configuration, 65 bad recording,
66 recording not found, 70 our own fault, 75 temporary: try again.
"""


class EngineChoice(click.Choice[str]):
    """Names of engines; of one that is gone it says what does its work now."""

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> str:
        """Return the name; fails for any that is none of the choices."""
        if value == "embedded":
            self.fail(
                "the embedded engines are gone: take auto, whose weights need no token and are "
                "fetched on first use, or beforehand by `make models`.",
                param,
                context,
            )
        return super().convert(value, param, context)


@click.command(epilog=EPILOG, context_settings={"max_content_width": 110})
@option(
    "--video-s3-prefix",
    "Folder or s3:// prefix with recordings, one recording, or a .csv list of recordings with the "
    "columns recording, language, num_speakers, min_speakers, max_speakers, initial_prompt.",
    required=True,
)
@option(
    "--output-s3-prefix", "Where transcripts/ is made: the job's folder or prefix.", required=True
)
@option("--language", "Code of the language spoken, such as en or cs; left out: detected.")
@option("--num-speakers", "How many people speak, if you know.", type=click.IntRange(1, 50))
@option("--min-speakers", "At least so many people speak.", type=click.IntRange(1, 50))
@option("--max-speakers", "At most so many people speak.", type=click.IntRange(1, 50))
@option(
    "--channels",
    "speakers: every channel or track is one person's own, recognised apart; mix: all as one.",
    type=click.Choice(["mix", "speakers"]),
    default="mix",
    show_default=True,
)
@option("--initial-prompt", "A text with names and words to expect.")
@option(
    "--vocabulary",
    "File (or s3:// URI) of names to expect, one a line, the most important first: Whisper takes "
    "30 to 70, and what is left out is said.",
)
@option(
    "--asr-engine",
    "Recogniser; auto takes the best that works here.",
    type=EngineChoice(["auto", "whisper"]),
    default="auto",
    show_default=True,
)
@option(
    "--diarization-engine",
    "Diarizer; auto takes the best that works here.",
    type=EngineChoice(["auto", "pyannote", "campplus"]),
    default="auto",
    show_default=True,
)
@option(
    "--whisper-model", "Whisper model by name (base, turbo, large-v3, …) or path of a .pt file."
)
@option(
    "--beam-size",
    "Texts that Whisper weighs side by side, 1 is quickest; left out: 5 for other languages than "
    "English with the models up to small, else 1.",
    type=click.IntRange(1, 20),
)
@option(
    "--models-prefix",
    "Folder or s3:// prefix of weights: whisper/, voices/, pyannote/ as debate-models fills it.",
)
@option("--hf-token", "Hugging Face token, if pyannote's pipeline is wanted.")
@option("--device", "auto, cpu, cuda, …", default="auto", show_default=True)
@option("--threads", "CPU cores to use; left out: all this process may.", type=click.IntRange(1))
@option(
    "--max-seconds",
    "Longest recording that is taken.",
    type=click.IntRange(1),
    default=86400,
    show_default=True,
)
@log_format_option
@click.option("--force", is_flag=True, help="Transcribe again what is already up to date.")
@click.version_option(__version__, prog_name="debate-transcribe")
def command(**options: Any) -> None:
    """Turn recordings into words with times, speakers and a measure of doubt.

    For each recording three files are written to transcripts/: the transcript, a waveform overview
    and one voice vector per speaker. A transcript that is up to date is left alone.
    """
    log = Log("transcribe", as_json=is_json(options["log_format"]))
    with failures_reported(log):
        _run(options, log)


@contextmanager
def failures_reported(log: Log) -> Iterator[None]:
    """Say why the work failed and leave with the contract's exit code; SIGTERM is a failure too."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence
        leave(report(error, log), at_once=isinstance(error, Stopped | KeyboardInterrupt))


def _run(options: dict[str, Any], log: Log) -> None:
    from debate_transcriber.job import run

    language, remark = parse_language(options["language"])
    if remark:
        log.note(remark, level="warning")
    run(_settings(options, language), log)


def _settings(options: dict[str, Any], language: str | None) -> Settings:
    return Settings(
        video_prefix=options["video_s3_prefix"],
        output_prefix=options["output_s3_prefix"],
        asr_engine=options["asr_engine"],
        diarization_engine=options["diarization_engine"],
        count=_count(options),
        channels=options["channels"],
        hints=_hints(language, options["initial_prompt"], options["vocabulary"]),
        whisper_model=options["whisper_model"] or None,  # empty in the environment: not given
        beam_size=options["beam_size"],
        models_prefix=options["models_prefix"] or None,
        hf_token=options["hf_token"] or None,
        device=options["device"],
        force=options["force"],
        job_id=os.environ.get("AWS_BATCH_JOB_ID"),
        array_index=os.environ.get("AWS_BATCH_JOB_ARRAY_INDEX"),
        threads=options["threads"] or usable_cores(),
        max_seconds=options["max_seconds"],
    )


def _count(options: dict[str, Any]) -> SpeakerCount:
    given = (options[f"{which}_speakers"] for which in ("num", "min", "max"))
    return validate_count(*given, channels=options["channels"])


def _hints(language: str | None, prompt: str | None, vocabulary: str | None) -> Hints:
    return Hints(
        language, prompt or None, read_vocabulary(locate(vocabulary)) if vocabulary else ()
    )


def main() -> NoReturn:
    """Entry point of `debate-transcribe`."""
    run_click(command, "debate-transcribe")
