import json
from pathlib import Path

import pytest
from debate_contract.errors import BadInput, InputNotFound, UsageFault
from debate_contract.storage import locate
from debate_transcriber.engines.speech import SpeakerCount
from debate_transcriber.recordings.find import digest_of, find_recordings, local_copy
from debate_transcriber.settings import Wishes


def touch(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"sound")
    return folder


def write_media(job: Path, name: str, *, size: int, version: str = "1.0") -> None:
    video = {"path": f"videos/{name}", "bytes": size, "sha256": "ab" * 32, "duration": 5.0}
    media = {"schema_version": version, "source": {"title": "A talk"}, "video": video}
    (job / "media.json").write_text(json.dumps(media))


def test_recordings_are_found_by_name_and_nothing_else(tmp_path: Path) -> None:
    folder = touch(tmp_path / "videos", "b.mp4", "a.MP4", "notes.txt", ".hidden.mp4", "a.vtt")
    assert [r.location.name for r in find_recordings(folder)] == ["a.MP4", "b.mp4"]


def test_a_single_file_may_be_named(tmp_path: Path) -> None:
    folder = touch(tmp_path, "a.mp4", "b.mp4")
    (found,) = find_recordings(folder / "b.mp4")
    assert (found.stem, found.source) == ("b", None)


def test_media_json_says_whose_recording_it_is(tmp_path: Path) -> None:
    folder = touch(tmp_path / "videos", "a.mp4")
    write_media(tmp_path, "a.mp4", size=5)
    (found,) = find_recordings(folder)
    assert (found.path, found.source, found.duration) == ("videos/a.mp4", {"title": "A talk"}, 5.0)
    assert digest_of(found) == "ab" * 32


def test_a_recording_replaced_since_is_digested_anew(tmp_path: Path) -> None:
    folder = touch(tmp_path / "videos", "a.mp4")
    write_media(tmp_path, "a.mp4", size=99)
    (found,) = find_recordings(folder)
    assert digest_of(found) != "ab" * 32


def test_an_unknown_major_version_is_refused(tmp_path: Path) -> None:
    folder = touch(tmp_path / "videos", "a.mp4")
    write_media(tmp_path, "a.mp4", size=5, version="2.0")
    with pytest.raises(BadInput, match=r"schema version 2\.0"):
        find_recordings(folder)


def write_list(folder: Path, *rows: str) -> Path:
    (folder / "list.csv").write_text("\n".join(rows))
    return folder / "list.csv"


def test_a_list_names_recordings_wherever_they_are(tmp_path: Path) -> None:
    touch(tmp_path / "videos", "b.mp4", "a.mp4")
    (tmp_path / "c.mp4").write_bytes(b"sound")
    columns = "recording,language,min_speakers,max_speakers,initial_prompt"
    rows = ("videos/b.mp4,cs,2,4,Žofie", f'"{tmp_path}/c.mp4",,,,', "", "videos/a.mp4")
    found = find_recordings(write_list(tmp_path, columns, *rows))
    assert [r.location.name for r in found] == ["b.mp4", "c.mp4", "a.mp4"]
    assert found[0].wishes == Wishes("cs", "Žofie", SpeakerCount(None, 2, 4))
    assert found[1].wishes == found[2].wishes == Wishes()


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (("a.mp4,cs",), "a list of recordings has recording"),
        (("recording,langauge", "a.mp4,cs"), "the columns recording, langauge"),
        (("recording,num_speakers", "a.mp4,two"), "line 2: num_speakers is two, not a number"),
        (("recording,num_speakers", "a.mp4,0"), "not a number from 1 to 50"),
        (("recording,language", "a.mp4,cs_CZ"), "line 2: cs_CZ is not a language code"),
        (("recording,language", ",cs"), "line 2: no recording is named"),
        (("recording,num_speakers,max_speakers", "a.mp4,2,3"), "line 2: .*not both"),
        (("recording", "a.mp4", "a.mp4"), "2 recordings are called a"),
    ],
)
def test_what_is_wrong_with_a_list_is_said_with_its_line(
    tmp_path: Path, rows: tuple[str, ...], sentence: str
) -> None:
    touch(tmp_path, "a.mp4")
    with pytest.raises(UsageFault, match=sentence):
        find_recordings(write_list(tmp_path, *rows))


def test_a_recording_that_is_on_the_list_alone_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match=r"gone\.mp4, which is in .*list\.csv, does not exist"):
        find_recordings(write_list(tmp_path, "recording", "gone.mp4"))


def test_nothing_to_transcribe_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound, match="no recording was found"):
        find_recordings(touch(tmp_path / "videos"))


def test_two_recordings_may_not_share_their_transcript_s_name(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="2 recordings are called a"):
        find_recordings(touch(tmp_path, "a.mp4", "a.mp3"))


def test_recordings_on_s3_are_found_and_fetched(s3) -> None:
    s3.put_object(Bucket="debates", Key="jobs/1/videos/a.mp4", Body=b"sound")
    (found,) = find_recordings(locate("s3://debates/jobs/1/videos"))
    with local_copy(found) as file:
        assert file.read_bytes() == b"sound"
    assert not file.exists()


def test_a_missing_prefix_on_s3_is_said(s3) -> None:
    with pytest.raises(InputNotFound, match="s3://debates/jobs/9/videos"):
        find_recordings(locate("s3://debates/jobs/9/videos"))
