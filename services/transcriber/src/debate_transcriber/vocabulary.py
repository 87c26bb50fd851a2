"""Names to expect, from a file: one name or phrase a line, the most important first."""

from debate_contract.errors import UsageFault
from debate_contract.storage import Location, read


def read_vocabulary(file: Location) -> tuple[str, ...]:
    """Return the lines without blanks, repetitions and comments (`#`).

    Raises InputNotFound where there is no such file, UsageFault where it is not text.
    """
    content = read(file)
    try:
        lines = [line.strip() for line in content.decode("utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise UsageFault(f"VOCABULARY={file} is not text in UTF-8, one name a line") from error
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
