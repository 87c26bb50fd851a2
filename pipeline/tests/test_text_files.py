import codecs

import pytest
from debate_pipeline.text_files import CODE_PAGES, decode_text

CZECH = """# Zasedání zastupitelstva města, říjen a listopad, veřejné projednání rozpočtu
/videa/Zastupitelstvo města Žďár, říjen.mp4
/videa/Výbor pro životní prostředí.mp4
"""


@pytest.mark.parametrize("encoding", ["utf_8", "utf_8_sig", "utf_16", "utf_32"])
def test_unicode_is_read_with_its_mark_and_without(encoding):
    assert decode_text(CZECH.encode(encoding)) == (CZECH, "")


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1250", CZECH),
        ("cp1251", "/видео/Заседание совета.mp4\n"),
        ("cp1252", "# Les débats tels qu'ils ont été filmés à Paris\n/vidéo.mp4\n"),
        ("cp1252", "# öffentliche Sitzung über den Haushalt für Köln\n/Übertragung.mp4"),
        ("cp932", "/動画/市議会の討論.mp4\n"),
        ("utf_16_le", "/videa/Žďár.mp4\n"),
    ],
)
def test_the_code_pages_of_windows_and_macs_are_guessed(encoding, text):
    read, guessed = decode_text(text.encode(encoding))

    assert read == text
    assert guessed in CODE_PAGES


def test_marks_between_files_that_were_put_together_are_left_out():
    assert decode_text(2 * (codecs.BOM_UTF8 + b"a.mp4\n")) == ("a.mp4\na.mp4\n", "")


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(200), bytes(range(256)), b"a\0b"])
def test_what_is_no_text_is_refused(content):
    with pytest.raises(ValueError, match="no text"):
        decode_text(content)


def test_no_content_is_an_empty_text():
    assert decode_text(b"") == ("", "")
