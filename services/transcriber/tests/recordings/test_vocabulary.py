from pathlib import Path

import pytest
from debate_contract.errors import InputNotFound, UsageFault
from debate_contract.storage import locate
from debate_transcriber.recordings.vocabulary import read_vocabulary


def test_a_vocabulary_is_one_name_a_line(tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text(
        "\ufeff# the candidates\nŽofie Nováková\n\n  Guy Ska \nŽofie Nováková\n", "utf-8"
    )
    assert read_vocabulary(file) == ("Žofie Nováková", "Guy Ska")


def test_it_may_lie_on_s3(s3) -> None:
    s3.put_object(Bucket="debates", Key="names.txt", Body=b"Ada Lovelace\n")
    assert read_vocabulary(locate("s3://debates/names.txt")) == ("Ada Lovelace",)


def test_what_is_no_vocabulary_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match=r"names\.txt does not exist"):
        read_vocabulary(tmp_path / "names.txt")
    (tmp_path / "names.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageFault, match="is no text, one name a line"):
        read_vocabulary(tmp_path / "names.txt")
