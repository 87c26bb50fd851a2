"""The job on a folder and on a real S3 server: what it writes, leaves alone and refuses."""

import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from debate_contract.errors import InputNotFound, UsageFault
from debate_contract.logs import Log
from debate_contract.storage import locate
from debate_stats import __version__, parse_transcript
from debate_stats.command.faults import BadTranscripts
from debate_stats.command.job import run, update
from debate_stats.command.settings import Settings, resolve_prefix
from debate_stats.errors import NoTranscripts
from debate_stats.figures.artefact import arrow_schema
from debate_stats.figures.records import Interaction, SpeakerStatistics
from timelines import segment, transcript

DEBATE = transcript(
    [segment(0, 4, "A", "one two three"), segment(3, 6, "B", "four")], duration=6.0, quality="draft"
)
SUFFIXES = ["_interactions.parquet", "_speaker_stats.parquet", "_transcript_stats.json"]


def now():
    return "2026-11-22T20:00:00Z"


def put(folder, stem="debate", content=DEBATE):
    path = folder / f"{stem}_transcription.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def do(prefix, capsys, *, force=False):
    """Run the job; returns its last event."""
    run(Settings(str(prefix), force), Log("stats", as_json=True), now)
    return json.loads(capsys.readouterr().err.splitlines()[-1])


def test_three_files_appear_beside_each_transcript(tmp_path, capsys):
    put(tmp_path / "one")
    put(tmp_path / "two" / "transcripts", "Ostrava_č_1")

    finished = do(tmp_path, capsys)

    assert finished["event"] == "finished"
    assert len(finished["outputs"]) == 6
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == sorted(
        ["debate_transcription.json", *(f"debate{suffix}" for suffix in SUFFIXES)]
    )
    assert (tmp_path / "two" / "transcripts" / "Ostrava_č_1_transcript_stats.json").is_file()


def test_the_columns_are_those_of_the_records_and_empty_ones_are_null(tmp_path, capsys):
    put(tmp_path)
    do(tmp_path, capsys)

    table = pq.read_table(tmp_path / "debate_speaker_stats.parquet")
    assert table.schema.equals(arrow_schema(SpeakerStatistics))
    assert table.column("speaker_id_in_transcript").to_pylist() == ["A", "B"]
    assert table.column("total_seconds").to_pylist() == [4.0, 3.0]
    assert table.column("response_latency_median_sec").to_pylist() == [None, -1.0]
    assert table.column("questions").null_count == 2
    pairs = pq.read_table(tmp_path / "debate_interactions.parquet")
    assert pairs.schema.equals(arrow_schema(Interaction))
    assert pairs.column("evidence").to_pylist() == [[3.0], [3.0]]


def test_every_file_says_what_it_was_made_from(tmp_path, capsys):
    path = put(tmp_path)
    do(tmp_path, capsys)

    totals = json.loads((tmp_path / "debate_transcript_stats.json").read_text())
    assert totals["schema_version"] == "1.0"
    assert totals["producer"] == {"name": "debate-stats", "version": __version__}
    assert totals["created_at"] == now()
    assert totals["quality"] == "draft"
    assert totals["total_seconds"] == 7.0
    for suffix in SUFFIXES[:2]:
        metadata = pq.read_schema(path.with_name(f"debate{suffix}")).metadata
        assert metadata[b"transcript_sha256"].decode() == totals["transcript_sha256"]
        assert metadata[b"schema_version"] == b"1.0"
        assert json.loads(metadata[b"producer"]) == totals["producer"]
        assert metadata[b"quality"] == b"draft"


def test_an_unchanged_transcript_is_left_alone_unless_forced(tmp_path, capsys):
    put(tmp_path)
    do(tmp_path, capsys)
    before = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}

    again = do(tmp_path, capsys)
    assert again["skipped"]
    assert again["outputs"] == []
    assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == before
    assert len(do(tmp_path, capsys, force=True)["outputs"]) == 3


@pytest.mark.parametrize("lost", SUFFIXES)
def test_a_lost_file_is_written_again(tmp_path, capsys, lost):
    put(tmp_path)
    do(tmp_path, capsys)
    (tmp_path / f"debate{lost}").unlink()

    assert not do(tmp_path, capsys)["skipped"]
    assert (tmp_path / f"debate{lost}").is_file()


