import json
from pathlib import Path

import pytest
from conftest import URL
from debate_contract.errors import BadInput
from debate_contract.schemas import faults
from debate_pipeline.job.record import Job, State, parse_document, to_document
from debate_pipeline.job.stages import Request, stages_due
from debate_pipeline.local.store import JobStore

CONTRACT = Path(__file__).parents[3] / "contracts" / "job"
EXAMPLE = json.loads((CONTRACT / "examples" / "interrupted.json").read_text())


def check(document):
    assert faults(document, "job") == []


def test_the_example_of_the_contract_is_read_and_written_unchanged():
    check(EXAMPLE)
    assert to_document(parse_document(EXAMPLE)) == EXAMPLE


@pytest.mark.parametrize("orders", [[], ["fail 65 That is no video."]])
def test_records_of_jobs_that_ran_fit_the_contract(house, orders):
    house.order("transcribe", *orders)
    house.debate("submit", URL, "--speakers", "2")

    [job] = house.jobs()
    check(job)


@pytest.mark.parametrize("mode", ["chain", "single"])
def test_records_of_jobs_on_aws_fit_the_contract_and_are_read_unchanged(cloud, mode):
    cloud.debate("submit", URL, "--mode", mode)
    cloud.batch.work()
    cloud.debate("status")

    [record] = cloud.records()
    check(record)
    assert to_document(parse_document(record)) == record


def test_fields_we_do_not_know_are_ignored():
    document = EXAMPLE | {"colour": "red"}
    document["stages"] = [stage | {"cost": 1} for stage in EXAMPLE["stages"]]

    assert parse_document(document) == parse_document(EXAMPLE)


def test_a_record_of_another_major_version_is_refused():
    with pytest.raises(BadInput, match=r"version is 2\.0"):
        parse_document(EXAMPLE | {"schema_version": "2.0"})


def test_the_first_stage_that_is_not_done_stands_for_the_job():
    job = parse_document(EXAMPLE)

    assert (job.current, job.state) == ("transcribe", State.INTERRUPTED)


@pytest.mark.parametrize(
    ("states", "options", "expected"),
    [
        # d = done, f = failed, p = pending, of download, transcribe, stats, register
        ("", {}, 4),
        ("dddd", {}, 0),
        ("dddp", {}, 1),
        ("dfpp", {}, 3),
        ("fddd", {}, 4),
        ("dddd", {"NUM_SPEAKERS": "3"}, 0),
        ("dddd", {"NUM_SPEAKERS": "4"}, 3),
        ("dddd", {"LANGUAGE": "en"}, 3),
    ],
)
def test_due_are_the_stages_from_the_first_that_is_not_done_as_asked(states, options, expected):
    request = Request(URL, options=options)
    job = Job("1", URL, "2026-11-22T20:00:00Z", options={"NUM_SPEAKERS": "3"})
    job.ask(request.stages[: len(states)], (), {})
    words = {"d": State.DONE, "f": State.FAILED, "p": State.PENDING}
    for letter, record in zip(states, job.stages.values(), strict=True):
        record.state = words[letter]
    if states:
        job.stages["transcribe"].options = {"NUM_SPEAKERS": "3"}

    assert stages_due(job, request) == request.stages[4 - expected :]


def test_a_job_has_its_stages_from_the_first(tmp_path):
    job = JobStore(tmp_path).create(Request(URL))

    check(to_document(job))
    assert (job.current, job.state) == ("download", State.PENDING)
    assert JobStore(tmp_path).find("") == job
