"""A command that is killed while it hands jobs in, and the same command again.

Whatever the call to AWS at which it dies, Batch has in the end one job for each recording and
stage: what it took before is found by its name, and what it did not is asked for.
"""

import random
from contextlib import contextmanager
from unittest import mock

import pytest
from botocore.client import BaseClient
from conftest import URL
from counting import calls
from debate_pipeline.aws import backend
from debate_pipeline.aws.clients import connect
from debate_pipeline.aws.records import asked
from killing import STAGE_NAMES, STAGES, killed_at, live, write_list

CALLS = 16  # more than any of these submissions makes


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Nobody else is at work here, and the fake's lists are never behind; clients are made once."""
    clients = []

    def connect_once(stack):
        clients[:] = clients or [connect(stack)]
        return clients[0]

    monkeypatch.setattr(asked, "GRACE", 0.0)
    monkeypatch.setattr(backend, "connect", connect_once)


def states(cloud):
    return {stage["state"] for record in cloud.records() for stage in record["stages"]}


def end(cloud):
    for job in cloud.batch.jobs.values():
        job["status"] = "SUCCEEDED"
        job["codes"] = dict.fromkeys(STAGE_NAMES, 0)


def forget(cloud):
    cloud.batch.jobs.clear()
    for key in cloud.objects():
        cloud.s3.delete_object(Bucket=cloud.BUCKET, Key=key)


COMMANDS = {
    "one": (("submit", URL), STAGES),
    "one in a job of all stages": (("submit", URL, "--mode", "single"), ["d-pipeline"]),
    "one stage": (("download", URL), STAGES[:1]),
    "a list": (("submit-many", "LIST"), STAGES),
    "a list in jobs of all stages": (("submit-many", "LIST", "--mode", "single"), ["d-pipeline"]),
}


@pytest.mark.parametrize("answered", [False, True], ids=["unsent", "answered"])
@pytest.mark.parametrize("what", COMMANDS)
def test_killed_at_any_call_the_same_command_again_leaves_one_job_of_each_stage(
    cloud, tmp_path, what, answered
):
    command, wanted = COMMANDS[what]
    command = [write_list(tmp_path, 5) if word == "LIST" else word for word in command]
    deaths = []
    for call in range(1, CALLS):
        forget(cloud)
        with killed_at(call, answered=answered) as died:
            cloud.debate(*command)
        if not died:  # the command came to its end before
            break
        deaths += died[:1]
        result = cloud.debate(*command)
        assert result.returncode == 0, result.stderr
        assert live(cloud) == wanted, died
    assert deaths.count("SubmitJob") == len(wanted)
    end(cloud)
    cloud.debate("status")
    assert states(cloud) == {"done"}


@pytest.mark.parametrize("seed", range(4))
def test_killed_again_and_again_it_comes_to_the_same_end(cloud, tmp_path, seed):
    dice, path = random.Random(seed), write_list(tmp_path, 3)
    for _ in range(12):
        with killed_at(dice.randrange(3, CALLS), answered=dice.random() < 0.5):
            cloud.debate("submit-many", path)
            break
    cloud.debate("submit-many", path)

    assert live(cloud) == STAGES


def test_a_stage_that_is_asked_again_is_asked_once_too(cloud):
    cloud.debate("submit", URL)
    end(cloud)
    died = ["nothing yet"]
    for call in range(1, CALLS):
        if not died:
            break
        for job in [*cloud.batch.jobs.values()][1:]:
            job.update(status="FAILED", codes={"transcribe": 65})
        before = len(cloud.batch.jobs)
        with killed_at(call, answered=True) as died:
            cloud.debate("submit", URL)
        cloud.debate("submit", URL)

        asked_for = cloud.batch.requests[before:]
        assert [request["jobDefinition"] for request in asked_for] == STAGES[1:]


@pytest.mark.parametrize("taken", [1, 2])
def test_of_ten_thousand_the_rest_of_the_arrays_is_handed_in_in_a_few_calls(cloud, tmp_path, taken):
    path = write_list(tmp_path, 10_000)
    with killed_at(taken, of="SubmitJob", answered=True):
        cloud.debate("submit-many", path)
    with calls() as again:
        assert cloud.debate("submit-many", path).returncode == 0

    assert live(cloud) == STAGES
    assert again["SubmitJob"] == 3 - taken
    assert again["ListJobs"] == 3
    assert sum(again.values()) <= 15, again


