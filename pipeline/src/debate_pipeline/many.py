"""Many sources after one another: one that fails takes none of the others with it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from debate_contract.errors import StageError, TemporaryFault, UsageFault
from debate_contract.texts import decode_text

from debate_pipeline.errors import Interrupted
from debate_pipeline.settings import without_credentials

SOME_FAILED = 65
# Addresses and names of files have a # in them too, but hardly with space around.
COMMENT = re.compile(r"^\s*#.*|\s+#\s.*")


@dataclass(frozen=True)
class Result:
    """How one source fared; exit code 0 and no message when well."""

    source: str
    exit_code: int = 0
    message: str = ""


def read_sources(content: bytes, name: str, note: Callable[[str], None]) -> list[str]:
    """Return the sources of the list `name`; an encoding that had to be guessed is noted.

    Raises `UsageFault` when it is no text, or has no source.
    """
    try:
        text = decode_text(content)
    except ValueError as cause:
        raise UsageFault(f"{name} is no text; save the list as plain text, UTF-8") from cause
    if text.guessed:
        note(f"{name} is not UTF-8; it is read as {text.guessed}")
    sources = parse_sources(text.content)
    if not sources:
        raise UsageFault(f"{name} has no recording; write an address or a file on each line")
    return sources


def parse_sources(text: str) -> list[str]:
    """Return one source a line, each once.

    A comment is a line that begins with #, or what follows a # between two spaces.
    """
    lines = (COMMENT.sub("", line).strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))


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


def describe_results(results: list[Result]) -> str:
    """Return one line per source; a list may have tens of thousands."""
    rows = [("source", "result")]
    rows += [(without_credentials(one.source), one.message or "done") for one in results]
    width = max(len(source) for source, _ in rows)
    return "\n".join(f"{source:<{width}}  {message}" for source, message in rows)


def exit_code_of(results: list[Result]) -> int:
    """Return 0 when all went well, 75 when the same command may mend all the rest, else 65."""
    codes = {result.exit_code for result in results} - {0}
    if not codes:
        return 0
    return TemporaryFault.exit_code if codes == {TemporaryFault.exit_code} else SOME_FAILED
