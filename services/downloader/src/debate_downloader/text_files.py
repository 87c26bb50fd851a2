"""Text files as editors, players and browsers on any system write them."""

import codecs

# What was written before Unicode, by the language's tag; the likelier first.
WESTERN = ("cp1252", "mac_roman", "iso8859_15")
CENTRAL = ("cp1250", "iso8859_2", "mac_latin2")
CYRILLIC = ("cp1251", "koi8_r", "mac_cyrillic", "iso8859_5", "cp866")
CODE_PAGES = {
    **dict.fromkeys(("cs", "sk", "pl", "hu", "hr", "sl", "ro", "bs", "sq"), CENTRAL),
    **dict.fromkeys(("ru", "uk", "be", "bg", "mk", "sr", "kk"), CYRILLIC),
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
# UTF-32's mark begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF8, "utf_8_sig"),
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF32_BE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
)


def decode_text(content: bytes, language: str | None = None) -> str:
    """Return the text of a file; its language's tag helps where it is no Unicode.

    Raises `ValueError` when it is no text.
    """
    marked = next((name for mark, name in MARKS if content.startswith(mark)), None)
    text = content.decode(marked) if marked else _decode_unmarked(content, language)
    if "\0" in text:
        raise ValueError("it is no text")
    return text


def _decode_unmarked(content: bytes, language: str | None) -> str:
    """UTF-16 without a mark shows by its zeros, as every file begins with an ASCII character."""
    if b"\0" in content[:2]:
        return content.decode("utf_16_be" if content[:1] == b"\0" else "utf_16_le")
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode(_guess(content, language))


def _guess(content: bytes, language: str | None) -> str:
    """Which of the language's encodings it is, by the letters that come out."""
    from charset_normalizer import from_bytes

    pages = CODE_PAGES.get((language or "").partition("-")[0].lower())
    known = pages or (WESTERN if language and language != "und" else _every_page())
    best = from_bytes(content, cp_isolation=list(known)).best()
    return best.encoding if best else known[0]


def _every_page() -> tuple[str, ...]:
    return tuple(dict.fromkeys((*WESTERN, *(p for pages in CODE_PAGES.values() for p in pages))))
