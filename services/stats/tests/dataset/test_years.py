"""The dataset by years: where a debate lies, what a question about one year reads, what moves."""

import json
import re
import shutil
from collections import Counter
from contextlib import ExitStack, suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import pyarrow.parquet as pq
import pytest
from debate_contract.logs import Log
from debate_stats import __version__
from debate_stats.command.settings import TABLES, resolve_corpus
from debate_stats.dataset import bucket as bucket_module
from debate_stats.dataset import state as state_module
from debate_stats.dataset.corpus import build_corpus
from debate_stats.dataset.table_files import year_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_corpus import ask, build, content, put
from timelines import segment, transcript

SAID = "SELECT debate_id, sum(word_count) AS words FROM turns WHERE year = '2025' GROUP BY ALL"
DAYS = ("2024-12-31", "2025-01-01", "2025-06-30", "2026-02-01", "someday", None)


@pytest.fixture
def one_bucket(monkeypatch):
    monkeypatch.setattr("debate_stats.dataset.corpus.BUCKETS", 1)


def dated(day, words=2):
    source = {"title": "A debate", "upload_date": day}
    return transcript([segment(0, 9, "A", "word " * words)], media={"source": source})


def fill(root, days):
    """Debates named one to a year or day, in the order of the names."""
    for name, day in days.items():
        put(root, name, dated(day))
    return root


def key(name):
    return f"jobs/{name}/transcripts/{name}"


def years(root):
    """The folder in which each debate lies, by its name."""
    found = {}
    for path in (root / "dataset").glob("debates/year=*/*.parquet"):
        ids = pq.read_table(path, columns=["debate_id"], partitioning=None)[0].to_pylist()
        found |= {name.rpartition("/")[2]: path.parent.name for name in ids}
    return found


def copies(dataset):
    """In how many files of a table each debate lies, at most; of whatever layout."""
    found = Counter()
    for path in dataset.glob("*/*/*.parquet"):
        ids = pq.read_table(path, columns=["debate_id"], partitioning=None)[0].to_pylist()
        found.update({(path.parents[1].name, name) for name in ids})
    return max(found.values(), default=0)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        ("2025-12-31", "2025"),
        ("1900-01-01", "1900"),
        ("2099-01-01", "2099"),
        ("1899-12-31", "0000"),
        ("2100-01-01", "0000"),
        ("20250101", "0000"),
        ("2025-01-01/../../x", "0000"),
        ("\uff12\uff10\uff12\uff15-01-01", "0000"),
        ("", "0000"),
        (None, "0000"),
    ],
)
def test_a_debate_lies_in_the_year_of_its_date_if_that_is_one(day, year):
    assert year_of(day) == year


def test_each_year_has_its_folder_in_each_table(tmp_path, capsys):
    build(fill(tmp_path, {"old": "2024-12-31", "new": "2025-01-01", "whenever": None}), capsys)

    assert years(tmp_path) == {"old": "year=2024", "new": "year=2025", "whenever": "year=0000"}
    for table in TABLES:
        folders = {path.name for path in (tmp_path / "dataset" / table).iterdir()}
        assert folders == {"year=0000", "year=2024", "year=2025"}


def test_an_update_writes_the_files_of_the_years_that_changed_only(tmp_path, capsys, one_bucket):
    build(fill(tmp_path, {"a": "2024-01-01", "b": "2025-01-01", "c": "2025-02-01"}), capsys)
    put(tmp_path, "b", dated("2025-01-01", words=9))

    written = {Path(path).parent.name for path in build(tmp_path, capsys)["outputs"]}
    assert written == {"year=2025"}


def test_a_debate_whose_date_is_another_moves_and_leaves_no_empty_folder(tmp_path, capsys):
    build(fill(tmp_path, {"a": "2024-01-01", "b": "2026-01-01"}), capsys)
    build(fill(tmp_path, {"a": "2025-01-01"}), capsys)

    assert years(tmp_path) == {"a": "year=2025", "b": "year=2026"}
    assert not list((tmp_path / "dataset").glob("*/year=2024"))


def test_a_year_whose_last_debate_is_gone_is_something_that_was_done(tmp_path, capsys, one_bucket):
    build(fill(tmp_path, {"a": "2024-01-01", "b": "2026-01-01"}), capsys)
    put(tmp_path, "b").unlink()

    done = build(tmp_path, capsys)
    assert (done["skipped"], done["outputs"]) == (False, [])
    assert "nothing" not in done["message"]
    assert years(tmp_path) == {"a": "year=2024"}


