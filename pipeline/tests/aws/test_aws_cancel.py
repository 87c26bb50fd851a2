"""`debate cancel`: what of a job has not ended is taken back."""

import json

from conftest import URL


def state_of(cloud, job_id: str) -> list[str]:
    [job] = json.loads(cloud.debate("status", "--json", job_id).stdout)["jobs"]
    return [stage["state"] for stage in job["stages"]]


def test_what_is_done_stays_and_the_same_command_goes_on_from_there(cloud):
    cloud.debate("submit", URL)
    cloud.batch.work(attempts=1)
    [job_id, *others] = cloud.batch.jobs

    result = cloud.debate("cancel", job_id[:13])

    assert (result.returncode, result.stderr) == (0, f"job {job_id}: cancelled\n")
    assert state_of(cloud, job_id) == ["done", "failed", "failed"]
    assert all(cloud.batch.jobs[other]["terminated"] for other in others)
    again = cloud.debate("submit", URL)
    assert "handed in transcribe, stats" in again.stderr
    cloud.batch.work()
    assert state_of(cloud, job_id) == ["done", "done", "done"]


def test_a_job_that_has_ended_stays_as_it_is(cloud):
    cloud.debate("submit", URL)
    cloud.batch.work()
    [job_id, *_] = cloud.batch.jobs

    assert "it has ended already" in cloud.debate("cancel", job_id).stderr
    assert state_of(cloud, job_id) == ["done", "done", "done"]


def test_of_no_name_the_newest_is_not_cancelled(cloud):
    cloud.debate("submit", URL)
    [job_id, *_] = cloud.batch.jobs

    result = cloud.debate("cancel", "")

    assert (result.returncode, "name the job" in result.stderr) == (64, True)
    assert state_of(cloud, job_id)[0] == "pending"


def test_a_job_on_this_machine_is_stopped_by_who_works_on_it(house):
    house.debate("submit", URL)
    result = house.debate("cancel", "-")

    assert result.returncode == 64
    assert "Ctrl-C" in result.stderr
