"""`debate status` and `debate logs` on AWS."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from conftest import URL
from debate_pipeline.aws.backend import AwsBackend
from debate_pipeline.aws.progress.cost import estimate_cost
from debate_pipeline.aws.progress.words import describe_failure, describe_wait
from debate_pipeline.aws.stack import parse_outputs
from house import wait_until


def row(result, first):
    """The words of the line that begins so."""
    [line] = [line for line in result.stdout.splitlines() if line.startswith(first)]
    return line.rstrip()


def test_status_lists_jobs_with_stage_state_age_cost_and_reason(cloud):
    cloud.debate("submit", URL)
    cloud.batch.work(attempts=1)
    [job_id, transcribe, _] = cloud.batch.jobs
    cloud.batch.jobs[transcribe].update(
        status="RUNNABLE",
        reason="CAPACITY:INSUFFICIENT_INSTANCE_CAPACITY - Service cannot fulfill the capacity",
    )
    line = row(cloud.debate("status"), job_id)

    words = line.split()
    assert words[:4] == [job_id, "example.org/debate.mp4", "transcribe", "pending"]
    assert words[5:7] == ["s", "~$0.00"]
    assert line.endswith(
        "waits for a machine: AWS has no such machine free; more kinds of machine help"
    )


def test_status_of_a_job_has_a_row_per_stage(cloud):
    cloud.debate("submit", URL)
    cloud.batch.work()
    [job_id, *_] = cloud.batch.jobs
    result = cloud.debate("status", job_id[:13])

    assert " ".join(row(result, "transcribe").split()) == "transcribe done 1 6 min ~$0.10 0"
    assert row(result, "download").split()[-2:] == ["~$0.00", "0"]
    assert f"files in s3://debates/jobs/{job_id}" in result.stdout


def test_a_failed_stage_is_explained_by_its_own_last_sentence(cloud):
    cloud.house.order("download", "fail 65 The recording is private.")
    cloud.debate("submit", URL)
    cloud.batch.work()
    [job_id, *_] = cloud.batch.jobs
    result = cloud.debate("status", job_id)

    assert row(result, "download").endswith("65    The recording is private.")
    assert row(result, "stats").endswith("not started: the stage before it failed")


def test_what_came_to_rest_is_remembered_when_batch_forgets(cloud):
    cloud.debate("submit", URL)
    cloud.batch.work()
    [job_id, *_] = cloud.batch.jobs
    before = cloud.debate("status", job_id).stdout
    cloud.batch.jobs.clear()

    assert cloud.debate("status", job_id).stdout == before
    assert "all of it is done already" in cloud.debate("submit", URL).stderr


@pytest.mark.parametrize(("stages_run", "transcribed"), [(3, "done"), (1, "interrupted")])
def test_a_job_that_batch_forgot_unseen_is_judged_by_its_files(cloud, stages_run, transcribed):
    cloud.debate("submit", URL)
    cloud.batch.work(attempts=stages_run)
    cloud.batch.jobs.clear()
    assert "handed in" in cloud.debate("status").stdout

    [record] = cloud.records()
    record["created_at"] = (datetime.now(UTC) - timedelta(days=9)).isoformat()
    cloud.put_record(record)
    result = cloud.debate("status", record["job_id"])
    assert row(result, "download").split()[1] == "done"
    assert row(result, "transcribe").split()[1] == transcribed
    assert "Batch no longer knows the job" in result.stdout


def test_an_empty_bucket_has_no_jobs(cloud):
    assert cloud.debate("status").returncode == 0
    result = cloud.debate("logs")
    assert result.returncode == 66
    assert result.stderr == "debate: there are no jobs yet\n"


def test_an_id_that_fits_none_or_several_jobs_is_said(cloud):
    cloud.debate("submit", URL)
    cloud.debate("submit", f"{URL}?2")
    none, several = cloud.debate("status", "4711!"), cloud.debate("status", "-")

    assert (none.returncode, several.returncode) == (66, 66)
    assert "no job's id contains '4711!'" in none.stderr
    assert "'-' fits 2 jobs; give more of the id" in several.stderr


def test_logs_are_those_of_every_attempt_in_order(cloud):
    cloud.house.order("download", "fail 75 The network is down.")
    cloud.debate("submit", URL)
    cloud.batch.work()
    [job_id, *_] = cloud.batch.jobs
    result = cloud.debate("logs", job_id)

    said = [" ".join(line.split()[1:]) for line in result.stdout.splitlines()]
    assert said == [
        "download started: download starts",
        "download failed: The network is down.",
        "download started: download starts",
        "download finished: download well",
        "transcribe started: transcribe starts",
        "transcribe finished: transcribe well",
        "stats started: stats starts",
        "stats finished: stats well",
    ]


def test_logs_of_one_container_among_several_are_its_own(cloud):
    cloud.debate("submit", URL, "--mode", "single")
    cloud.batch.work()
    result = cloud.debate("logs")

    assert [line.split()[1] for line in result.stdout.splitlines()] == [
        stage for stage in ("download", "transcribe", "stats") for _ in range(2)
    ]


def test_following_ends_when_the_job_is_at_rest(cloud, monkeypatch):
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    cloud.debate("submit", URL)
    backend = AwsBackend(parse_outputs(cloud.outputs.read_text(), "test"), poll=0.05)
    [job_id, *_] = cloud.batch.jobs
    heard = []
    reader = threading.Thread(target=lambda: heard.extend(backend.events(job_id, follow=True)))
    reader.start()
    cloud.batch.work(attempts=1)
    wait_until(lambda: any(event.kind == "finished" for _, event in heard))
    cloud.batch.work()
    reader.join(20)

    assert not reader.is_alive()
    assert [stage for stage, event in heard if event.kind == "finished"] == [
        "download",
        "transcribe",
        "stats",
    ]


@pytest.mark.parametrize(
    ("detail", "exit_code", "reason", "words"),
    [
        ({"statusReason": "Host EC2 (instance i-0) terminated."}, None, "", "taken away (Spot)"),
        ({}, 137, "OutOfMemoryError: Container killed", "the memory was used up"),
        ({}, None, "CannotPullContainerError: not found", "no image with the stack's tag"),
        ({"statusReason": "Job attempt duration exceeded timeout"}, 137, "", "its time limit"),
        ({"statusReason": "Dependent Job failed"}, None, "", "the stage before it failed"),
        (
            {"statusReason": "no more", "isTerminated": True},
            None,
            "",
            "stopped by a person: no more",
        ),
        (
            {
                "statusReason": "Canceled by JobStateTimeLimit action due to reason: "
                "MISCONFIGURATION:JOB_RESOURCE_REQUIREMENT",
                "isCancelled": True,
            },
            None,
            "",
            "given up after waiting: the job wants more than any machine",
        ),
        ({"statusReason": "Essential container in task exited"}, 64, "", "wrong options"),
        ({"statusReason": "Essential container in task exited"}, 3, "", "exit code 3"),
        ({}, None, "", "Batch gives no reason"),
        (
            {
                "statusReason": "Canceled by JobStateTimeLimit action due to reason: CAPACITY:"
                "INSUFFICIENT_INSTANCE_CAPACITY"
            },
            None,
            "",
            "given up after waiting: AWS has no such machine free",
        ),
    ],
)
def test_failures_are_put_into_words(detail, exit_code, reason, words):
    assert words in describe_failure(detail, exit_code, reason)


@pytest.mark.parametrize("status", ["SUBMITTED", "PENDING", "RUNNABLE", "STARTING"])
def test_every_state_before_running_says_what_it_waits_for(status):
    assert len(describe_wait({"status": status, "createdAt": 0}, 0)) > 5


def needs(**amounts):
    return {"resourceRequirements": [{"type": k, "value": str(v)} for k, v in amounts.items()]}


HOUR = 3_600_000


@pytest.mark.parametrize(
    ("detail", "dollars"),
    [
        # An hour of 1 vCPU and 2 GiB: 0.04048 + 2 x 0.004445.
        (
            {"status": "SUCCEEDED", "attempts": [(1, 2)], "container": needs(VCPU=1, MEMORY=2048)},
            0.04937,
        ),
        # Two attempts of an hour on a GPU, and half an hour of the third, which runs.
        (
            {
                "status": "RUNNING",
                "startedAt": 10 * HOUR,
                "attempts": [(1, 2), (3, 4)],
                "container": needs(VCPU=4, MEMORY=14000, GPU=1),
            },
            2.5 * 1.006,
        ),
        # One job with all stages is one machine with its GPU.
        (
            {
                "status": "SUCCEEDED",
                "attempts": [(1, 3)],
                "ecsProperties": {
                    "taskProperties": [{"containers": [needs(VCPU=1), needs(GPU=1), needs(VCPU=1)]}]
                },
            },
            2.012,
        ),
        ({"status": "RUNNABLE", "attempts": []}, 0.0),
    ],
)
def test_cost_is_time_times_list_price(detail, dollars):
    attempts = [{"startedAt": a * HOUR, "stoppedAt": b * HOUR} for a, b in detail["attempts"]]

    cost = estimate_cost(detail | {"attempts": attempts}, round(10.5 * HOUR))
    assert cost == pytest.approx(dollars, abs=1e-6)


def test_a_job_that_waits_for_long_without_a_reason_is_for_the_doctor(cloud):
    """F17: of a quota of 0 Batch says nothing."""
    cloud.debate("submit", URL)
    [download, *_] = cloud.batch.jobs.values()
    download["status"] = "RUNNABLE"
    assert "doctor" not in cloud.debate("status").stdout
    download["created"] -= 11 * 60 * 1000

    assert "waits for a machine: for long; `debate doctor`" in cloud.debate("status").stdout
