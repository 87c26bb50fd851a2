"""Names to expect, from a file: one name or phrase a line, the most important first."""

from debate_contract.errors import UsageFault
from debate_contract.storage import Location, read
from debate_contract.texts import decode_text


def read_vocabulary(file: Location) -> tuple[str, ...]:
    """Return the lines without blanks, repetitions and comments (`#`).

    Raises InputNotFound where there is no such file, UsageFault where it is not text.
    """
    content = read(file)
    try:
        lines = [line.strip() for line in decode_text(content).content.splitlines()]
    except ValueError as error:
        raise UsageFault(f"VOCABULARY={file} is no text, one name a line") from error
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
