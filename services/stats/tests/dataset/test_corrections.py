"""Corrections: what editors made of a transcript takes its place in the dataset."""

import json

import pytest
from debate_stats.command.settings import resolve_corpus
from debate_stats.dataset.corpus import find_sources
from debate_stats.errors import NoTranscripts
from test_corpus import build, content, put, rows
from timelines import segment, transcript

PATH = "jobs/one/transcripts/one_transcription.json"
HEARD = transcript([segment(0, 4, "A", "one too"), segment(5, 9, "A", "three")])
SAID = transcript(
    [segment(0, 4, "A", "one two"), segment(5, 9, "B", "three")],
    edited={"revision": 7, "reviewed": 0.5},
)


@pytest.fixture
def corrected(tmp_path):
    """A root with one debate and its corrections."""
    put(tmp_path, "one", HEARD)
    put(tmp_path / "corrections", "one", SAID)
    return tmp_path


def name(folder, person):
    (folder / "people.csv").write_text(f"transcript,label,person\n{PATH},A,{person}\n")


def spoken(root):
    return [(word["speaker"], word["text"]) for word in rows(root, "words")]


def test_the_corrected_transcript_takes_the_place_of_the_one_heard(corrected, capsys):
    build(corrected, capsys)
    (debate,) = rows(corrected, "debates")
    assert (debate["debate_id"], debate["transcript"]) == ("jobs/one/transcripts/one", PATH)
    assert (debate["corrected"], debate["reviewed_share"]) == (True, 0.5)
    assert spoken(corrected) == [("A", "one"), ("A", "two"), ("B", "three")]


def test_a_transcript_that_nobody_touched_says_so(tmp_path, capsys):
    put(tmp_path, "one", HEARD)
    build(tmp_path, capsys)
    (debate,) = rows(tmp_path, "debates")
    assert (debate["corrected"], debate["reviewed_share"]) == (False, None)


@pytest.mark.parametrize("edited", ["yes", [1], {"reviewed": "half"}, {"reviewed": 7}, {}, None])
def test_what_is_no_share_is_not_taken_for_one(corrected, capsys, edited):
    put(corrected / "corrections", "one", SAID | {"edited": edited})
    build(corrected, capsys)
    (debate,) = rows(corrected, "debates")
    assert (debate["corrected"], debate["reviewed_share"]) == (True, None)


def test_each_further_correction_is_taken_over_and_so_is_its_withdrawal(corrected, capsys):
    build(corrected, capsys)
    assert build(corrected, capsys)["skipped"]
    again = put(corrected / "corrections", "one", json.dumps(SAID).replace("three", "four"))
    assert "1 of them new or changed" in build(corrected, capsys)["message"]
    assert spoken(corrected)[-1] == ("B", "four")
    again.unlink()
    build(corrected, capsys)
    assert spoken(corrected)[-1] == ("A", "three")

    put(corrected / "plain", "one", HEARD)
    build(corrected / "plain", capsys)
    assert content(corrected / "dataset") == content(corrected / "plain" / "dataset")


def test_the_names_that_editors_gave_are_taken_unless_others_are_given(corrected, capsys):
    name(corrected / "corrections", "Ana")
    build(corrected, capsys)
    assert [row["person"] for row in rows(corrected, "speakers")] == ["Ana", None]

    name(corrected, "Ana Nováková")
    build(corrected, capsys, people=str(corrected / "people.csv"))
    assert [row["person"] for row in rows(corrected, "speakers")] == ["Ana Nováková", None]


def test_corrections_may_lie_elsewhere(corrected, capsys, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    put(elsewhere, "one", SAID | {"edited": {"reviewed": 1}})
    build(corrected, capsys, corrections=str(elsewhere))
    # Those under the root are then transcripts like any others.
    assert [(row["debate_id"], row["reviewed_share"]) for row in rows(corrected, "debates")] == [
        ("corrections/jobs/one/transcripts/one", 0.5),
        ("jobs/one/transcripts/one", 1.0),
    ]


def test_corrections_without_their_transcript_are_no_debate(corrected, capsys):
    (corrected / PATH).unlink()
    with pytest.raises(NoTranscripts):
        build(corrected, capsys)


def test_on_s3_they_lie_under_the_root_as_well(corrected, bucket):
    name(corrected / "corrections", "Ana")
    for path in corrected.rglob("*.*"):
        bucket.upload_file(str(path), path.relative_to(corrected).as_posix())
    (source,) = find_sources(resolve_corpus("s3://debates"))
    assert source.uri == f"s3://debates/corrections/{PATH}"
    assert (source.transcript, source.people) == (PATH, {"A": "Ana"})
