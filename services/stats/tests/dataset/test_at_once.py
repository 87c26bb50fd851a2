"""Two updates of one dataset at once, one of them slower, killed, or with a listing from before."""

import errno
import json
from contextlib import suppress
from unittest import mock

import pytest
import test_corpus
from debate_contract.logs import Log
from debate_stats.command.settings import resolve_corpus
from debate_stats.dataset import bucket as bucket_module
from debate_stats.dataset.corpus import build_corpus
from timelines import segment, transcript


class Killed(BaseException):
    """What no code expects."""


@pytest.fixture(autouse=True)
def one_bucket(monkeypatch):
    monkeypatch.setattr("debate_stats.dataset.corpus.BUCKETS", 1)


def put(bucket, name, day, words=2):
    said = [segment(0, 9, "A", "word " * words)]
    document = transcript(said, media={"source": {"title": name, "upload_date": day}})
    key = f"jobs/{name}/transcripts/{name}_transcription.json"
    bucket.put_object(Key=key, Body=json.dumps(document).encode())


def build():
    build_corpus(resolve_corpus("s3://debates"), Log("stats", as_json=True))


def content(bucket):
    return {one.key: one.get()["Body"].read() for one in bucket.objects.filter(Prefix="dataset/")}


def anew(bucket):
    """What a dataset made at once of what lies there holds."""
    bucket.objects.filter(Prefix="dataset/").delete()
    build()
    return content(bucket)


@pytest.fixture
def debates(bucket):
    for name, day in {"a": "2024-01-01", "b": "2024-02-01", "c": "2025-01-01"}.items():
        put(bucket, name, day)
    build()
    return bucket


def meanwhile(monkeypatch, name, happens):
    """Have something happen when an update first calls what its module knows by this name."""
    really = getattr(bucket_module, name)

    def call(*arguments):
        monkeypatch.setattr(bucket_module, name, really)
        happens()
        return really(*arguments)

    monkeypatch.setattr(bucket_module, name, call)


def test_one_that_is_killed_after_its_old_rows_took_the_place_of_new_ones_is_not_believed(
    debates, monkeypatch
):
    """
    this one    reads the old a              writes a table, is killed
    the other                    all of it
    """
    really = bucket_module.publish

    def publish(made, place):
        monkeypatch.setattr(bucket_module, "publish", really)
        put(debates, "a", "2024-01-01", words=9)
        build()
        really(made, place)
        raise Killed

    put(debates, "a", "2024-01-01", words=5)
    monkeypatch.setattr(bucket_module, "publish", publish)
    with suppress(Killed):
        build()

    build()
    found = content(debates)
    assert found == anew(debates)


def test_one_that_listed_before_a_debate_came_does_not_hide_that_it_is_there(debates, monkeypatch):
    """
    this one    lists                            changes 2025
    the other          all of it, with d in 2024
    the next                                                   finds d in 2026
    """

    def other():
        put(debates, "d", "2024-06-01")
        build()

    put(debates, "c", "2025-01-01", words=5)
    meanwhile(monkeypatch, "read_many", other)
    build()
    put(debates, "d", "2026-06-01")
    build()

    found = content(debates)
    assert found == anew(debates)


@pytest.mark.parametrize("table", ["words", "debates"])
def test_a_file_that_somebody_put_back_from_an_older_version_is_made_anew(debates, table):
    key = f"dataset/{table}/year=2024/000.parquet"
    older = debates.Object(key).get()["Body"].read()
    put(debates, "a", "2024-01-01", words=5)
    build()
    debates.put_object(Key=key, Body=older)

    build()
    found = content(debates)
    assert found == anew(debates)


def test_on_one_disk_the_second_waits_for_the_end_of_the_first(tmp_path, monkeypatch, capsys):
    """Else it takes the first one's work for what a kill left behind, and removes it."""
    root = tmp_path / "root"
    test_corpus.put(root, "a", test_corpus.numbered(1))
    second = []

    def begin():
        second.append(test_corpus.run("corpus", "--root", root))
        lines = iter(second[0].stderr.readline, "")
        assert any("another update" in line for line in lines)

    meanwhile(monkeypatch, "publish", begin)
    test_corpus.build(root, capsys)

    assert "finished" in second[0].communicate(timeout=60)[1]
    assert len(test_corpus.rows(root, "debates")) == 1


def test_on_a_disk_without_locks_it_is_done_without(tmp_path, monkeypatch, capsys):
    refuse = mock.Mock(side_effect=OSError(errno.ENOLCK, "No locks available"))
    monkeypatch.setattr("fcntl.flock", refuse)
    test_corpus.put(tmp_path, "a")

    test_corpus.build(tmp_path, capsys)
    assert len(test_corpus.rows(tmp_path, "debates")) == 1
