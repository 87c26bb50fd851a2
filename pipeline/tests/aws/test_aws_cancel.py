"""`debate cancel`: what of a job has not ended is taken back."""

import json

from conftest import URL
from killing import STAGES, write_list


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


def test_what_is_being_stopped_is_called_so_until_it_has_ended(cloud):
    """Batch takes its time: a container is told first, and what waits for it after."""
    cloud.debate("submit", URL)
    cloud.batch.slow_to_stop = True
    [job_id, *_] = cloud.batch.jobs
    cloud.batch.jobs[job_id]["status"] = "RUNNING"
    cloud.debate("cancel", job_id)

    assert "is being stopped" in cloud.debate("status", job_id).stdout
    again = cloud.debate("submit", URL)
    assert "it is being stopped; submit it again when it has ended" in again.stderr
    assert len(cloud.batch.requests) == 3
    cloud.batch.work()
    assert "handed in download, transcribe, stats" in cloud.debate("submit", URL).stderr


def test_a_list_is_ended_whole_and_goes_on_where_each_of_it_was(cloud, tmp_path):
    command = ("submit-many", write_list(tmp_path, 3))
    cloud.debate(*command)
    cloud.batch.work(attempts=1)  # the first download
    [array, *_] = cloud.batch.jobs

    assert cloud.debate("cancel", array).stderr == f"job {array}: cancelled\n"
    cloud.batch.work()
    assert state_of(cloud, array) == ["failed"] * 3
    assert state_of(cloud, f"{array}-0") == ["done", "failed", "failed"]
    assert "stopped by a person" in cloud.debate("status", f"{array}-1").stdout

    before = len(cloud.batch.requests)
    assert cloud.debate(*command).returncode == 0
    asked = [request["jobDefinition"] for request in cloud.batch.requests[before:]]
    assert sorted(asked) == sorted([*STAGES, *STAGES[1:]])
    cloud.batch.work()
    kept = [job for job in cloud.batch.jobs.values() if not job.get("terminated")]
    assert {job["status"] for job in kept} == {"SUCCEEDED"}


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
