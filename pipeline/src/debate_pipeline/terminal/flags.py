"""The options of the command line: each has an environment name where that is nobody else's."""

from collections.abc import Callable
from typing import Any

import click

from debate_pipeline.job.stages import OUTPUT, VOCABULARY
from debate_pipeline.settings import normalise_file, normalise_output

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _all(*options: Decorator) -> Decorator:
    """Put a group of options on a command."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _option(*names: str, **more: Any) -> Decorator:
    return click.option(*names, show_envvar=True, **more)


PLACE_OPTIONS = _all(
    _option("--root", envvar="STORAGE_ROOT", default="", help="The store. [default: data/]"),
    _option("--home", envvar="DEBATE_HOME", default="", help="The checkout that has the services."),
    _option(
        "--backend",
        envvar="BACKEND",
        default="auto",
        show_default=True,
        help="local: this machine; aws: Batch; auto: Batch when a stack is selected.",
    ),
)
RUN_OPTIONS = _all(
    _option(
        "--retry-delay",
        envvar="RETRY_DELAY",
        type=click.FloatRange(min=0),
        default=10.0,
        show_default=True,
        help="Seconds before a stage that failed for a passing reason is tried again.",
    ),
    _option("--force", envvar="FORCE", is_flag=True, help="Do finished work anew."),
)


def _or_nothing(kind: Any) -> Callable[[str], Any]:
    """Return a type whose empty value takes back what was given before."""
    return lambda value: value and kind.convert(value, None, None)


# The transcriber's own bounds: better said now than after the download.
SPEAKERS: dict[str, Any] = {"type": _or_nothing(click.IntRange(1, 50)), "metavar": "N"}
LINES: dict[str, Any] = {"type": _or_nothing(click.IntRange(min=16)), "metavar": "N"}
TRACK: dict[str, Any] = {"type": _or_nothing(click.IntRange(min=1)), "metavar": "N"}
RECOGNISERS = _or_nothing(click.Choice(["auto", "whisper"]))
DIARIZERS = _or_nothing(click.Choice(["auto", "pyannote", "campplus"]))
TRANSCRIBE_OPTIONS = _all(
    # Without an environment name: desktops set LANGUAGE to the user's own locales.
    _option("--language", help="What is spoken, e.g. en. [default: found out by the recogniser]"),
    _option(
        "--speakers",
        "num_speakers",
        envvar="NUM_SPEAKERS",
        help="How many people speak.",
        **SPEAKERS,
    ),
    _option("--min-speakers", envvar="MIN_SPEAKERS", help="At least so many.", **SPEAKERS),
    _option("--max-speakers", envvar="MAX_SPEAKERS", help="At most so many.", **SPEAKERS),
    _option(
        "--channels",
        envvar="CHANNELS",
        type=_or_nothing(click.Choice(["mix", "speakers"])),
        metavar="mix|speakers",
        help="speakers: every channel or track is one person's own. [default: mix]",
    ),
    _option("--model", "whisper_model", envvar="WHISPER_MODEL", help="Whisper's model."),
    _option(
        "--asr-engine",
        envvar="ASR_ENGINE",
        type=RECOGNISERS,
        metavar="NAME",
        help="auto or whisper.",
    ),
    _option(
        "--diarization-engine",
        envvar="DIARIZATION_ENGINE",
        type=DIARIZERS,
        metavar="NAME",
        help="auto, pyannote or campplus.",
    ),
    _option("--initial-prompt", envvar="INITIAL_PROMPT", help="A text with names to expect."),
    _option(
        "--vocabulary",
        envvar=VOCABULARY,
        callback=lambda _context, _option, given: normalise_file(given) if given else given,
        help="A file of names to expect, one a line, the most important first.",
    ),
)
DOWNLOAD_OPTIONS = _all(
    _option("--max-height", envvar="MAX_HEIGHT", help="Lines of the picture, at most.", **LINES),
    _option(
        "--audio-track",
        envvar="AUDIO_TRACK",
        help="Number of the sound track to take. [default: all in which somebody speaks]",
        **TRACK,
    ),
)
# Without an environment name: the contract's means each stage's own place.
OUTPUT_OPTION = click.option(
    "--output",
    OUTPUT.lower(),
    callback=lambda _context, _option, given: normalise_output(given) if given else None,
    help="Job folder or s3:// prefix that gets the transcripts/. [default: see above]",
)
# Without an environment name: MODE is too common a one.
MODE_OPTION = _option(
    "--mode",
    type=click.Choice(["chain", "single", "urgent"]),
    default="chain",
    show_default=True,
    help="On AWS: a chain of jobs; one job on a GPU machine for all stages; or a chain that waits "
    "for no other, on machines that cost more.",
)
