"""The dataset of all debates: what it holds, what an update touches, what survives a kill."""

import json
import os
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from debate_contract.errors import UsageFault
from debate_contract.logs import Log
from debate_stats import compute_statistics, parse_transcript
from debate_stats.command.faults import BadTranscripts, Unfinished
from debate_stats.command.settings import TABLES, resolve_corpus
from debate_stats.dataset.corpus import build_corpus
from debate_stats.dataset.rows import SCHEMAS
from debate_stats.dataset.table_files import ROWS_PER_GROUP, TableFile
from debate_stats.errors import NoTranscripts
from timelines import segment, transcript

DOCS = Path(__file__).resolve().parents[4] / "docs" / "dataset.md"
DEBATE = transcript(
    [
        segment(0, 4, "A", "one two three"),
        segment(3, 6, "B", "four"),
        segment(7, 9, "C", "five six?"),
        segment(9.2, 9.9, "SPEAKER_UNKNOWN", "seven"),
    ],
    media={"source": {"title": "Ostrava", "upload_date": "2026-01-01", "uploader": 3}},
)
SPAN = 2_000  # debates of this many seconds differ by their number


def put(root, name, content=DEBATE):
    path = root / "jobs" / name / "transcripts" / f"{name}_transcription.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def numbered(number):
    return transcript([segment(0, 1 + number, "A", "one two"), segment(2 + number, SPAN, "B")])


def fill(root, count=12):
    for number in range(count):
        put(root, f"job{number:02d}", numbered(number))
    return root


def build(root, capsys, *, people=None, corrections=None):
    """Bring the dataset up to date; returns the last event."""
    settings = resolve_corpus(str(root), None, people, corrections)
    build_corpus(settings, Log("stats", as_json=True))
    return json.loads(capsys.readouterr().err.splitlines()[-1])


def rows(root, table):
    found = pa.dataset.dataset(root / "dataset" / table, format="parquet").to_table()
    return found.sort_by("debate_id").to_pylist()


def content(dataset):
    return {
        path.relative_to(dataset).as_posix(): path.read_bytes()
        for path in sorted(dataset.rglob("*"))
        if path.is_file()
    }


def test_the_dataset_holds_the_figures_of_the_library(tmp_path, capsys):
    put(tmp_path, "one")
    build(tmp_path, capsys)

    statistics = compute_statistics(parse_transcript(json.dumps(DEBATE)))
    (debate,) = rows(tmp_path, "debates")
    assert debate["debate_id"] == "jobs/one/transcripts/one"
    assert debate["transcript"] == "jobs/one/transcripts/one_transcription.json"
    assert (debate["title"], debate["upload_date"]) == ("Ostrava", "2026-01-01")
    assert (debate["uploader"], debate["url"]) == (None, None)
    assert debate["total_seconds"] == statistics.totals.total_seconds
    for row, figures in zip(rows(tmp_path, "speakers"), statistics.speakers, strict=True):
        assert row["wpm"] == figures.wpm
        assert row["response_latencies_sec"] == list(figures.response_latencies_sec)
    pairs = [(pair.from_speaker, pair.to_speaker) for pair in statistics.interactions]
    found = rows(tmp_path, "interactions")
    assert [(pair["from_speaker"], pair["to_speaker"]) for pair in found] == pairs


def test_words_and_turns_are_rows_with_times_and_texts(tmp_path, capsys):
    put(tmp_path, "one")
    build(tmp_path, capsys)

    turns = rows(tmp_path, "turns")
    assert [(t["turn"], t["speaker"], t["start"], t["end"], t["text"]) for t in turns] == [
        (0, "A", 0.0, 4.0, "one two three"),
        (1, "B", 3.0, 6.0, "four"),
        (2, "C", 7.0, 9.0, "five six?"),
    ]
    assert [turn["word_count"] for turn in turns] == [3, 1, 2]
    words = rows(tmp_path, "words")
    assert [word["text"] for word in words] == [
        "one",
        "two",
        "three",
        "four",
        "five",
        "six?",
        "seven",
    ]
    assert [word["turn"] for word in words] == [0, 0, 0, 1, 2, 2, None]
    assert [word["segment"] for word in words] == [0, 0, 0, 1, 2, 2, 3]
    assert (words[6]["speaker"], words[6]["person"]) == ("SPEAKER_UNKNOWN", None)
    assert (words[3]["start"], words[3]["end"], words[3]["probability"]) == (3.0, 6.0, 0.9)


