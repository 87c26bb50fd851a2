import pytest
from conftest import URL
from debate_pipeline.many import parse_sources

OTHER = "https://example.org/other.mp4"


def write_list(tmp_path, *lines):
    path = tmp_path / "list.txt"
    path.write_text("\n".join(lines))
    return str(path)


def test_every_url_in_a_file_is_submitted_once(house, tmp_path):
    path = write_list(tmp_path, "# this week", URL, "", f"  {OTHER}  ", URL)
    result = house.debate("submit-many", path, "--speakers", "2")

    assert result.returncode == 0, result.stderr
    assert [job["source"] for job in house.jobs()] == [URL, OTHER]
    assert all(job["options"] == {"NUM_SPEAKERS": "2"} for job in house.jobs())
    assert "[2/2] https://example.org/other.mp4" in result.stderr


def test_one_that_fails_takes_no_other_with_it(house, tmp_path):
    house.order("download", "fail 65 That is no video.")
    path = write_list(tmp_path, URL, "nowhere.mp4", OTHER)
    result = house.debate("submit-many", path)

    assert result.returncode == 65
    assert [job["stages"][0]["state"] for job in house.jobs()] == ["failed", "done"]
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in result.stdout.splitlines()}
    assert lines[URL].startswith("download failed: That is no video.")
    assert lines["nowhere.mp4"].startswith("nowhere.mp4 is neither")
    assert lines[OTHER] == "done"


NOTHING = ["https://[bad", "n" * 300, "d/" * 3000, "https://x:y/", "https://"]


@pytest.mark.parametrize("line", NOTHING)
def test_a_line_that_can_be_nothing_takes_no_other_with_it(house, tmp_path, line):
    result = house.debate("submit-many", write_list(tmp_path, line, OTHER))

    assert result.returncode == 65
    assert [job["source"] for job in house.jobs()] == [OTHER]
    assert "is neither an http(s):// or s3:// address nor a file here" in result.stdout


def test_when_all_failures_are_passing_ones_the_exit_code_says_so(house, tmp_path):
    house.order("download", *["fail 75 The network is down."] * 3)
    result = house.debate("submit-many", write_list(tmp_path, URL, OTHER))

    assert result.returncode == 75


def test_a_list_that_is_not_there_is_a_usage_error(house):
    assert house.debate("submit-many", "nowhere.txt").returncode == 64


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_list_that_windows_wrote_is_read(house, tmp_path, encoding):
    path = tmp_path / "list.txt"
    path.write_bytes(f"{URL}\r\n{OTHER}\r\n".encode(encoding))
    result = house.debate("submit-many", str(path))

    assert result.returncode == 0, result.stderr
    assert [job["source"] for job in house.jobs()] == [URL, OTHER]


def test_a_code_page_is_guessed_and_named(house, tmp_path):
    recording = tmp_path / "Gemeinderat über Köln.mp4"
    recording.touch()
    path = tmp_path / "list.txt"
    path.write_bytes(f"# öffentliche Sitzung für alle\n{recording}\n".encode("cp1252"))
    result = house.debate("submit-many", str(path))

    assert result.returncode == 0, result.stderr
    assert [job["source"] for job in house.jobs()] == [str(recording)]
    assert "list.txt is not UTF-8; it is read as cp125" in result.stderr


def test_comments_are_lines_or_follow_a_hash_between_spaces():
    text = "# all\n  # of it\nhttps://x.example/a#t=5 # the budget\nCouncil #3.mp4\n"

    assert parse_sources(text) == ["https://x.example/a#t=5", "Council #3.mp4"]


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\r\n", b"# none yet\n"])
def test_a_list_without_a_recording_says_so(house, tmp_path, content):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    result = house.debate("submit-many", str(path))

    assert result.returncode == 64
    assert "list.txt has no recording; write an address or a file on each line" in result.stderr


def test_a_list_that_is_no_text_says_so(house, tmp_path):
    path = tmp_path / "list.docx"
    path.write_bytes(b"PK\x03\x04" + bytes(100))
    result = house.debate("submit-many", str(path))

    assert result.returncode == 64
    assert "list.docx is no text; save the list as plain text, UTF-8" in result.stderr
