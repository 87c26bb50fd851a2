"""`debate submit-many` on AWS: an array job per stage."""

import json
from datetime import UTC, datetime, timedelta

from conftest import URL

URLS = [f"https://example.org/{number}.mp4" for number in range(3)]


def write_list(tmp_path, *lines):
    path = tmp_path / "list.txt"
    path.write_text("\n".join(lines))
    return str(path)


def by_source(cloud):
    return {record["source"]: record for record in cloud.records()}


def states(record):
    return [stage["state"] for stage in record["stages"]]


def test_many_urls_become_one_array_per_stage_child_for_child(cloud, tmp_path):
    result = cloud.debate("submit-many", write_list(tmp_path, *URLS), "--speakers", "2")

    assert result.returncode == 0, result.stderr
    [download, transcribe, _] = [job_id for job_id in cloud.batch.jobs if ":" not in job_id]
    assert [r["arrayProperties"] for r in cloud.batch.requests] == [{"size": 3}] * 3
    assert [r.get("dependsOn") for r in cloud.batch.requests] == [
        None,
        [{"jobId": download, "type": "N_TO_N"}],
        [{"jobId": transcribe, "type": "N_TO_N"}],
    ]
    records = by_source(cloud)
    assert [records[url]["job_id"] for url in URLS] == [f"{download}-{n}" for n in range(3)]
    assert result.stdout.splitlines()[1].split() == [URLS[0], "job", f"{download}-0"]
    cloud.batch.work()
    videos = [key for key in cloud.objects() if key.endswith(".mp4")]
    assert videos == [f"jobs/{download}-{n}/videos/debate.mp4" for n in range(3)]
    assert [call["environment"]["VIDEO_S3_PREFIX"] for call in cloud.house.calls("transcribe")] == [
        f"s3://debates/jobs/{download}-{{index}}/videos"
    ] * 3


def test_each_child_has_its_own_url(cloud, tmp_path):
    cloud.debate("submit-many", write_list(tmp_path, *URLS))

    [first, *_] = cloud.batch.requests
    told = {one["name"]: one["value"] for one in first["containerOverrides"]["environment"]}
    key = told["VIDEO_URLS"].removeprefix("s3://debates/")
    listed = cloud.s3.get_object(Bucket="debates", Key=key)["Body"].read().decode()
    assert listed.splitlines() == URLS
    assert "VIDEO_URL" not in told


def test_one_bad_url_fails_one_child_only_and_is_mended_alone(cloud, tmp_path):
    cloud.house.order("download", "", "fail 65 That is no video.", "")
    path = write_list(tmp_path, *URLS)
    cloud.debate("submit-many", path)
    cloud.batch.work()
    status = cloud.debate("status")

    assert "That is no video." in status.stdout
    records = by_source(cloud)
    assert [states(records[url]) for url in URLS] == [["done"] * 3, ["failed"] * 3, ["done"] * 3]

    cloud.batch.requests.clear()
    again = cloud.debate("submit-many", path)
    assert again.returncode == 0
    assert ["arrayProperties" in request for request in cloud.batch.requests] == [False] * 3
    cloud.batch.work()
    cloud.debate("status")
    assert [states(record) for record in cloud.records()] == [["done"] * 3] * 3


def test_a_single_url_is_a_plain_job(cloud, tmp_path):
    result = cloud.debate("submit-many", write_list(tmp_path, URLS[0]))

    assert result.returncode == 0, result.stderr
    assert not any("arrayProperties" in request for request in cloud.batch.requests)


def test_many_in_single_mode_are_one_array_of_whole_jobs(cloud, tmp_path):
    cloud.debate("submit-many", write_list(tmp_path, *URLS), "--mode", "single")

    [request] = cloud.batch.requests
    assert (request["jobDefinition"], request["arrayProperties"]) == ("d-pipeline", {"size": 3})
    cloud.batch.work()
    cloud.debate("status")
    assert [states(record) for record in cloud.records()] == [["done"] * 3] * 3
    [array, *_] = cloud.batch.jobs
    assert f"jobs/{array}-2/transcripts/debate_transcription.json" in cloud.objects()


def test_what_was_submitted_before_is_left_out(cloud, tmp_path):
    cloud.debate("submit", URLS[1])
    cloud.batch.requests.clear()
    path = write_list(tmp_path, *URLS)
    result = cloud.debate("submit-many", path)

    assert [r["arrayProperties"] for r in cloud.batch.requests] == [{"size": 2}] * 3
    assert "1 of the list on AWS (debates, eu-central-1): it is under way already" in result.stderr
    cloud.batch.requests.clear()
    assert "3 of the list on AWS" in cloud.debate("submit-many", path).stderr
    assert cloud.batch.requests == []