def test_one_person_behind_two_labels_is_one_speaker(tmp_path, capsys):
    put(tmp_path, "one")
    put(tmp_path, "two")
    table = tmp_path / "people.csv"
    path = "jobs/one/transcripts/one_transcription.json"
    table.write_text(
        f'transcript,label,person,note\n{path},A,"Nová, J.",x\n{path},C,"Nová, J.",\n{path},B,,\n'
    )
    build(tmp_path, capsys, people=str(table))

    found = [(row["speaker_id_in_transcript"], row["person"]) for row in rows(tmp_path, "speakers")]
    assert found == [("Nová, J.", "Nová, J."), ("B", None), ("A", None), ("B", None), ("C", None)]
    assert rows(tmp_path, "speakers")[0]["labels"] == ["A", "C"]
    assert [row["speakers_reviewed"] for row in rows(tmp_path, "debates")] == [True, False]
    assert {(word["label"], word["person"]) for word in rows(tmp_path, "words")[:3]} == {
        ("A", "Nová, J.")
    }

    table.write_text(f"transcript,label,person\n{tmp_path / path},A,Nová\n")
    assert "1 of them new" in build(tmp_path, capsys, people=str(table))["message"]
    assert rows(tmp_path, "speakers")[0]["person"] == "Nová"


@pytest.mark.parametrize("text", ["label,person\nA,x\n", 'transcript,label,person\n"'])
def test_a_table_of_people_of_another_shape_is_refused(tmp_path, capsys, text):
    put(tmp_path, "one")
    (tmp_path / "people.csv").write_text(text)
    with pytest.raises(UsageFault, match="transcript,label,person"):
        build(tmp_path, capsys, people=str(tmp_path / "people.csv"))


def test_an_unchanged_corpus_is_left_alone(tmp_path, capsys):
    fill(tmp_path)
    assert len(build(tmp_path, capsys)["outputs"]) % len(SCHEMAS) == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "dataset").rglob("*.parquet")}

    again = build(tmp_path, capsys)
    assert again["skipped"]
    assert "nothing to do" in again["message"]
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_many_steps_leave_the_same_bytes_as_one(tmp_path, capsys):
    fill(tmp_path / "steps", 9)
    put(tmp_path / "steps", "gone")
    put(tmp_path / "steps", "job03", numbered(77))
    build(tmp_path / "steps", capsys)
    (put(tmp_path / "steps", "gone")).unlink()
    fill(tmp_path / "steps", 12)
    assert "4 of them new or changed" in build(tmp_path / "steps", capsys)["message"]

    build(fill(tmp_path / "once"), capsys)
    assert content(tmp_path / "steps" / "dataset") == content(tmp_path / "once" / "dataset")


