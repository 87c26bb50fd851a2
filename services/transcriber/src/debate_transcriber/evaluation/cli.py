"""The command `debate-evaluate`: a transcript and references in, error rates out."""

import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import click

from debate_transcriber import __version__
from debate_transcriber.errors import StageError, UsageFault
from debate_transcriber.evaluation.references import (
    Account,
    Passage,
    read_rttm,
    read_stm,
    read_text,
    read_transcript,
)

EPILOG = """\b
Examples:
  debate-evaluate talk_transcription.json --rttm talk.rttm
  debate-evaluate talk_transcription.json --stm talk.stm --json

\b
Exit codes: 0 compared, 64 wrong usage, 65 a file that cannot be read as what it should be,
66 file not found.
"""
NAMES = {
    "wer": "word error rate",
    "cpwer": "word error rate, with the right speaker (cpWER)",
    "der": "diarization error rate",
    "speaking_time": "speaking time",
}
FILE = click.Path(path_type=Path)


@click.command(epilog=EPILOG, context_settings={"max_content_width": 110})
@click.argument("transcript", type=FILE)
@click.option("--text", type=FILE, help="Reference text: gives the word error rate.")
@click.option("--stm", type=FILE, help="Reference STM: words with speakers and times.")
@click.option("--rttm", type=FILE, help="Reference RTTM: turns; goes before the times of --stm.")
@click.option(
    "--collar",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Seconds around each boundary that are not scored (0.5 is 0.25 to each side).",
)
@click.option("--skip-overlap", is_flag=True, help="Leave out where several speak at once.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.version_option(__version__, prog_name="debate-evaluate")
def command(transcript: Path, as_json: bool, **options: Any) -> None:
    """Compare a TRANSCRIPT with references: its words, its turns, and whose words they are.

    Words are compared in lower case without punctuation. Overlapping speech is scored and there is
    no collar unless you say so.
    """
    try:
        figures = evaluate(read_transcript(transcript), **options)
    except StageError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    click.echo(json.dumps(figures) if as_json else _table(figures))


def evaluate(
    found: Account,
    text: Path | None,
    stm: Path | None,
    rttm: Path | None,
    collar: float = 0.0,
    skip_overlap: bool = False,
) -> dict[str, dict[str, float | int]]:
    """Return the figures that the references given allow, by the names of `NAMES`."""
    if not (text or stm or rttm):
        raise UsageFault("give a reference to compare with: --text, --stm or --rttm")
    _require_libraries()
    from debate_transcriber.evaluation import measures

    passages = read_stm(stm) if stm else []
    turns = read_rttm(rttm) if rttm else passages
    words = read_text(text) if text else _words(passages)
    figures = {}
    if text or stm:
        figures["wer"] = measures.word_error_rate(words, _words(found.passages))
    if stm:
        figures["cpwer"] = measures.attributed_word_error_rate(passages, found.passages)
    if rttm or stm:
        figures["der"] = measures.diarization_error_rate(
            turns, found.turns, found.duration, collar, skip_overlap=skip_overlap
        )
        figures["speaking_time"] = measures.speaking_time_error(turns, found.turns)
    return figures


def _words(passages: Sequence[Passage]) -> list[str]:
    return [word for passage in passages for word in passage.words]


def _require_libraries() -> None:
    if find_spec("jiwer") is None or find_spec("pyannote.metrics") is None:
        raise UsageFault(
            "debate-evaluate needs the extra `evaluate`: install debate-transcriber[evaluate]"
        )


def _table(figures: dict[str, dict[str, float | int]]) -> str:
    lines = []
    for name, values in figures.items():
        rest = ", ".join(
            f"{key.replace('_', ' ')} {round(value, 1)}"
            for key, value in values.items()
            if key != "rate"
        )
        lines.append(f"{NAMES[name]:<48} {values['rate']:>7.1%}   {rest}")
    return "\n".join(lines)


def main() -> NoReturn:
    """Run the command; click's own usage errors become exit code 64."""
    try:
        command.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(64)
    sys.exit(0)
