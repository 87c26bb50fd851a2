"""Reading, listing and writing: the same on disk and on S3."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from debate_contract import storage
from debate_contract.errors import InputNotFound, UsageFault
from debate_contract.storage import Location
from moto.core import DEFAULT_ACCOUNT_ID
from moto.s3.models import s3_backends


def names(folder: Location, *, deep: bool = False) -> list[str]:
    found = storage.list_files(folder, deep=deep)
    return [storage.path_within(file, folder) for file in found]


def test_what_is_written_is_read_back(root: Location) -> None:
    place = root / "transcripts" / "žluťoučký kůň + 100 %.json"
    storage.write(place, b"one")
    storage.write(place, b"two")

    assert storage.read(place) == b"two"
    assert storage.size_of(place) == 3
    assert storage.exists(place)


def test_a_name_of_the_longest_kind_can_be_written_and_fetched(
    root: Location, tmp_path: Path
) -> None:
    place = root / ("ž" * 127)  # 254 of 255 bytes
    storage.write(place, b"x")

    assert storage.read(place) == b"x"
    copy = storage.fetch(place, tmp_path / "copies")
    assert (copy.name, copy.read_bytes()) == (place.name, b"x")
    assert [one.name for one in copy.parent.iterdir()] == [place.name]


def test_no_more_is_read_than_asked_for(root: Location) -> None:
    storage.write(root / "x", b"abcdef")

    assert storage.read(root / "x", most=4) == b"abcd"


def test_text_comes_in_any_encoding(root: Location) -> None:
    storage.write(root / "x", "\ufeffž".encode())
    storage.write(root / "y", "ž".encode("utf-16"))
    storage.write(root / "z", b"\0\0\1\2")

    assert storage.read_text(root / "x") == storage.read_text(root / "y") == "ž"
    with pytest.raises(UsageFault, match="z is no text file"):
        storage.read_text(root / "z")


def test_a_file_that_is_not_there_has_no_size_and_is_not_found(root: Location) -> None:
    storage.write(root / "x.json.gz", b"its name begins alike")

    assert storage.size_of(root / "x.json") is None
    assert not storage.exists(root / "x.json")
    with pytest.raises(InputNotFound, match=r"x\.json does not exist"):
        storage.read(root / "x.json")


def test_what_is_not_finished_is_not_listed(tmp_path: Path) -> None:
    """A stage that was killed leaves its workplace, a writer the beginning of a file."""
    (tmp_path / "job" / f"{storage.PARTIAL}x").mkdir(parents=True)
    (tmp_path / "job" / f"{storage.PARTIAL}x" / "a_transcription.json").write_text("{")
    (tmp_path / "job" / f"{storage.PARTIAL}y").write_text("{")
    (tmp_path / "job" / "a_transcription.json").write_text("{}")

    assert names(tmp_path, deep=True) == ["job/a_transcription.json"]
    assert names(tmp_path / "job") == ["a_transcription.json"]


def test_of_a_linked_folder_the_link_is_removed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x").touch()
    (tmp_path / "folder").symlink_to(tmp_path / "elsewhere")

    storage.remove_tree(tmp_path / "folder")

    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]
    assert (tmp_path / "elsewhere" / "x").exists()


def test_a_folder_is_no_file(root: Location) -> None:
    storage.write(root / "folder" / "x", b"")

    assert not storage.exists(root / "folder")
    assert storage.size_of(root / "folder" / "x") == 0


def test_files_are_listed_in_order_to_one_level_or_to_any(root: Location) -> None:
    for name in ("b", "a", "sub/c", "sub/deeper/d"):
        storage.write(root / name, b"")
    storage.write(root.parent / f"{root.name}-other" / "e", b"")

    assert names(root) == ["a", "b"]
    assert names(root, deep=True) == ["a", "b", "sub/c", "sub/deeper/d"]
    assert names(root / "nowhere") == []


def test_files_of_the_folder_one_stands_in_are_named_within_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage.write(tmp_path / "sub" / "x", b"")
    monkeypatch.chdir(tmp_path)

    assert names(Path(), deep=True) == ["sub/x"]


def test_more_files_than_fit_on_a_page_are_listed(s3) -> None:
    folder = storage.locate("s3://debates")
    for number in range(1003):  # not asked of the server, which would take 15 s
        s3_backends[DEFAULT_ACCOUNT_ID]["aws"].put_object("debates", f"jobs/{number:04}", b"")
    s3.put_object(Bucket="debates", Key="jobs/", Body=b"")  # as the console makes folders

    assert len(storage.list_files(folder / "jobs")) == 1003
    assert storage.list_files(folder) == []


def test_a_published_file_is_there_and_the_workplace_gone(root: Location) -> None:
    with storage.workplace(root / "videos") as desk:
        (desk / "made").write_bytes(b"film")
        (desk / "left").write_bytes(b"over")
        storage.publish(desk / "made", root / "videos" / "x.mp4")

    assert storage.read(root / "videos" / "x.mp4") == b"film"
    assert names(root, deep=True) == ["videos/x.mp4"]


def test_a_workplace_on_disk_lies_where_publishing_is_a_rename(tmp_path: Path) -> None:
    with storage.workplace(tmp_path) as desk:
        assert desk.parent == tmp_path
        assert desk.name.startswith(storage.PARTIAL)


def test_a_file_is_fetched_once_from_s3_and_never_from_disk(root: Location, tmp_path: Path) -> None:
    storage.write(root / "x.mp4", b"film")
    here = storage.fetch(root / "x.mp4", tmp_path / "cache")

    assert here.read_bytes() == b"film"
    assert here == (root / "x.mp4" if isinstance(root, Path) else tmp_path / "cache" / "x.mp4")


def test_what_is_not_there_can_be_removed(root: Location) -> None:
    storage.write(root / "x", b"")
    storage.remove(root / "x")
    storage.remove(root / "x")

    assert not storage.exists(root / "x")


def test_a_tree_goes_with_the_folder_around_it_if_that_is_empty(root: Location) -> None:
    for name in (".work/a/1", ".work/a/b/2", ".work/c/3"):
        storage.write(root / name, b"")
    storage.remove_tree(root / ".work" / "a")
    assert names(root, deep=True) == [".work/c/3"]

    storage.remove_tree(root / ".work" / "c")
    storage.remove_tree(root / ".work" / "c")
    assert names(root, deep=True) == []
    if isinstance(root, Path):
        assert not (root / ".work").exists()


def test_what_is_written_may_be_read_by_all_unless_it_is_private(tmp_path: Path) -> None:
    storage.write(tmp_path / "open", b"")
    storage.write(tmp_path / "mine", b"", mode=0o600)

    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert modes == {"open": "0o644", "mine": "0o600"}


def test_a_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"film")

    assert storage.sha256_of(tmp_path / "x") == hashlib.sha256(b"film").hexdigest()


def test_many_threads_read_and_write_at_once(s3) -> None:
    def round_trip(number: int) -> bytes:
        place = storage.locate(f"s3://debates/{number}")
        storage.write(place, b"%d" % number)
        return storage.read(place)

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(round_trip, range(40))) == [b"%d" % n for n in range(40)]


def test_places_share_a_client_until_the_environment_is_another(
    s3, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = storage.locate("s3://debates/x"), storage.locate("s3://debates/y")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    third = storage.locate("s3://debates/x")

    assert first.client is second.client
    assert third.client is not first.client