def test_debates_that_share_a_bucket_are_sorted_and_kept_when_one_changes(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setattr("debate_stats.dataset.corpus.BUCKETS", 1)
    build(fill(tmp_path), capsys)
    put(tmp_path, "job05", numbered(50))
    assert "1 of them new or changed" in build(tmp_path, capsys)["message"]

    (path,) = (tmp_path / "dataset" / "words").rglob("*.parquet")
    table = pq.read_table(path, partitioning=None)
    assert table.schema.equals(SCHEMAS["words"])
    keys = table.column("debate_id").to_pylist()
    assert keys == sorted(keys)
    assert len(set(keys)) == 12
    ends = pq.read_table(path, filters=[("debate_id", "=", keys[10])])
    assert ends.column("end").to_pylist() == [25.5, 51.0]


@pytest.mark.parametrize("lost", [*SCHEMAS, "_state"])
def test_a_lost_file_is_written_again(tmp_path, capsys, lost):
    put(tmp_path, "one")
    build(tmp_path, capsys)
    before = content(tmp_path / "dataset")
    next(path for path in (tmp_path / "dataset" / lost).rglob("*") if path.is_file()).unlink()

    assert not build(tmp_path, capsys)["skipped"]
    assert content(tmp_path / "dataset") == before


def test_a_bad_debate_is_left_out_and_named_every_time(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("debate_stats.dataset.corpus.BUCKETS", 1)
    fill(tmp_path, 3)
    put(tmp_path, "job01", '{"transcription": [')
    for _ in range(2):
        with pytest.raises(BadTranscripts, match=r"1 of 3.*job01.*not complete JSON"):
            build(tmp_path, capsys)
    assert len(rows(tmp_path, "debates")) == 2

    put(tmp_path, "job01", numbered(1))
    assert "1 of them new" in build(tmp_path, capsys)["message"]
    assert len(rows(tmp_path, "debates")) == 3


def test_a_debate_that_cannot_be_read_now_keeps_its_rows(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("debate_stats.dataset.corpus.BUCKETS", 1)
    build(fill(tmp_path, 3), capsys)
    before = content(tmp_path / "dataset")
    path = put(tmp_path, "job01")
    path.unlink()
    path.symlink_to("/proc/self/mem")  # reading it is an input/output error
    put(tmp_path, "job02", numbered(20))

    with pytest.raises(Unfinished, match="job01"):
        build(tmp_path, capsys)
    assert [row["duration"] for row in rows(tmp_path, "debates")] == [None] * 3
    path.unlink()
    fill(tmp_path, 3)
    build(tmp_path, capsys)
    assert content(tmp_path / "dataset") == before


def test_what_a_killed_attempt_left_behind_is_removed(tmp_path, capsys):
    put(tmp_path, "one")
    build(tmp_path, capsys)
    before = content(tmp_path / "dataset")
    (tmp_path / "dataset" / ".partial-abc").mkdir()
    (tmp_path / "dataset" / ".partial-abc" / "words.parquet").write_text("half")
    (tmp_path / "dataset" / "_state" / ".partial-def").write_text("half")
    build(tmp_path, capsys)
    assert content(tmp_path / "dataset") == before


def test_no_debates_at_all_leave_no_rows_of_old_ones(tmp_path, capsys):
    put(tmp_path, "one")
    build(tmp_path, capsys)
    put(tmp_path, "one").unlink()
    with pytest.raises(NoTranscripts):
        build(tmp_path, capsys)
    put(tmp_path, "two")
    build(tmp_path, capsys)
    assert [row["debate_id"] for row in rows(tmp_path, "debates")] == ["jobs/two/transcripts/two"]


def test_row_groups_depend_on_the_rows_alone(tmp_path):
    schema = pa.schema([pa.field("n", pa.int64(), nullable=False)])
    whole = pa.table({"n": range(2 * ROWS_PER_GROUP + 5)}, schema=schema)
    for name, step in (("few", 100_003), ("many", 7_001)):
        with TableFile(tmp_path / name, schema) as file:
            for start in range(0, len(whole), step):
                file.add(whole.slice(start, step))
    assert (tmp_path / "few").read_bytes() == (tmp_path / "many").read_bytes()
    metadata = pq.read_metadata(tmp_path / "few")
    groups = [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)]
    assert groups == [ROWS_PER_GROUP, ROWS_PER_GROUP, 5]
    assert metadata.row_group(0).column(0).compression == "ZSTD"


def run(*options):
    environment = os.environ | {"LOG_FORMAT": "json"}
    command = [sys.executable, "-m", "debate_stats", *map(str, options)]
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def test_killed_at_random_moments_and_run_again_it_is_the_same_bytes(tmp_path, capsys):
    build(fill(tmp_path / "calm", 40), capsys)
    root, dataset = fill(tmp_path / "killed", 40), tmp_path / "killed" / "dataset"
    chance = random.Random(2)
    for files in sorted(chance.sample(range(1, 20), 4)):
        running = run("corpus", "--root", root)
        until = time.monotonic() + 60
        while (
            len(list((dataset / "words").glob("*/*.parquet"))) < files and time.monotonic() < until
        ):
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        running.kill()
        running.communicate(timeout=60)
    finished = run("corpus", "--root", root)
    assert "finished" in finished.communicate(timeout=60)[1]
    assert finished.returncode == 0
    assert content(dataset) == content(tmp_path / "calm" / "dataset")


def ask(*options):
    command = [sys.executable, "-m", "debate_stats", "query", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_sql_is_answered(tmp_path, capsys):
    build(fill(tmp_path, 3), capsys)
    sql = "SELECT count(DISTINCT debate_id) AS debates, count(*) AS said FROM words"
    where = ("--dataset", tmp_path / "dataset")
    assert ask(*where, "--format", "csv", sql).stdout == "debates,said\n3,6\n"
    assert json.loads(ask(*where, "--format", "json", sql).stdout) == {"debates": 3, "said": 6}
    assert "debates" in ask(*where, sql).stdout
    wrong = ask(*where, "SELECT nothing FROM nowhere")
    assert (wrong.returncode, "nowhere" in wrong.stderr) == (64, True)
    assert ask("--dataset", tmp_path / "elsewhere", sql).returncode == 66


def test_the_same_on_s3_and_queried_there(bucket, tmp_path, capsys):
    build(fill(tmp_path / "disk", 3), capsys)
    for path in (tmp_path / "disk" / "jobs").rglob("*.json"):
        bucket.upload_file(str(path), path.relative_to(tmp_path / "disk").as_posix())

    for left_alone in (False, True):
        build_corpus(resolve_corpus("s3://debates"), Log("stats", as_json=True))
        assert json.loads(capsys.readouterr().err.splitlines()[-1])["skipped"] is left_alone
    bucket.upload_file(str(put(tmp_path, "x", numbered(9))), "jobs/x/x_transcription.json")
    build_corpus(
        resolve_corpus("s3://debates/jobs", "s3://debates/dataset"), Log("s", as_json=True)
    )

    objects = {
        one.key.removeprefix("dataset/"): one for one in bucket.objects.filter(Prefix="dataset/")
    }
    assert len([key for key in objects if key.startswith("words/")]) == 4
    answer = ask(
        "--dataset", "s3://debates/dataset", "--format", "csv", "SELECT count(*) n FROM turns"
    )
    assert (answer.stderr, answer.stdout) == ("", "n\n8\n")


def test_the_dataset_lies_under_the_root_unless_said_otherwise():
    assert resolve_corpus("s3://b/").out == "s3://b/dataset"
    assert resolve_corpus("data", "elsewhere").out == "elsewhere"
    with pytest.raises(UsageFault, match="STORAGE_ROOT"):
        resolve_corpus(None)


def test_every_table_of_the_dataset_can_be_queried():
    assert tuple(SCHEMAS) == TABLES


def test_every_column_is_in_the_data_dictionary_and_no_others():
    sections = re.split(r"^## ", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    tables = {part.partition("\n")[0].strip("`"): part for part in sections}
    for name, schema in SCHEMAS.items():
        cells = re.findall(r"^\| (`.*?) \|", tables[name], re.MULTILINE)
        assert re.findall(r"`(\w+)`", "".join(cells)) == schema.names


def test_the_example_queries_run(tmp_path, capsys):
    build(fill(tmp_path, 3), capsys)
    examples = re.findall(r"```sql\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert len(examples) >= 5
    with duckdb.connect() as connection:
        for name in SCHEMAS:
            files = tmp_path / "dataset" / name / "*" / "*.parquet"
            connection.execute(f"CREATE VIEW {name} AS FROM read_parquet('{files}')")
        for sql in examples:
            assert connection.sql(sql).columns
