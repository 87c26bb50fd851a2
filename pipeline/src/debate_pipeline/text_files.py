"""Text files as editors and spreadsheets on any system write them."""

import codecs

# What Windows and Macs call plain text, the likelier first: a few letters fit several of them.
CODE_PAGES = [
    "cp1252", "cp1250", "cp1251", "mac_roman", "mac_latin2", "mac_cyrillic", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp932", "gb18030", "big5", "cp949",
    "utf_16_le", "utf_16_be",
]  # fmt: skip
# How well letters fit a language, from 0 to 1; a line or two says little of that.
ALIKE = 0.1
# UTF-32's mark begins with that of UTF-16.
MARKS = [
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF32_BE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
]


def decode_text(content: bytes) -> tuple[str, str]:
    """Return the text and, where that had to be guessed from its letters, its encoding.

    Byte order marks are left out, also where files were put together. Raises `ValueError` when it
    is no text.
    """
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    try:
        text, guessed = content.decode(marked or "utf_8"), ""
    except UnicodeDecodeError:
        text, guessed = _guess(content)
    if "\0" in text:
        raise ValueError("it is no text")
    return text.replace("\ufeff", ""), guessed


def _guess(content: bytes) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    found = list(from_bytes(content, cp_isolation=CODE_PAGES))
    if not found:
        raise ValueError("it is no text")
    best = found[0]
    as_good = [
        match.encoding
        for match in found
        if match.chaos <= best.chaos and match.coherence > best.coherence - ALIKE
    ]
    encoding = min(as_good, key=CODE_PAGES.index)
    return content.decode(encoding), encoding