def damage(dataset, years):
    for year in years:
        for path in dataset.glob(f"*/year={year}/*.parquet"):
            path.write_bytes(b"damaged")


FOUR_YEARS = {"a": "2024-01-01", "b": "2025-01-01", "c": "2025-02-01", "d": "2026-01-01", "e": None}


# DuckDB would take `person=1` around the dataset for the column of that name.
@pytest.mark.parametrize("folder", ["debates", "person=1"])
def test_a_question_about_one_year_is_answered_though_the_others_are_damaged(
    tmp_path, capsys, folder
):
    root = fill(tmp_path / folder, FOUR_YEARS)
    build(root, capsys)
    damage(root / "dataset", ["2024", "2026"])  # the first, 0000, is asked for the columns

    where = ("--dataset", root / "dataset", "--format", "csv")
    answer = ask(*where, f"SELECT * FROM ({SAID}) ORDER BY 1")
    assert (answer.stderr, answer.stdout) == ("", f"debate_id,words\n{key('b')},2\n{key('c')},2\n")
    assert ask(*where, "SELECT count(*) FROM turns WHERE person IS NOT NULL").returncode == 64
    people = ask(*where, "SELECT DISTINCT person, year FROM turns WHERE year = '2025'")
    assert people.stdout == "person,year\n,2025\n"


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ("year = '2025'", ["2025"]),
        ("year >= '2025'", ["2025", "2026"]),
        ("year < '1900'", ["0000"]),
    ],
)
def test_the_plan_of_a_question_about_some_years_has_their_files_only(
    tmp_path, capsys, condition, read
):
    build(fill(tmp_path, FOUR_YEARS), capsys)
    turns = tmp_path / "dataset" / "turns"

    plan = ask(
        "--dataset",
        tmp_path / "dataset",
        "--format",
        "json",
        f"EXPLAIN ANALYZE SELECT sum(duration) FROM turns WHERE {condition}",
    ).stdout
    files = sum(len(list(turns.glob(f"year={year}/*"))) for year in read)
    assert re.findall(r"Total Files Read: (\d+)", plan) == [str(files)]


def test_on_s3_too_it_is_answered_though_the_others_are_damaged(bucket, tmp_path, capsys):
    build(fill(tmp_path, FOUR_YEARS), capsys)
    damage(tmp_path / "dataset", ["2024", "2026"])
    for path in (tmp_path / "dataset").rglob("*.parquet"):
        bucket.upload_file(str(path), path.relative_to(tmp_path).as_posix())

    answer = ask("--dataset", "s3://debates/dataset", "--format", "csv", f"{SAID} ORDER BY 1")
    assert (answer.stderr, answer.stdout) == ("", f"debate_id,words\n{key('b')},2\n{key('c')},2\n")


class Killed(BaseException):
    """What no code expects."""


def killed_before(step):
    """A patch under which an update ends before its step: a removal, a file, the state."""
    steps = count()

    def counted(function):
        def call(*arguments):
            if next(steps) == step:
                raise Killed
            return function(*arguments)

        return call

    patch = ExitStack()
    for module, name in STEPS:
        patch.enter_context(mock.patch.object(module, name, counted(getattr(module, name))))
    return patch


STEPS = (
    (bucket_module, "remove"),
    (bucket_module, "publish"),
    (state_module, "write"),
)


def update(root, step=None):
    """Bring the dataset up to date, or be killed before a step; tells whether that was."""
    with killed_before(step):
        try:
            build_corpus(resolve_corpus(str(root)), Log("stats", as_json=True))
        except Killed:
            return True
    return False


def anew(root):
    """The files of a dataset made at once of what lies under the root."""
    with TemporaryDirectory() as folder:
        build_corpus(resolve_corpus(str(root), folder), Log("stats", as_json=True))
        return content(Path(folder))


