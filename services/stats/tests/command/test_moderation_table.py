"""The command that prints the moderator's view."""

import csv
import json

import pytest
from test_cli import debate_stats
from timelines import draw

DEBATE = draw(
    """
    M  ====....................======................
    A  .....======....................................
    B  ............============......================
    """,
    {"M": ["why so?", "and when?"]},
)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "transcripts").mkdir()
    path = tmp_path / "transcripts" / "x_transcription.json"
    path.write_text(json.dumps(DEBATE))
    return path


def test_every_question_and_debater_has_a_row_and_the_sums_come_last(path):
    done = debate_stats("moderation", path, "--moderator", "M", "--limit", "2", "--format", "csv")
    rows = list(csv.DictReader(done.stdout.splitlines()))
    found = [(r["question"], r["speaker"], r["floor_seconds"], r["overrun_seconds"]) for r in rows]
    assert found == [
        ("1", "A", "1.5", "0.0"),
        ("1", "B", "3.0", "1.0"),
        ("2", "A", "0.0", "0.0"),
        ("2", "B", "4.0", "2.0"),
        ("all", "A", "1.5", "0.0"),
        ("all", "B", "7.0", "3.0"),
    ]


def test_people_have_their_names(path, tmp_path):
    people = tmp_path / "people.csv"
    people.write_text(
        "transcript,label,person\ntranscripts/x_transcription.json,M,Nová\n"
        "transcripts/x_transcription.json,A,Ann\nelsewhere.json,B,Ben\n"
    )
    options = ("--moderator", "Nová", "--people", people)
    done = debate_stats("moderation", path, *options, "--format", "json")
    found = json.loads(done.stdout)
    assert [one["moderator"] for one in found["questions"]] == ["Nová", "Nová"]
    assert [one["speaker"] for one in found["speakers"]] == ["Ann", "B"]
    table = debate_stats("moderation", path, *options).stdout.splitlines()
    assert table[0].split()[:3] == ["question", "start", "end"]
    assert table[1].split()[:4] == ["1", "0.00", "6.00", "Nová"]


def test_moderators_who_ask_nothing_have_no_figures(path):
    done = debate_stats("moderation", path, "--moderator", "A")
    assert (done.returncode, done.stdout) == (64, "")
    assert f"A asked no question in {path}" in done.stderr


def test_a_moderator_who_is_nobody_is_wrong_usage(path):
    done = debate_stats("moderation", path, "--moderator", "X")
    assert done.returncode == 64
    assert "X is neither a label nor a person of this debate; its labels are A, B, M" in done.stderr
