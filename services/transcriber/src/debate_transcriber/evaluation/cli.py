"""The command `debate-evaluate`: a transcript and references in, error rates out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import click
from debate_contract.commands import run_click
from debate_contract.errors import UsageFault

from debate_transcriber import __version__
from debate_transcriber.evaluation.references import (
    Account,
    Passage,
    only_session,
    read_ctm,
    read_rttm,
    read_seglst,
    read_stm,
    read_text,
    read_transcript,
)

EPILOG = """\b
Examples:
  debate-evaluate talk_transcription.json --rttm talk.rttm
  debate-evaluate talk_transcription.json --stm talk.stm --json
  debate-evaluate talk_transcription.json --seglst all.seglst.json --session talk

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
@click.option("--ctm", type=FILE, help="Reference CTM: words with times, nobody's.")
@click.option("--stm", type=FILE, help="Reference STM: words with speakers and times.")
@click.option("--seglst", type=FILE, help="Reference SegLST (MeetEval's JSON): the same.")
@click.option(
    "--rttm", type=FILE, help="Reference RTTM: turns; goes before the times of the words."
)
@click.option(
    "--session",
    help="Which recording of a reference that holds several; left out: the one of its name.",
)
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
    collar, skip_overlap = options.pop("collar"), options.pop("skip_overlap")
    reference = Reference(**options)
    figures = evaluate(read_transcript(transcript), reference, collar, skip_overlap)
    click.echo(json.dumps(figures) if as_json else _table(figures))


@dataclass(frozen=True, slots=True)
class Reference:
    """The files of a reference; None: not given."""

    text: Path | None = None
    ctm: Path | None = None
    stm: Path | None = None
    seglst: Path | None = None
    rttm: Path | None = None
    session: str | None = None

    def passages(self, name: str) -> list[Passage]:
        """What each speaker says; `name` is the transcript's."""
        found = read_stm(self.stm) if self.stm else []
        found += read_seglst(self.seglst) if self.seglst else []
        return only_session(found, self.session, name)

    def turns(self, name: str) -> list[Passage]:
        """Who speaks when."""
        if self.rttm:
            return only_session(read_rttm(self.rttm), self.session, name)
        return self.passages(name)

    def words(self, name: str) -> Sequence[str]:
        """All words, whoever says them."""
        if self.text:
            return read_text(self.text)
        if self.ctm:
            return words_of(only_session(read_ctm(self.ctm), self.session, name))
        return words_of(self.passages(name))


def evaluate(
    found: Account, reference: Reference, collar: float = 0.0, skip_overlap: bool = False
) -> dict[str, dict[str, float | int]]:
    """Return the figures that the references given allow, by the names of `NAMES`."""
    attributed = reference.stm or reference.seglst
    if not (attributed or reference.text or reference.ctm or reference.rttm):
        raise UsageFault("give a reference: --text, --ctm, --stm, --seglst or --rttm")
    _require_libraries()
    from debate_transcriber.evaluation import measures

    figures = {}
    if attributed or reference.text or reference.ctm:
        words = reference.words(found.name)
        figures["wer"] = measures.word_error_rate(words, words_of(found.passages))
    if attributed:
        passages = reference.passages(found.name)
        figures["cpwer"] = measures.attributed_word_error_rate(passages, found.passages)
    if attributed or reference.rttm:
        turns = reference.turns(found.name)
        figures["der"] = measures.diarization_error_rate(
            turns, found.turns, found.duration, collar, skip_overlap=skip_overlap
        )
        figures["speaking_time"] = measures.speaking_time_error(turns, found.turns)
    return figures


def words_of(passages: Sequence[Passage]) -> list[str]:
    """Return the words of all passages, in order."""
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
    """Entry point of `debate-evaluate`."""
    run_click(command, "debate-evaluate")