def layout_of_0_4(dataset):
    """Make a dataset one of 256 buckets with a folder each, and no years."""
    numbers = {}
    for path in list(dataset.glob("*/year=*/*.parquet")):
        table = pq.read_table(path, partitioning=None)
        for debate in set(table["debate_id"].to_pylist()):
            number = sha256(debate.encode()).digest()[0]
            numbers[debate] = number
            target = dataset / path.parents[1].name / f"bucket={number:03d}" / "part.parquet"
            target.parent.mkdir(exist_ok=True)
            pq.write_table(
                table.filter(pq.filters_to_expression([("debate_id", "=", debate)])), target
            )
        path.unlink()
    shutil.rmtree(dataset / "_state")
    (dataset / "_state").mkdir()
    for debate, number in numbers.items():
        state = {"debates": {debate: ["digest", None]}, "bad": {}, "reasons": {}, "marks": {}}
        (dataset / "_state" / f"{number:03d}.json").write_text(
            json.dumps(state | {"version": __version__})
        )


@pytest.mark.parametrize("before", ["by years", "of 0.4"])
def test_killed_between_any_two_writes_no_debate_is_there_twice_and_the_next_update_mends_it(
    tmp_path, one_bucket, before
):
    """Two debates change places, one is new, one is gone, one stays."""
    root, dataset = tmp_path / "root", tmp_path / "root" / "dataset"
    fill(root, {"a": "2024-01-01", "b": "2025-01-01", "c": "2025-02-01", "gone": "2023-01-01"})
    update(root)
    if before == "of 0.4":
        layout_of_0_4(dataset)
    shutil.move(dataset, tmp_path / "before")
    fill(root, {"a": "2025-01-01", "b": "2024-01-01", "new": "2024-02-01"})
    put(root, "gone").unlink()
    whole = anew(root)

    for step in count():
        shutil.copytree(tmp_path / "before", dataset)
        killed = update(root, step)
        assert copies(dataset) <= 1
        update(root)
        assert content(dataset) == whole
        shutil.rmtree(dataset)
        if not killed:
            break
    assert step > 15


def test_what_another_version_wrote_is_replaced_and_not_taken_away_before(
    tmp_path, capsys, monkeypatch
):
    build(fill(tmp_path, FOUR_YEARS), capsys)
    for path in (tmp_path / "dataset" / "_state").iterdir():
        path.write_text(path.read_text().replace(f'"{__version__}"', '"0.0.1"'))
    monkeypatch.setattr(bucket_module, "remove", mock.Mock(side_effect=AssertionError))

    assert len(build(tmp_path, capsys)["outputs"]) == len(FOUR_YEARS) * len(TABLES)


def test_a_dataset_of_the_layout_of_0_4_is_written_anew_once(tmp_path, capsys):
    names = {f"job{number:02d}": DAYS[number % len(DAYS)] for number in range(20)}
    build(fill(tmp_path, names), capsys)
    whole = content(tmp_path / "dataset")
    layout_of_0_4(tmp_path / "dataset")
    assert len(list((tmp_path / "dataset" / "words").iterdir())) > 15

    assert not build(tmp_path, capsys)["skipped"]
    assert content(tmp_path / "dataset") == whole
    assert not list((tmp_path / "dataset").glob("*/bucket=*"))
    assert build(tmp_path, capsys)["skipped"]


def test_what_lies_in_the_dataset_by_other_hands_stays(tmp_path, capsys):
    build(fill(tmp_path, {"a": "2024-01-01"}), capsys)
    strange = ["words/notes.txt", "words/year=2024/mine.parquet", "_state/mine.json"]
    for path in strange:
        (tmp_path / "dataset" / path).write_text("mine")

    build(fill(tmp_path, {"a": "2025-01-01"}), capsys)
    assert all((tmp_path / "dataset" / path).is_file() for path in strange)


debates = st.dictionaries(
    st.sampled_from("abcde"), st.tuples(st.sampled_from(DAYS), st.integers(1, 2)), min_size=1
)


@settings(max_examples=15)
@given(st.lists(st.tuples(debates, st.none() | st.integers(0, 30)), min_size=1, max_size=3))
def test_however_debates_came_moved_and_went_the_files_are_those_made_at_once(history):
    """Each update has other debates, and may be killed before one of its steps."""
    with TemporaryDirectory() as folder, mock.patch("debate_stats.dataset.corpus.BUCKETS", 2):
        root = Path(folder)
        for there, step in history:
            with suppress(FileNotFoundError):
                shutil.rmtree(root / "jobs")
            for name, (day, words) in there.items():
                put(root, name, dated(day, words))
            update(root, step)
            assert copies(root / "dataset") <= 1
        update(root)
        assert content(root / "dataset") == anew(root)