def test_one_that_had_other_options_keeps_them_and_stays_out_of_the_array(cloud, tmp_path):
    cloud.house.order("download", "fail 66 There is nothing at that address (404).")
    cloud.debate("submit", URLS[1], "--speakers", "2")
    cloud.batch.work()
    cloud.batch.requests.clear()
    cloud.debate("submit-many", write_list(tmp_path, *URLS))

    sizes = [r.get("arrayProperties", {}).get("size") for r in cloud.batch.requests]
    assert sizes == [2] * 3 + [None] * 3
    assert by_source(cloud)[URLS[1]]["options"] == {"NUM_SPEAKERS": "2"}


def test_a_source_that_is_none_takes_no_other_with_it(cloud, tmp_path):
    result = cloud.debate("submit-many", write_list(tmp_path, URLS[0], "nowhere.mp4", URLS[1]))

    assert result.returncode == 65
    lines = {line.split()[0]: line for line in result.stdout.splitlines()}
    assert "is neither" in lines["nowhere.mp4"]
    assert len(cloud.records()) == 2


def test_hundreds_of_urls_stay_three_requests(cloud, tmp_path):
    urls = [f"https://example.org/a-rather-long-address/{number}.mp4" for number in range(300)]
    result = cloud.debate("submit-many", write_list(tmp_path, *urls))

    assert result.returncode == 0, result.stderr
    assert len(cloud.batch.requests) == 3
    assert all(len(json.dumps(request)) < 1500 for request in cloud.batch.requests)
    ids = {record["job_id"] for record in cloud.records()}
    assert len(ids) == 300
    [_, line] = cloud.debate("status").stdout.splitlines()
    assert "300 recordings  download  pending" in line


def test_a_child_is_found_by_its_own_id_and_a_list_by_its_arrays(cloud, tmp_path):
    cloud.house.order("download", "", "fail 65 That is no video.", "")
    cloud.debate("submit-many", write_list(tmp_path, *URLS))
    cloud.batch.work()
    [array, *_] = cloud.batch.jobs
    child, whole = cloud.debate("status", f"{array}-1"), cloud.debate("status", array)

    assert URLS[1] in child.stdout
    assert "That is no video." in child.stdout
    assert "3 recordings" in whole.stdout
    assert "2 succeeded, 1 failed" in whole.stdout
    assert "fits 3 jobs" in cloud.debate("status", array[:13]).stderr
    assert "download failed: That is no video." in " ".join(
        cloud.debate("logs", f"{array}-1").stdout.split()
    )


def test_a_list_that_batch_forgot_is_judged_by_the_files_of_its_children(cloud, tmp_path):
    path = write_list(tmp_path, *URLS)
    cloud.house.order("transcribe", "", "", "fail 65 The recording has no sound.")
    cloud.debate("submit-many", path)
    cloud.batch.work()
    [key] = [key for key in cloud.objects() if key.startswith("submissions/lists/")]
    record = json.loads(cloud.s3.get_object(Bucket="debates", Key=key)["Body"].read())
    record["created_at"] = (datetime.now(UTC) - timedelta(days=9)).isoformat()
    cloud.s3.put_object(Bucket="debates", Key=key, Body=json.dumps(record).encode())
    cloud.batch.jobs.clear()
    cloud.debate("status")

    found = [states(by_source(cloud)[url]) for url in URLS]
    assert found[:2] == [["done"] * 3] * 2
    assert found[2] == ["done", "interrupted", "interrupted"]


def test_a_password_is_not_handed_to_aws_alone_or_in_a_list(cloud, tmp_path):
    typed = "https://me:pass@videos.example/a"
    (tmp_path / "list.txt").write_text(f"{typed}\n{URL}\n")
    alone = cloud.debate("submit", typed)
    many = cloud.debate("submit-many", str(tmp_path / "list.txt"))

    assert alone.returncode == 64
    assert "AWS would keep and show the password of https://videos.example/a; " in alone.stderr
    assert many.returncode == 65
    assert len(cloud.records()) == 1
    said = alone.stdout + alone.stderr + many.stdout + many.stderr
    assert "me:pass" not in said + str(cloud.batch.requests)
