"""Names of files that every system can keep."""

import re
import unicodedata
from urllib.parse import quote

# Bytes of a title in a name: with what follows it stays under the 255 of common file systems.
TITLE_BYTES = 150
_UNSAFE = re.compile(r'[/\\:*?"<>|]+')


def file_stem(title: str) -> str:
    """A title without separators, wildcards, invisible characters and leading or ending dots."""
    printable = "".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", title))
    name = " ".join(_UNSAFE.sub(" ", printable).split()).strip(". ")
    name = name.encode("utf-8", "ignore")[:TITLE_BYTES].decode("utf-8", "ignore")
    return name.strip(". ") or "debate"


def file_name(title: str, standing: str, extension: str) -> str:
    """`<title>-<standing>.<extension>`: how far it can be trusted goes wherever the file goes."""
    return f"{file_stem(title)}-{standing}.{extension}"


def disposition(name: str) -> str:
    """A Content-Disposition header that saves under this name (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'["\\]', "", plain)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
