"""A list of which a later stage failed for most: handed in once more as arrays, not one by one."""

import pytest
from counting import calls
from debate_pipeline.aws.records import asked
from killing import killed_at, write_list

COUNT = 3
NO_WEIGHTS = "fail 64 The weights are not in MODELS_PREFIX."


def jobs(cloud):
    return [job for job in cloud.batch.jobs.values() if job["index"] is None]


@pytest.fixture
def failed(cloud, tmp_path):
    """The command, of whose recordings one is no video and no other was transcribed."""
    command = ("submit-many", write_list(tmp_path, COUNT))
    cloud.house.order("download", "fail 65 That is no video.", *[""] * COUNT)
    cloud.house.order("transcribe", *[NO_WEIGHTS] * (COUNT - 1))
    assert cloud.debate(*command).returncode == 0
    cloud.batch.work()
    assert [job["status"] for job in jobs(cloud)] == ["FAILED"] * 3
    cloud.batch.requests.clear()
    return command


def test_it_is_handed_in_for_all_of_them_in_the_same_folders(cloud, failed):
    array = jobs(cloud)[0]["id"]
    with calls() as counted:
        result = cloud.debate(*failed)

    assert result.returncode == 0, result.stderr
    assert f"{COUNT} recordings on AWS" in result.stderr
    assert "handed in transcribe, stats once more" in result.stderr
    transcribe, stats, *_ = cloud.batch.requests
    assert [one["arrayProperties"] for one in (transcribe, stats)] == [{"size": COUNT}] * 2
    assert "dependsOn" not in transcribe
    told = {e["name"]: e["value"] for e in transcribe["containerOverrides"]["environment"]}
    assert told["VIDEO_S3_PREFIX"] == f"s3://debates/jobs/{array}-{{index}}/videos"
    assert counted["SubmitJob"] == 2 + 3  # and a chain of its own for the one without a video

    cloud.batch.work()
    cloud.debate("status")
    states = {record["source"]: record["stages"][-1]["state"] for record in cloud.records()}
    assert [*states.values()] == ["done"] * COUNT


def test_the_same_once_more_hands_in_nothing(cloud, failed):
    cloud.debate(*failed)
    cloud.batch.work()
    cloud.batch.requests.clear()

    result = cloud.debate(*failed)
    assert (result.returncode, cloud.batch.requests) == (0, [])


def test_a_child_is_found_by_its_id_as_it_stands_now(cloud, failed):
    array = jobs(cloud)[0]["id"]
    cloud.debate(*failed)

    assert "pending" in cloud.debate("status", f"{array}-1").stdout
    cloud.batch.work()
    status = cloud.debate("status", f"{array}-1").stdout
    assert not {"pending", "failed"} & {*status.split()}


@pytest.mark.parametrize("answered", [False, True], ids=["unsent", "answered"])
def test_killed_at_any_call_the_same_command_again_asks_once_for_each_stage(
    cloud, failed, answered, monkeypatch
):
    monkeypatch.setattr(asked, "GRACE", 0.0)
    before = len(jobs(cloud))
    for call in (1, 2):
        with killed_at(call, of="SubmitJob", answered=answered):
            cloud.debate(*failed)
    cloud.debate(*failed)

    arrays = [job for job in jobs(cloud)[before:] if job["size"]]
    assert [job["request"]["jobDefinition"] for job in arrays] == ["d-transcribe", "d-stats"]
