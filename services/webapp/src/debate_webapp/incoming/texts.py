"""What programs and people elsewhere wrote, as a row keeps it and a page shows it."""

import re

# A terminal's colours and titles (ECMA-48: CSI, OSC, two-byte escapes).
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])")
# Invisible, but letters of Persian and of Indian scripts are joined and parted by them.
_JOINERS = "\u200c\u200d"


def one_line(text: str, most: int | None = None) -> str:
    """At most so many characters on one line.

    What cannot be shown is a space: controls, and marks that turn the direction of a line around.
    """
    plain = "".join(c if c.isprintable() or c in _JOINERS else " " for c in _ESCAPES.sub("", text))
    return " ".join(plain.split())[:most]
