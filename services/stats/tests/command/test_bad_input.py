"""A folder with everything that can be wrong, through the command: each right or one sentence."""

import json

import pytest
from debate_stats.command.faults import LISTED
from test_cli import debate_stats
from timelines import segment, transcript

GOOD = transcript([segment(0, 4, "A", "one two three"), segment(3, 6, "B", "four")])
DAY = 24 * 3600


def changed(field, value):
    obj = json.loads(json.dumps(GOOD))
    obj["transcription"][1] |= {field: value}
    return json.dumps(obj)


# The content of each file, and what its sentence says.
BAD = {
    "truncated": (json.dumps(GOOD)[:-40], "the file is not complete JSON"),
    "empty-file": ("", "the file is not complete JSON"),
    "future": (json.dumps(GOOD | {"schema_version": "2.0"}), "schema_version 2.0 is not known"),
    "nan": (changed("start", float("nan")), "transcription[1].start is missing or not a number"),
    "infinite": (changed("end", float("inf")), "transcription[1].end is inf"),
    "negative": (changed("start", -1.0), "transcription[1].start is -1"),
    "reversed": (changed("end", 2.0), "transcription[1].end (2) lies before its start (3)"),
    "missing": (changed("start", None), "transcription[1].start is missing"),
    "blank": (changed("start", ""), "transcription[1].start has the wrong type"),
    "milliseconds": (changed("end", 1.7e12), "transcription[1].end is 1.7e+12"),
    "session": ('{"num": 7, "subsections": [{"statements": []}]}', "transcription is missing"),
}
FINE = {
    "good": (GOOD, 2),
    "nobody": (transcript([], duration=30.0), 0),
    "one-speaker": (transcript([segment(0, 4, "A", "one")]), 1),
    "five-hundred": (transcript([segment(n, n + 2, f"S{n}", "one") for n in range(500)]), 500),
    "a-day": (transcript([segment(n, n + 30, "AB"[n % 2]) for n in range(0, DAY, 30)]), 1),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("debates")
    for name, (content, _) in BAD.items():
        (folder / f"{name}_transcription.json").write_text(content)
    for name, (obj, _) in FINE.items():
        (folder / f"{name}_transcription.json").write_text(json.dumps(obj))
    return folder, debate_stats("--transcripts-prefix", folder, "--workers", 2)


def test_the_exit_code_says_that_some_are_bad(done):
    assert done[1].returncode == 65
    assert f"{len(BAD)} of {len(BAD) + len(FINE)} transcripts cannot be used" in done[1].stderr
    assert "Traceback" not in done[1].stderr
    assert len(BAD) < LISTED


@pytest.mark.parametrize("name", BAD)
def test_each_bad_one_is_named_with_its_field_in_one_sentence(done, name):
    folder, command = done
    sentence = f"{folder / name}_transcription.json: {BAD[name][1]}"
    assert sum(sentence in line for line in command.stderr.splitlines()) == 2  # at once, at the end
    assert not list(folder.glob(f"{name}_*stats*"))


@pytest.mark.parametrize("name", FINE)
def test_all_others_are_done(done, name):
    totals = json.loads((done[0] / f"{name}_transcript_stats.json").read_text())
    assert totals["speaker_count"] == FINE[name][1]


def test_a_day_is_a_day(done):
    totals = json.loads((done[0] / "a-day_transcript_stats.json").read_text())
    assert totals["speech_seconds"] == DAY
    assert len(totals["floor_time"]["seconds"]["A"]) == 24 * 60


def test_the_dataset_leaves_out_the_bad_ones_only(done, tmp_path):
    built = debate_stats("corpus", "--root", done[0], "--out", tmp_path / "dataset")
    assert built.returncode == 65
    sql = "SELECT count(*) AS debates, sum(speaker_count) AS speakers FROM debates"
    answer = debate_stats("query", "--dataset", tmp_path / "dataset", "--format", "csv", sql)
    assert answer.stdout == f"debates,speakers\n{len(FINE)},{sum(n for _, n in FINE.values())}\n"
