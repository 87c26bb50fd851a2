"""Item 5: lists of any length, and the calls that they cost."""

import pytest
from conftest import URL
from counting import calls

COUNT = 10_000


@pytest.fixture
def listed(cloud, tmp_path):
    """A list of ten thousand, handed in; and what that cost."""
    path = tmp_path / "list.txt"
    path.write_text("".join(f"https://example.org/{n}.mp4\n" for n in range(COUNT)))
    with calls() as counted:
        result = cloud.debate("submit-many", str(path))
    assert result.returncode == 0, result.stderr[-2000:]
    return str(path), counted


def end(cloud, step, failed=(), reason="Essential container in task exited", code=65):
    """Let every child of one of the list's arrays come to its end."""
    array = [job for job in cloud.batch.jobs.values() if job["size"]][step]
    for number in range(array["size"]):
        child = cloud.batch.jobs[f"{array['id']}:{number}"]
        child["status"] = "FAILED" if number in failed else "SUCCEEDED"
        if number in failed:
            child["reason"], child["codes"] = reason, {} if code is None else {"download": code}
    array["status"] = "FAILED" if failed else "SUCCEEDED"


def test_ten_thousand_are_submitted_again_and_asked_for_in_a_few_calls(cloud, listed):
    path, first = listed
    assert [r["arrayProperties"]["size"] for r in cloud.batch.requests] == [COUNT] * 3
    assert (first["SubmitJob"], first["PutObject"]) == (
        3,
        3,
    )  # the addresses; the record before and after
    assert sum(first.values()) <= 12, first
    cloud.batch.requests.clear()
    with calls() as again:
        assert cloud.debate("submit-many", path).returncode == 0
    assert cloud.batch.requests == []
    assert sum(again.values()) <= 4, again
    with calls() as status:
        result = cloud.debate("status")
    assert sum(status.values()) <= 4, status
    [_, line] = result.stdout.splitlines()
    assert "10000 recordings" in line
    assert "10000 submitted" in line


def test_what_is_at_rest_is_not_asked_for_again(cloud, listed):
    for step in range(3):
        end(cloud, step)
    cloud.debate("status")
    with calls() as counted:
        result = cloud.debate("status")

    assert counted["DescribeJobs"] == 0
    assert "10000 succeeded" in result.stdout


def test_where_some_failed_a_call_for_a_hundred_of_them_finds_which_and_an_array_repeats_them(
    cloud, listed
):
    path, _ = listed
    failed = set(range(0, COUNT, 20))  # 500 of them
    end(cloud, 0, failed)
    for step in (1, 2):  # dependents, as Batch has it
        end(cloud, step, failed, "Dependent Job failed", None)
    cloud.batch.requests.clear()
    with calls() as again:
        assert cloud.debate("submit-many", path).returncode == 0

    assert again["ListJobs"] == 5
    assert again["SubmitJob"] == 3
    assert sum(again.values()) <= 25, again
    assert [r["arrayProperties"]["size"] for r in cloud.batch.requests] == [len(failed)] * 3


def test_where_a_later_stage_failed_for_all_its_arrays_are_handed_in_once_more(cloud, listed):
    """As on a stack without weights; a call for a hundred finds which have failed."""
    path, _ = listed
    everything = set(range(COUNT))
    end(cloud, 0)
    end(cloud, 1, everything)
    end(cloud, 2, everything, "Dependent Job failed", None)
    cloud.batch.requests.clear()
    with calls() as again:
        assert cloud.debate("submit-many", path).returncode == 0

    assert again["ListJobs"] == COUNT / 100
    assert sum(again.values()) <= COUNT / 100 + 15, again
    assert [r["arrayProperties"]["size"] for r in cloud.batch.requests] == [COUNT] * 2


def test_more_than_an_array_holds_become_several(cloud, tmp_path):
    path = tmp_path / "list.txt"
    path.write_text("".join(f"https://example.org/{n}.mp4\n" for n in range(COUNT + 1)))
    result = cloud.debate("submit-many", str(path))

    assert result.returncode == 0, result.stderr
    assert "10001 recordings as 2 array jobs" in result.stderr
    sizes = [r["arrayProperties"]["size"] for r in cloud.batch.requests]
    assert sizes == [COUNT - 1] * 3 + [2] * 3


@pytest.mark.timeout(180)
def test_of_ten_thousand_records_status_reads_the_newest_and_says_how_many_are_left(cloud):
    cloud.debate("submit", URL)
    [record] = cloud.records()
    for stage in record["stages"]:
        stage["state"] = "done"
    others = ({**record, "source": f"{URL}?{n}", "job_id": f"job-{n}"} for n in range(COUNT))
    cloud.put_thousands(others)
    with calls() as counted:
        result = cloud.debate("status")

    assert len(result.stdout.splitlines()) == 1 + 50
    assert "9951 older ones are not shown" in result.stderr
    assert counted.pop("DescribeJobs", 0) <= 1
    assert counted == {"ListObjectsV2": 11, "GetObject": 50}
    with calls() as counted:
        assert len(cloud.debate("status", "--newest", "2").stdout.splitlines()) == 1 + 2
    assert counted["GetObject"] == 2


def test_all_of_them_are_shown_where_that_is_asked_for(cloud):
    for number in range(3):
        cloud.debate("submit", f"{URL}?{number}")

    few, every = cloud.debate("status", "--newest", "2"), cloud.debate("status", "--all")
    assert len(few.stdout.splitlines()) == 1 + 2
    assert "1 older ones are not shown" in few.stderr
    assert len(every.stdout.splitlines()) == 1 + 3
    assert every.stderr == ""


# --- Batch on a bad day ----------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["start", "spot"])
def test_a_job_that_could_not_start_or_lost_its_machine_is_tried_again(cloud, reason):
    """F6."""
    cloud.batch.start_failures = 4 if reason == "start" else 0
    cloud.batch.spot_losses = 4 if reason == "spot" else 0
    cloud.debate("submit", URL)
    cloud.batch.work()

    assert cloud.statuses() == ["SUCCEEDED"] * 3


def test_what_is_throttled_is_asked_again_and_when_it_lasts_later(cloud):
    cloud.batch.server.throttled = 2
    patient = cloud.house.start("submit", URL, **cloud.environment(AWS_MAX_ATTEMPTS="4"))
    assert patient.wait(60) == 0, patient.communicate()
    cloud.batch.server.throttled = 1000
    assert cloud.debate("submit", f"{URL}?2").returncode == 75
