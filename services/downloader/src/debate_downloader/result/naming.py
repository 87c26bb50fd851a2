"""File names: safe everywhere, the same for the same recording, readable where possible."""

import hashlib
import re
import unicodedata

LONGEST_STEM = 120  # bytes; the contract's limit
SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")


def make_stem(title: str, source_id: str) -> str:
    """Name a recording's files: words of the title, then the source's id; ASCII, no dots.

    The same title and id always give the same name. Letters that have no ASCII form are left
    out; the id keeps names apart then, and `media.json` keeps the title.
    """
    tail = source_id if SAFE_ID.fullmatch(source_id) else digest(source_id)
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[A-Za-z0-9]+", plain.replace("'", "")))
    head = words[: LONGEST_STEM - len(tail) - 1].strip("-")
    return f"{head or 'recording'}-{tail}"


def digest(text: str) -> str:
    """Twelve hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def printable(text: object) -> str | None:
    """Text that can be written as UTF-8, whatever a site or a file system put into it."""
    return None if text is None else str(text).encode("utf-8", "replace").decode()


def language_tag(text: str) -> str:
    """Turn what a site calls a language into a tag that is safe in a file name, or into `und`."""
    tag = text.replace("_", "-").removesuffix("-orig")
    return tag if LANGUAGE.fullmatch(tag) and len(tag) <= 35 else "und"
