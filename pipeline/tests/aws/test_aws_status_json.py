"""`debate status --json` on AWS."""

import time

import pytest
from conftest import URL, status
from counting import calls
from debate_pipeline.aws import backend


def write_list(tmp_path, count):
    path = tmp_path / "list.txt"
    path.write_text("".join(f"{URL}?{n}\n" for n in range(count)))
    return str(path)


def arrays(cloud):
    return [job_id for job_id, job in cloud.batch.jobs.items() if job["size"]]


@pytest.mark.parametrize("mode", ["chain", "single"])
def test_a_job_has_its_states_times_and_about_what_it_cost(cloud, mode):
    cloud.debate("submit", URL, "--mode", mode)
    cloud.batch.work()
    [job_id, *_] = cloud.batch.jobs
    report = status(cloud, job_id)

    [job] = report["jobs"]
    assert (report["backend"], job["job_id"], job["state"]) == ("aws", job_id, "done")
    assert [stage["state"] for stage in job["stages"]] == ["done"] * 3
    assert job["finished_at"] > job["started_at"]
    costs = [stage["cost_estimate_usd"] for stage in job["stages"]]
    assert job["cost_estimate_usd"] == pytest.approx(sum(costs))
    assert job["cost_estimate_usd"] == pytest.approx(0.1, abs=0.02)
    assert "estimate" in report["cost_basis"]


def test_a_stage_under_way_says_how_far_it_is(cloud):
    cloud.house.order("download", "progress")
    cloud.debate("submit", URL)
    cloud.batch.work(attempts=1)
    [job_id, *_] = cloud.batch.jobs
    cloud.batch.jobs[job_id].update(status="RUNNING", codes={})
    drop_last_line(cloud, job_id)

    [job] = status(cloud, job_id)["jobs"]
    progress = job["stages"][0]["progress"]
    assert (job["state"], job["stage"], job["finished_at"]) == ("running", "download", None)
    assert (progress["step"], progress["fraction"], progress["unit"]) == ("work", 1.0, "s")
    assert job["stages"][1]["progress"] is None
    assert "working" not in job["stages"][0]["lines"]


def drop_last_line(cloud, job_id):
    """As long as a stage works it has not said that it has finished."""
    stream = {"logGroupName": cloud.LOG_GROUP, "logStreamName": "batch/download/open"}
    old = cloud.batch.jobs[job_id]["streams"]["download"]
    lines = cloud.logs.get_log_events(logGroupName=cloud.LOG_GROUP, logStreamName=old)["events"]
    kept = [{"timestamp": line["timestamp"], "message": line["message"]} for line in lines[:-1]]
    cloud.logs.create_log_stream(**stream)
    cloud.logs.put_log_events(**stream, logEvents=kept)
    cloud.batch.jobs[job_id]["streams"]["download"] = stream["logStreamName"]


def test_a_failed_job_has_the_sentence_of_its_stage(cloud):
    cloud.house.order("download", "fail 65 The recording is private.")
    cloud.debate("submit", URL)
    cloud.batch.work()
    [job_id, *_] = cloud.batch.jobs

    [job] = status(cloud, job_id)["jobs"]
    assert (job["state"], job["stage"]) == ("failed", "download")
    assert job["message"] == "The recording is private."
    assert job["stages"][0]["exit_code"] == 65
    assert job["stages"][0]["lines"][-1] == "The recording is private."
    assert job["stages"][0]["progress"] is None


def test_a_list_counts_its_children_and_has_no_cost_that_nobody_reckoned(cloud, tmp_path):
    cloud.house.order("download", "fail 65 The recording is private.")
    cloud.debate("submit-many", write_list(tmp_path, 3))
    cloud.batch.work()
    [array, *_] = arrays(cloud)
    [job] = status(cloud, array)["jobs"]

    assert (job["recordings"], job["state"], job["cost_estimate_usd"]) == (3, "failed", None)
    assert job["stages"][0]["counts"] == {"succeeded": 2, "failed": 1}
    [child] = status(cloud, f"{array}-0")["jobs"]
    assert (child["recordings"], child["message"]) == (1, "The recording is private.")
    assert "~$" not in cloud.debate("status", array).stdout


def test_what_is_unknown_hides_nothing_that_is_known(cloud):
    cloud.debate("submit", URL)
    [job_id, *_] = cloud.batch.jobs
    report = status(cloud, job_id, "nobody", code=66)

    assert [job["job_id"] for job in report["jobs"]] == [job_id]
    [missing] = report["missing"]
    assert missing["job_id"] == "nobody"
    assert "no job's id contains 'nobody'" in missing["message"]


def test_whole_ids_cost_a_read_each_however_many_jobs_there_are(cloud):
    for number in range(4):
        cloud.debate("submit", f"{URL}?{number}")
    ids = [job["id"] for job in cloud.batch.jobs.values() if "download" in str(job["request"])]
    asked = ids[:2]
    with calls() as counted:
        report = status(cloud, *asked)

    assert [job["job_id"] for job in report["jobs"]] == asked
    assert counted == {"DescribeJobs": 2, "GetObject": 2}


def test_a_list_is_found_by_the_id_of_any_of_its_arrays(cloud, tmp_path):
    """The mail about a list that failed names its last array."""
    cloud.debate("submit-many", write_list(tmp_path, 3))
    array, _, stats = arrays(cloud)
    [job] = status(cloud, stats)["jobs"]

    assert job["job_id"] == array


def test_a_job_that_batch_forgot_is_found_by_its_whole_id_too(cloud):
    cloud.debate("submit", URL)
    cloud.batch.work()
    [job_id, *_] = cloud.batch.jobs
    status(cloud, job_id)
    cloud.batch.jobs.clear()

    [job] = status(cloud, job_id)["jobs"]
    assert (job["job_id"], job["state"]) == (job_id, "done")


def test_the_newest_are_those_whose_records_changed_last_and_no_other_is_read(cloud):
    for number in range(3):
        time.sleep(1.1)  # S3 tells when a record was written to the second
        cloud.debate("submit", f"{URL}?{number}")
    with calls() as counted:
        report = status(cloud, "--newest", "2")

    assert [job["source"] for job in report["jobs"]] == [f"{URL}?2", f"{URL}?1"]
    assert counted["GetObject"] == 2


def test_logs_are_asked_for_of_a_bounded_number_of_jobs(cloud, monkeypatch):
    monkeypatch.setattr(backend, "LOGS_SHOWN", 2)
    for number in range(3):
        cloud.debate("submit", f"{URL}?{number}")
    for job in cloud.batch.jobs.values():
        if not job["request"].get("dependsOn"):
            job.update(status="RUNNING", streams={"download": "batch/download/none"})
    with calls() as counted:
        report = status(cloud)

    assert [job["state"] for job in report["jobs"]] == ["running"] * 3
    assert counted["GetLogEvents"] == 2
