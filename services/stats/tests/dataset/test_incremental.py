"""What an update of the dataset on S3 reads, and how an array job shares it."""

import io
import json
import re
import tracemalloc
from bisect import bisect_right
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, replace
from hashlib import sha256
from unittest import mock

import pytest
from botocore.client import BaseClient
from debate_contract.errors import TemporaryFault, UsageFault
from debate_contract.logs import Log
from debate_stats import storage
from debate_stats.command.faults import Unfinished
from debate_stats.command.settings import in_array, resolve_corpus
from debate_stats.dataset import bucket as bucket_module
from debate_stats.dataset.corpus import BUCKETS, bucket_of, build_corpus
from debate_stats.dataset.state import State, files_of, state_path
from timelines import segment, transcript

COUNT, YEARS = 10_000, 20


def numbered(number):
    """A debate of its own length and year: another number moves it to another folder."""
    spoken = [segment(0, 1 + number, "A", "one two"), segment(2 + number, 2_000, "B")]
    source = {"upload_date": f"{1900 + number % 200}-01-01"}
    return json.dumps(transcript(spoken, media={"source": source}))


def key(name):
    return f"jobs/{name}/transcripts/{name}_transcription.json"


def put(bucket, name, content):
    bucket.put_object(Key=key(name), Body=content.encode())


@pytest.fixture
def debates(bucket):
    for number in range(6):
        put(bucket, f"job{number:02d}", numbered(number))
    return bucket


def build(capsys, **changes):
    build_corpus(replace(resolve_corpus("s3://debates"), **changes), Log("stats", as_json=True))
    return json.loads(capsys.readouterr().err.splitlines()[-1])


def content(bucket):
    return {one.key: one.get()["Body"].read() for one in bucket.objects.filter(Prefix="dataset/")}


@contextmanager
def calls():
    """Count what is asked of S3 meanwhile: by operation, and reading by transcript."""
    counted, asked = Counter(), BaseClient._make_api_call

    def count(client, operation, arguments):
        counted[operation] += 1
        if operation == "GetObject" and arguments["Key"].endswith("_transcription.json"):
            counted[arguments["Key"]] += 1
        return asked(client, operation, arguments)

    with mock.patch.object(BaseClient, "_make_api_call", count):
        yield counted


def read(counted):
    return {name for name in counted if name.startswith("jobs/")}


def tables(bucket):
    return {name: body for name, body in content(bucket).items() if "/_state/" not in name}


def test_what_has_not_changed_is_not_read(debates, capsys):
    build(capsys)
    before = content(debates)
    with calls() as counted:
        assert build(capsys)["skipped"]

    assert (read(counted), counted["PutObject"]) == (set(), 0)
    assert content(debates) == before


def test_of_many_the_one_that_changed_is_read(debates, capsys):
    build(capsys)
    put(debates, "job03", numbered(100))
    with calls() as counted:
        assert "1 of them new or changed" in build(capsys)["message"]

    assert read(counted) == {key("job03")}


def test_a_file_that_was_put_there_again_unchanged_is_read_once(debates, capsys):
    build(capsys)
    document = json.loads(numbered(3))
    debates.Object(key("job03")).copy_from(
        CopySource=f"debates/{key('job03')}", Metadata={"by": "hand"}, MetadataDirective="REPLACE"
    )
    put(debates, "job04", json.dumps(document, indent=1))
    build(capsys)
    with calls() as counted:
        assert build(capsys)["skipped"]

    assert read(counted) == set()


def test_a_dataset_from_before_there_were_marks_is_read_once_and_not_written(debates, capsys):
    build(capsys)
    for one in debates.objects.filter(Prefix="dataset/_state/"):
        state = json.loads(one.get()["Body"].read())
        del state["marks"]
        one.put(Body=json.dumps(state).encode())
    before = tables(debates)
    for transcripts in (6, 0):
        with calls() as counted:
            build(capsys)
        assert len(read(counted)) == transcripts

    assert tables(debates) == before