def test_a_process_that_is_killed_for_good_leaves_a_job_that_the_next_one_finds(cloud):
    process = cloud.house.start("submit", URL, **cloud.environment())
    cloud.batch.when_taken = process.kill
    assert process.wait(60) == -9, process.communicate()
    cloud.batch.when_taken = None
    [job_id] = cloud.batch.jobs
    assert "download" in cloud.debate("status").stdout
    result = cloud.debate("submit", URL)

    assert live(cloud) == STAGES
    assert f"job {job_id} on AWS" in result.stderr
    assert "handed in transcribe, stats" in result.stderr


def test_status_tells_what_batch_took_of_a_killed_command_and_what_it_did_not(cloud):
    with killed_at(2, of="SubmitJob", answered=True):
        cloud.debate("submit", URL)
    status = cloud.debate("status")

    [download, _] = cloud.batch.jobs
    assert status.stdout.splitlines()[1].startswith(download)
    stats = cloud.debate("status", download).stdout.splitlines()[4]
    assert "interrupted" in stats
    assert "was not handed in to its end; submit it again" in stats


def test_a_part_of_an_interrupted_list_does_not_start_the_rest_of_it(cloud, tmp_path):
    with killed_at(2, of="SubmitJob", answered=False):
        cloud.debate("submit-many", write_list(tmp_path, 5))
    before = len(cloud.batch.requests)
    cloud.debate("submit", f"{URL}?3")

    asked_for = cloud.batch.requests[before:]
    [array, *_] = cloud.batch.jobs
    assert [request["jobDefinition"] for request in asked_for] == STAGES[1:]
    assert asked_for[0]["dependsOn"] == [{"jobId": f"{array}:3"}]
    assert not any("arrayProperties" in request for request in asked_for)


def test_a_request_that_was_sent_twice_because_its_answer_was_lost_makes_one_job(cloud):
    """botocore sends again what was not answered; Batch has made a job of the first already."""
    cloud.batch.server.lost_answers = 1
    command = cloud.house.start("submit", URL, **cloud.environment(AWS_MAX_ATTEMPTS="3"))

    assert command.wait(60) == 0, command.communicate()
    assert live(cloud) == STAGES
    assert len(cloud.batch.requests) == 4


def test_a_request_whose_answer_never_comes_is_found_by_the_next_command(cloud):
    cloud.batch.server.lost_answers = 1
    assert cloud.debate("submit", URL).returncode == 75
    assert cloud.debate("submit", URL).returncode == 0

    assert live(cloud) == STAGES
    assert len(cloud.batch.requests) == 3


@contextmanager
def written_twice():
    """botocore sends a record again where the answer was lost; the first time it was written."""
    ask = BaseClient._make_api_call

    def twice(client, operation, arguments):
        answer = ask(client, operation, arguments)
        return ask(client, operation, arguments) if operation == "PutObject" else answer

    with mock.patch.object(BaseClient, "_make_api_call", twice):
        yield


@pytest.mark.parametrize("at", ["ListJobs", "TerminateJob"])
def test_killed_after_what_was_sent_twice_the_older_job_is_kept(cloud, at):
    ask = BaseClient._make_api_call

    def twice(client, operation, arguments):
        answer = ask(client, operation, arguments)
        if operation != "SubmitJob":
            return answer
        answer = ask(client, operation, arguments)
        answer["ResponseMetadata"]["RetryAttempts"] = 1
        return answer

    with (
        mock.patch.object(BaseClient, "_make_api_call", twice),
        killed_at(1, of=at, answered=True),
    ):
        cloud.debate("submit", URL)
    cloud.debate("submit", URL)

    assert live(cloud) == STAGES


@pytest.mark.parametrize("what", COMMANDS)
def test_a_record_that_was_sent_twice_is_ones_own(cloud, tmp_path, what):
    command, wanted = COMMANDS[what]
    command = [write_list(tmp_path, 5) if word == "LIST" else word for word in command]
    with written_twice():
        result = cloud.debate(*command)

    assert result.returncode == 0, result.stderr
    assert "another command" not in result.stderr
    assert live(cloud) == wanted
    assert states(cloud) == {"pending"}
