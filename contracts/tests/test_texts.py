"""Text is read as whoever wrote it meant it."""

import codecs

import pytest
from debate_contract.texts import Text, decode_text

CUE = "1\n00:00:01,000 --> 00:00:02,000\n"
CZECH = """# Zasedání zastupitelstva města, říjen a listopad, veřejné projednání rozpočtu
/videa/Zastupitelstvo města Žďár, říjen.mp4
/videa/Výbor pro životní prostředí.mp4
"""


@pytest.mark.parametrize(
    "encoding", ["utf_8", "utf_8_sig", "utf_16", "utf_16_le", "utf_16_be", "utf_32"]
)
def test_unicode_is_read_with_its_mark_and_without(encoding: str) -> None:
    assert decode_text(CZECH.encode(encoding)) == Text(CZECH)


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
    ],
)
def test_the_language_of_subtitles_tells_the_code_page(
    said: str, language: str | None, encoding: str
) -> None:
    read = decode_text((CUE + said).encode(encoding), language)

    assert read.content == CUE + said
    assert read.guessed


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1250", CZECH),
        ("cp1251", "/видео/Заседание совета.mp4\n"),
        ("cp1252", "# Les débats tels qu'ils ont été filmés à Paris\n/vidéo.mp4\n"),
        ("cp1252", "# öffentliche Sitzung über den Haushalt für Köln\n/Übertragung.mp4"),
        ("cp932", "/動画/市議会の討論.mp4\n"),
    ],
)
def test_without_a_language_the_letters_tell(encoding: str, text: str) -> None:
    read = decode_text(text.encode(encoding))

    assert read.content == text
    assert read.guessed


def test_marks_between_files_that_were_put_together_are_left_out() -> None:
    assert decode_text(2 * (codecs.BOM_UTF8 + b"a.mp4\n")) == Text("a.mp4\na.mp4\n")


PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
ARCHIVE = b"PK\x03\x04" + bytes(200)


@pytest.mark.parametrize("content", [ARCHIVE, bytes(range(256)), PICTURE, b"a\0b\0\0", b"abc\0d"])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"no text|decode"):
        decode_text(content)


def test_no_content_is_an_empty_text() -> None:
    assert decode_text(b"") == Text("")