def test_what_could_not_be_read_is_read_the_next_time(debates, capsys, monkeypatch):
    build(capsys)
    put(debates, "job03", numbered(100))
    really = storage.read

    def refuse(place, *rest):
        if "job03" in str(place):
            raise TemporaryFault("S3 is busy")
        return really(place, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(storage, "read", refuse)
        with pytest.raises(Unfinished):
            build(capsys)

    assert "1 of them new or changed" in build(capsys)["message"]


def test_a_bad_debate_is_named_every_time_without_being_read(debates, capsys):
    put(debates, "bad", "{")
    for transcripts in (7, 0):
        with calls() as counted, pytest.raises(Exception, match="1 of 7"):
            build(capsys)
        assert len(read(counted)) == transcripts


def test_an_update_that_fails_half_way_leaves_the_tables_as_they_were(debates, capsys, monkeypatch):
    build(capsys)
    before = tables(debates)
    put(debates, "job03", numbered(203))  # of the same year
    with monkeypatch.context() as patch:
        busy = mock.Mock(side_effect=TemporaryFault("S3 is busy"))
        patch.setattr("debate_stats.dataset.bucket.publish", busy)
        with pytest.raises(Unfinished):
            build(capsys)

    assert tables(debates) == before
    assert "1 of them new or changed" in build(capsys)["message"]
    assert tables(debates) != before


def test_the_children_of_an_array_job_make_the_same_bytes_as_one_job(debates, capsys):
    build(capsys)
    whole = content(debates)
    debates.objects.filter(Prefix="dataset/").delete()
    for index in range(3):
        settings = in_array(resolve_corpus("s3://debates"), str(index), "3")
        build(capsys, array_index=settings.array_index, array_size=settings.array_size)
        numbers = {
            int(number) for number in re.findall(r"_state/(\d+)", " ".join(content(debates)))
        }
        assert {number % 3 for number in numbers} <= {*range(index + 1)}

    assert content(debates) == whole


@pytest.mark.parametrize("other", [403, 100], ids=["in the same year", "in another"])
def test_of_two_updates_at_once_neither_leaves_tables_that_the_next_one_believes(
    debates, capsys, monkeypatch, other
):
    """The other one read job03 before it changed, and is slower with its tables.

    this one     reads the new job03   writes tables                               state
    the other    reads the old one                      writes tables   state
    """
    build(capsys)
    put(debates, "job03", numbered(203))
    really = bucket_module.publish

    def publish(made, place):
        really(made, place)
        if "interactions" in str(place):  # the last
            monkeypatch.setattr(bucket_module, "publish", really)
            put(debates, "job03", numbered(other))
            build(capsys)
            put(debates, "job03", numbered(203))

    monkeypatch.setattr(bucket_module, "publish", publish)
    build(capsys)

    build(capsys)
    found = tables(debates)
    debates.objects.filter(Prefix="dataset/").delete()
    build(capsys)
    assert found == tables(debates)


@pytest.mark.parametrize("name", ["talk \u202e", "talk \x7f", "50 % #3?", "a+b&c;d"])
def test_a_strange_key_ends_no_other_debate(debates, capsys, name):
    put(debates, name, numbered(7))
    faults = [] if name.isprintable() else [name]
    if faults:
        with pytest.raises(UsageFault, match="1 of 7"):
            build(capsys)
    else:
        build(capsys)

    states = [json.loads(body) for path, body in content(debates).items() if "_state/" in path]
    assert sum(len(state["debates"]) for state in states) == 7 - len(faults)


class Listed:
    """S3 as far as an update asks it where nothing has changed: pages of a listing, and states."""

    def __init__(self, objects):
        self.objects, self.keys, self.asked = objects, sorted(objects), Counter()

    def answer(self, operation, arguments):
        self.asked[operation] += 1
        if operation == "GetObject":
            return {"Body": io.BytesIO(self.objects[arguments["Key"]])}
        assert operation == "ListObjectsV2"
        last = arguments.get("ContinuationToken", "")
        prefix = arguments["Prefix"]
        start = bisect_right(self.keys, max(prefix, last))
        found = self.keys[start : start + 1001]
        found = [one for one in found if one.startswith(prefix)]
        page = {"Contents": [{"Key": k, "ETag": etag(k), "Size": 1} for k in found[:1000]]}
        more = {"NextContinuationToken": found[999]} if found[1000:] else {}
        return page | {"IsTruncated": bool(more)} | more


def etag(name):
    return f'"{sha256(name.encode()).hexdigest()[:32]}"'


def test_ten_thousand_debates_of_which_none_has_changed(monkeypatch, capsys):
    """The listings and a state a bucket; no transcript, in little memory."""
    store = Listed(dataset_of(COUNT))
    monkeypatch.setattr(BaseClient, "_make_api_call", store.answer)
    tracemalloc.start()
    finished = build(capsys)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert finished["skipped"]
    assert store.asked["GetObject"] == BUCKETS
    # 10,000 transcripts and 3,232 files of the dataset; then the dataset's folders by themselves.
    assert store.asked["ListObjectsV2"] <= 14 + 6
    assert {*store.asked} == {"GetObject", "ListObjectsV2"}
    assert peak < 50_000_000


def dataset_of(count):
    """The objects of so many debates and of a dataset that holds them."""
    states = {number: State() for number in range(BUCKETS)}
    for debate in (key(f"{number:05d}") for number in range(count)):
        name = debate.removesuffix("_transcription.json")
        state = states[bucket_of(name)]
        state.debates[name] = ["digest", None]
        state.years[name] = f"{2000 + sum(map(ord, name)) % YEARS}"
        state.marks[name] = f"{etag(debate)} s3://debates/{debate}"
    objects = {key(f"{number:05d}"): b"" for number in range(count)}
    for number, state in states.items():
        paths = files_of(number, state.years.values())
        state.files = {path: etag(f"dataset/{path}") for path in paths}
        objects |= {f"dataset/{path}": b"a table" for path in paths}
        objects[f"dataset/{state_path(number)}"] = json.dumps(asdict(state)).encode()
    return objects
