"""Text files as editors, spreadsheets, players and browsers on any system write them."""

import codecs
from dataclasses import dataclass

# What was written before Unicode, by the language's tag; the likelier first.
_WESTERN = ("cp1252", "mac_roman", "iso8859_15")
_CENTRAL = ("cp1250", "iso8859_2", "mac_latin2")
_CYRILLIC = ("cp1251", "koi8_r", "mac_cyrillic", "iso8859_5", "cp866")
_CODE_PAGES = {
    **dict.fromkeys(("cs", "sk", "pl", "hu", "hr", "sl", "ro", "bs", "sq"), _CENTRAL),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "kk"), _CYRILLIC),
    **dict.fromkeys(("lt", "lv", "et"), ("cp1257", "iso8859_13")),
    **dict.fromkeys(("ar", "fa", "ur"), ("cp1256", "iso8859_6")),
    "el": ("cp1253", "iso8859_7"),
    "tr": ("cp1254", "iso8859_9"),
    "he": ("cp1255", "iso8859_8"),
    "vi": ("cp1258",),
    "th": ("cp874", "tis_620"),
    "ja": ("cp932", "euc_jp", "iso2022_jp"),
    "zh": ("gb18030", "big5"),
    "ko": ("cp949", "euc_kr"),
}
# What Windows and Macs call plain text: among all encodings a few letters fit the strangest.
_COMMON = (
    "cp1252", "cp1250", "cp1251", "mac_roman", "mac_latin2", "mac_cyrillic", "cp1253", "cp1254",
    "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp932", "gb18030", "big5", "cp949",
)  # fmt: skip
# How well letters fit a language, from 0 to 1; a line or two says little of that.
_ALIKE = 0.1
# UTF-32's mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF32_BE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
)


@dataclass(frozen=True)
class Text:
    """What a file says and, where it is no Unicode, the encoding that its letters fit best."""

    content: str
    guessed: str = ""


def decode_text(content: bytes, language: str | None = None) -> Text:
    """The text of a file; its language's tag, where known, helps to guess.

    Byte order marks are left out, also where files were put together. Raises `ValueError` when it
    is no text.
    """
    text = _decode(content, language)
    if "\0" in text.content:
        raise ValueError("it is no text")
    return Text(text.content.replace("\ufeff", ""), text.guessed)


def _decode(content: bytes, language: str | None) -> Text:
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    if marked is None and b"\0" in content[:2]:
        # UTF-16 without a mark shows by its zeros: nearly every file begins with an ASCII letter.
        marked = "utf_16_be" if content.startswith(b"\0") else "utf_16_le"
    if marked:
        return Text(content.decode(marked))
    try:
        return Text(content.decode())
    except UnicodeDecodeError:
        return _guess(content, language)


def _guess(content: bytes, language: str | None) -> Text:
    from charset_normalizer import from_bytes

    tag = (language or "und").partition("-")[0].lower()
    pages = _COMMON if tag == "und" else _CODE_PAGES.get(tag, _WESTERN)
    found = list(from_bytes(content, cp_isolation=list(pages)))
    if not found:
        raise ValueError("it is no text")
    best = found[0]
    as_good = [
        match.encoding
        for match in found
        if match.chaos <= best.chaos and match.coherence > best.coherence - _ALIKE
    ]
    encoding = best.encoding if pages is not _COMMON else min(as_good, key=_COMMON.index)
    return Text(content.decode(encoding), encoding)
