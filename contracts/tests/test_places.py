"""What people write, and the place it names."""

from pathlib import Path

import pytest
from debate_contract.errors import UsageFault
from debate_contract.storage import fill_in, job_key, local_path, locate, uri_of
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("data/jobs", "data/jobs"),
        ("/data/a b?#.mp4", "/data/a b?#.mp4"),
        ("file:///data/a%20b", "/data/a b"),
        ("file:/data/x", "/data/x"),
        ("FILE://LOCALHOST/data/x", "/data/x"),
        ("file", "file"),
        ("file:notes", "file:notes"),
        ("~someone/x", "~someone/x"),
    ],
)
def test_a_path_or_an_address_of_a_file_is_a_path(text: str, path: str) -> None:
    assert locate(text) == Path(path)


def test_the_home_folder_is_filled_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/ada")

    assert locate("~/debates") == Path("/ada/debates")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("file://host/p", "names another machine: write file:///path"),
        ("file://10.0.0.1/p", "names another machine"),
        ("file:///a?b", "write %3F"),
        ("file:///a#b", "%23"),
        ("file:///a%00b", "is no path"),
        ("a\0b", "is no path"),
        ("ftp://a/b", "is neither s3://"),
        ("http://a/b", "is neither s3://"),
        ("s3:/bucket/jobs", "write s3://bucket/"),
        ("S3:bucket/jobs", "write s3://bucket/"),
        ("s3://bucket/a\0b", "cannot be seen"),
        ("s3://bucket/a\udcffb", "cannot be seen"),
        ("s3://", "names no bucket"),
        ("s3:///jobs", "names no bucket"),
    ],
)
def test_what_names_no_place_of_ours_is_wrong_usage(text: str, said: str) -> None:
    with pytest.raises(UsageFault, match=said):
        locate(text)


def test_a_place_on_s3_is_named_as_it_was_written() -> None:
    assert uri_of(locate("s3://debates/jobs/a b")) == "s3://debates/jobs/a b"
    assert uri_of(locate("S3://debates") / "x") == "s3://debates/x"


def test_a_relative_path_is_named_in_full(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)

    assert uri_of(locate("jobs")) == f"{tmp_path}/jobs"


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1))
def test_every_path_comes_back_from_its_address(name: str) -> None:
    path = Path("/") / name

    assert local_path(path.as_uri()) == path


def test_a_name_that_is_not_utf8_comes_back_from_its_address() -> None:
    path = Path("/data") / b"caf\xe9.mp4".decode(errors="surrogateescape")

    assert local_path(path.as_uri()) == path


def test_index_and_job_are_filled_in() -> None:
    assert fill_in("s3://b/{index}/{job}", "3", "5f0e:3") == "s3://b/3/5f0e-3"
    assert fill_in("data/jobs") == "data/jobs"
    assert job_key("5f0e:3") == "5f0e-3"


@pytest.mark.parametrize(
    ("prefix", "variable"),
    [("/{index}", "AWS_BATCH_JOB_ARRAY_INDEX"), ("/{job}", "AWS_BATCH_JOB_ID")],
)
def test_a_mark_outside_such_a_job_is_wrong_usage(prefix: str, variable: str) -> None:
    with pytest.raises(UsageFault, match=f"{variable} is not set"):
        fill_in(prefix)