@pytest.mark.parametrize(
    "stale", [{"producer": {"name": "debate-stats", "version": "0.0.1"}}, None]
)
def test_figures_of_another_version_or_broken_ones_are_made_anew(tmp_path, capsys, stale):
    put(tmp_path)
    do(tmp_path, capsys)
    path = tmp_path / "debate_transcript_stats.json"
    content = path.read_text()
    path.write_text(content[:20] if stale is None else json.dumps(json.loads(content) | stale))

    assert not do(tmp_path, capsys)["skipped"]
    assert path.read_text() == content


def test_a_changed_transcript_is_computed_anew(tmp_path, capsys):
    put(tmp_path)
    do(tmp_path, capsys)
    put(tmp_path, content=transcript([segment(0, 1, "C", "one")]))

    assert not do(tmp_path, capsys)["skipped"]
    table = pq.read_table(tmp_path / "debate_speaker_stats.parquet")
    assert table.column("speaker_id_in_transcript").to_pylist() == ["C"]


def test_bad_transcripts_are_listed_and_hide_none_of_the_others(tmp_path, capsys):
    put(tmp_path, "a-truncated", json.dumps(DEBATE)[:50])
    put(tmp_path, "b-good")
    put(tmp_path, "c-future", DEBATE | {"schema_version": "2.0"})

    with pytest.raises(BadTranscripts) as caught:
        do(tmp_path, capsys)

    assert caught.value.exit_code == 65
    assert "a-truncated_transcription.json: the file is not complete JSON" in str(caught.value)
    assert "c-future_transcription.json: schema_version 2.0" in str(caught.value)
    assert "b-good" not in str(caught.value)
    assert (tmp_path / "b-good_transcript_stats.json").is_file()
    assert not list(tmp_path.glob("a-*stats*"))


def test_no_transcript_is_an_error(tmp_path, capsys):
    (tmp_path / "debate_transcription_raw.json").write_text("{}")
    with pytest.raises(NoTranscripts) as caught:
        do(tmp_path, capsys)
    assert caught.value.exit_code == 66


def test_one_transcript_and_a_file_uri_are_prefixes_too(tmp_path, capsys):
    path = put(tmp_path / "a folder")
    put(tmp_path / "a folder", "other")

    assert len(do(path, capsys)["outputs"]) == 3
    assert len(do((tmp_path / "a folder").as_uri(), capsys)["outputs"]) == 3


def test_nothing_partial_is_left_when_writing_fails(tmp_path, monkeypatch):
    path = put(tmp_path)

    def full_disk(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(Exception, match="the disk is full") as caught:
        update(path, now)
    assert caught.value.exit_code == 75
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_the_index_of_an_array_job_stands_for_itself():
    assert resolve_prefix("s3://b/jobs/{index}/transcripts", "7") == "s3://b/jobs/7/transcripts"
    assert resolve_prefix("s3://b/jobs/{job}", "7", "abc:7") == "s3://b/jobs/abc-7"
    with pytest.raises(UsageFault, match="AWS_BATCH_JOB_ARRAY_INDEX"):
        resolve_prefix("s3://b/jobs/{index}", None)
    with pytest.raises(UsageFault, match="AWS_BATCH_JOB_ID"):
        resolve_prefix("s3://b/jobs/{job}", None)
    with pytest.raises(UsageFault, match="TRANSCRIPTS_PREFIX"):
        resolve_prefix(None, None)
    with pytest.raises(UsageFault, match="neither"):
        locate("ftp://host/folder")


def test_the_same_on_s3(bucket, capsys):
    key = "jobs/1/transcripts/debate_transcription.json"
    bucket.put_object(Key=key, Body=json.dumps(DEBATE).encode())

    finished = do("s3://debates/jobs", capsys)

    assert finished["outputs"][-1] == "s3://debates/jobs/1/transcripts/debate_transcript_stats.json"
    keys = [one.key for one in bucket.objects.all()]
    assert keys == sorted([key, *(key.replace("_transcription.json", s) for s in SUFFIXES)])
    assert do("s3://debates/jobs/1/transcripts/", capsys)["skipped"]
    with pytest.raises(NoTranscripts):
        do("s3://debates/elsewhere", capsys)
    with pytest.raises(InputNotFound, match="s3://no-such-bucket/jobs does not exist"):
        do("s3://no-such-bucket/jobs", capsys)


def test_the_artefact_of_a_transcript_is_the_same_bytes_every_time(tmp_path):
    path = put(tmp_path)
    first = {name: Path(name).read_bytes() for name in update(path, now)}
    second = {name: Path(name).read_bytes() for name in update(path, now, force=True)}
    assert first == second
    assert parse_transcript(path.read_bytes()).quality == "draft"
