"""Text is read as whoever wrote it meant it."""

import pytest
from debate_downloader.text_files import decode_text

CUE = "1\n00:00:01,000 --> 00:00:02,000\n"


@pytest.mark.parametrize(
    ("said", "language", "encoding"),
    [
        ("Привет, мир. Бюджет города.", "ru", "cp1251"),
        ("Привет, мир. Бюджет города.", "ru", "koi8_r"),
        ("Привет, мир. Бюджет города.", None, "cp1251"),
        ("Příliš žluťoučký kůň úpěl", "cs", "cp1250"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy", "cs-CZ", "iso8859_2"),
        ("schöne Grüße", "de", "cp1252"),
        ("schöne Grüße", "de", "mac_roman"),
        ("schöne Grüße", "und", "cp1252"),
        ("市の予算について話します", "ja", "cp932"),
        ("市の予算について話します", "ja", "euc_jp"),
        ("Γεια σας, κυρίες και κύριοι", "el", "cp1253"),
        ("Добрий день", "uk", "utf-16"),
        ("Добрий день", "uk", "utf-16-be"),
        ("Добрий день", "uk", "utf-32"),
        ("Добрий день", "en", "utf-8-sig"),
    ],
)
def test_letters_stay_what_they_are(said: str, language: str | None, encoding: str) -> None:
    assert decode_text((CUE + said).encode(encoding), language) == CUE + said


PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


@pytest.mark.parametrize("content", [bytes(range(256)), PICTURE, b"a\0b\0\0", b"\xff\xfe\x81"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"no text|decode"):
        decode_text(content)
