"""Many sources after one another: one that fails takes none of the others with it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from debate_contract.errors import StageError, TemporaryFault
from rich.table import Table

from debate_pipeline.errors import Interrupted
from debate_pipeline.settings import without_credentials

SOME_FAILED = 65


@dataclass(frozen=True)
class Result:
    """How one source fared; exit code 0 and no message when well."""

    source: str
    exit_code: int = 0
    message: str = ""


def parse_sources(lines: Iterable[str]) -> list[str]:
    """Return one source a line, each once; blank lines and lines that begin with # are left out."""
    stripped = (line.strip() for line in lines)
    return list(dict.fromkeys(line for line in stripped if line and not line.startswith("#")))


def submit_each(
    sources: list[str], submit: Callable[[str], object], note: Callable[[str], None]
) -> list[Result]:
    """Submit one source after the other; only the user's own stop ends the round early."""
    results = []
    for number, source in enumerate(sources, start=1):
        note(f"[{number}/{len(sources)}] {without_credentials(source)}")
        try:
            submit(source)
            results.append(Result(source))
        except Interrupted:
            raise
        except StageError as error:
            note(str(error))
            results.append(Result(source, error.exit_code, str(error)))
    return results


def results_table(results: list[Result]) -> Table:
    """Return one row per source."""
    table = Table("source", "result", box=None, pad_edge=False)
    for result in results:
        table.add_row(without_credentials(result.source), result.message or "done")
    return table


def exit_code_of(results: list[Result]) -> int:
    """Return 0 when all went well, 75 when the same command may mend all the rest, else 65."""
    codes = {result.exit_code for result in results} - {0}
    if not codes:
        return 0
    return TemporaryFault.exit_code if codes == {TemporaryFault.exit_code} else SOME_FAILED
