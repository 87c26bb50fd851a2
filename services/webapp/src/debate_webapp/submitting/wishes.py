"""What somebody typed who wants a debate: addresses, and how to transcribe it. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from debate_contract.errors import BadInput

from debate_webapp.incoming.texts import one_line

MOST_LINES = 50
MOST_SPEAKERS = 50
LONGEST_ADDRESS = 2000
LONGEST_NAMES = 20_000


@dataclass(frozen=True, slots=True)
class Wishes:
    """How to transcribe it; what is empty is found out by the machine."""

    speakers: int | None = None
    language: str = ""
    names: str = ""
    model: str = ""

    def as_json(self) -> dict[str, Any]:
        """As a row keeps it."""
        return asdict(self)


def read_addresses(text: str) -> list[str]:
    """The addresses in some lines, each once; raises BadInput for what is none.

    Only http and https: a path would have the server read its own files for whoever asks.
    """
    lines = list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not lines:
        raise BadInput("type the address of a recording, it begins with https://")
    if len(lines) > MOST_LINES:
        raise BadInput(f"these are {len(lines)} addresses; send {MOST_LINES} at a time")
    return list(dict.fromkeys(map(_read_address, lines)))


def _read_address(line: str) -> str:
    """The address, its scheme in small letters; raises BadInput."""
    # Behind what may be a name and a password: the site's log keeps what is refused.
    shown = unicodedata.normalize("NFKC", line).rpartition("@")[2]
    shown = shown if len(shown) <= 80 else f"{shown[:80]}…"
    try:
        parts = urlsplit(line)
        host = parts.hostname
        _ = parts.port  # raises for what is none
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not host or not line.isprintable() or " " in line:
        raise BadInput(f"{shown!r} is no address of a recording: it begins with https://")
    if "@" in parts.netloc:
        raise BadInput("leave name and password out of the address: everybody here can read it")
    if len(line) > LONGEST_ADDRESS:
        raise BadInput(f"the address {shown} has more than {LONGEST_ADDRESS} characters")
    return f"{parts.scheme}{line[len(parts.scheme) :]}"


def title_of(source: str) -> str:
    """What a list shows of a source: a file's name, an address without its scheme."""
    parts = urlsplit(source)
    if parts.scheme in ("http", "https"):
        return source.removeprefix(f"{parts.scheme}://").removeprefix("www.")[:300]
    return one_line(PurePosixPath(source).name, 300)


def read_wishes(given: Mapping[str, Any]) -> Wishes:
    """Wishes out of a form or a JSON object; raises BadInput with a sentence for what is none."""
    return Wishes(
        _speakers(given.get("speakers")),
        _matching(given, "language", r"[A-Za-z]{2,3}(-[A-Za-z]{2,4})?", "a code such as en"),
        _names(given.get("names")),
        _matching(given, "model", r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", "a name such as turbo"),
    )


def _speakers(given: object) -> int | None:
    text = str(given if given is not None else "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= MOST_SPEAKERS:
        raise BadInput(f"the number of speakers is 1 to {MOST_SPEAKERS}, not {text[:20]!r}")
    return int(text)


def _matching(given: Mapping[str, Any], name: str, pattern: str, what: str) -> str:
    text = str(given.get(name) or "").strip()
    if text and not re.fullmatch(pattern, text):
        raise BadInput(f"the {name} is {what}, not {text[:40]!r}")
    return text


def _names(given: object) -> str:
    if isinstance(given, list):
        given = "\n".join(map(str, given))
    lines = (one_line(line) for line in re.split(r"[\r\n,;]+", str(given or "")))
    text = "\n".join(line for line in lines if line)
    if len(text) > LONGEST_NAMES:
        raise BadInput(f"the names to expect have more than {LONGEST_NAMES} characters")
    return text
