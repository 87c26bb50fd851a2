"""`debate submit` on AWS as a chain of jobs, and the same command again."""

import os
import re
from unittest import mock

import pytest
from conftest import URL
from debate_pipeline.aws.backend import AwsBackend
from debate_pipeline.aws.stack import parse_outputs

STAGES = ["download", "transcribe", "stats"]


def states(record):
    return [stage["state"] for stage in record["stages"]]


def told(request):
    return {one["name"]: one["value"] for one in request["containerOverrides"]["environment"]}


def test_a_url_becomes_a_chain_of_three_jobs(cloud):
    result = cloud.debate("submit", URL, "--speakers", "2")

    assert result.returncode == 0, result.stderr
    first, second, third = cloud.batch.requests
    [download_id, transcribe_id, _] = cloud.batch.jobs
    assert [r["jobQueue"] for r in cloud.batch.requests] == ["d-cpu", "d-gpu", "d-small"]
    assert [r["jobDefinition"] for r in cloud.batch.requests] == [f"d-{s}" for s in STAGES]
    assert told(first) == {"VIDEO_URL": URL, "OUTPUT_S3_PREFIX": "s3://debates/jobs"}
    job = f"s3://debates/jobs/{download_id}"
    assert told(second) == {
        "NUM_SPEAKERS": "2",
        "OUTPUT_S3_PREFIX": job,
        "VIDEO_S3_PREFIX": f"{job}/videos",
    }
    assert told(third) == {"TRANSCRIPTS_S3_PREFIX": f"{job}/transcripts"}
    assert "dependsOn" not in first
    assert second["dependsOn"] == [{"jobId": download_id}]
    assert third["dependsOn"] == [{"jobId": transcribe_id}]
    assert f"job {download_id} on AWS (debates, eu-central-1)" in result.stderr
    assert result.stdout.splitlines()[-1].startswith(f"next: debate status {download_id}")


def test_the_chain_leaves_the_tree_of_the_contract_and_ends_with_figures(cloud):
    cloud.debate("submit", URL)
    cloud.batch.work()
    result = cloud.debate("submit", URL)

    [job_id, *_] = cloud.batch.jobs
    assert [key for key in cloud.objects() if key.startswith("jobs/")] == [
        f"jobs/{job_id}/media.json",
        f"jobs/{job_id}/transcripts/debate_speaker_stats.parquet",
        f"jobs/{job_id}/transcripts/debate_transcript_stats.json",
        f"jobs/{job_id}/transcripts/debate_transcription.json",
        f"jobs/{job_id}/videos/debate.mp4",
    ]
    assert "all of it is done already" in result.stderr
    assert "SPEAKER_01" in result.stdout
    assert f"files in s3://debates/jobs/{job_id}" in result.stdout
    assert "next: make web STORAGE_ROOT=s3://debates, and register it there" in result.stdout
    assert len(cloud.batch.requests) == 3


def test_the_web_application_of_the_stack_is_where_a_finished_job_is_registered(cloud):
    cloud.write_outputs(webappUrl="https://debates.example.org")
    cloud.debate("submit", URL)
    cloud.batch.work()

    result = cloud.debate("submit", URL)
    assert "next: register it at https://debates.example.org" in result.stdout


def test_the_same_url_again_returns_the_job_under_way(cloud):
    cloud.debate("submit", URL)
    result = cloud.debate("submit", URL)

    [job_id, *_] = cloud.batch.jobs
    assert result.returncode == 0
    assert f"job {job_id} on AWS (debates, eu-central-1): it is under way already" in result.stderr
    assert len(cloud.batch.requests) == 3


def test_force_makes_a_new_chain(cloud):
    cloud.debate("submit", URL)
    cloud.batch.work()
    cloud.debate("submit", URL, "--force")

    ids = [*cloud.batch.jobs]
    assert len(cloud.batch.requests) == 6
    assert [record["job_id"] for record in cloud.records()] == [ids[3]]


def test_after_a_failure_the_chain_goes_on_with_the_failed_stage_in_the_same_folder(cloud):
    cloud.house.order("transcribe", "fail 65 The recording has no sound.")
    cloud.debate("submit", URL)
    cloud.batch.work()
    assert cloud.statuses() == ["SUCCEEDED", "FAILED", "FAILED"]

    result = cloud.debate("submit", URL)
    assert "handed in transcribe, stats" in result.stderr
    [first, *_] = cloud.batch.jobs
    assert "dependsOn" not in cloud.batch.requests[3]
    assert told(cloud.batch.requests[3])["VIDEO_S3_PREFIX"] == f"s3://debates/jobs/{first}/videos"
    cloud.batch.work()
    cloud.debate("status")
    [record] = cloud.records()
    assert (record["job_id"], states(record)) == (first, ["done"] * 3)


def test_after_a_failed_download_the_job_is_a_new_one(cloud):
    cloud.house.order("download", "fail 66 There is nothing at that address (404).")
    cloud.debate("submit", URL, "--speakers", "2")
    cloud.batch.work()
    cloud.debate("submit", URL)
    cloud.batch.work()

    cloud.debate("status")
    [record] = cloud.records()
    assert (record["job_id"], states(record)) == ([*cloud.batch.jobs][3], ["done"] * 3)
    assert record["options"] == {"NUM_SPEAKERS": "2"}


def test_a_changed_option_repeats_the_stages_from_the_one_it_concerns(cloud):
    cloud.debate("submit", URL, "--speakers", "2")
    waiting = cloud.debate("submit", URL, "--speakers", "3")
    assert "under way already with other options; submit again when it is done" in waiting.stderr
    cloud.batch.work()
    cloud.debate("submit", URL, "--speakers", "3")

    assert [r["jobDefinition"] for r in cloud.batch.requests[3:]] == ["d-transcribe", "d-stats"]
    assert told(cloud.batch.requests[3])["NUM_SPEAKERS"] == "3"
    cloud.batch.work()
    assert [len(cloud.house.calls(stage)) for stage in STAGES] == [1, 2, 2]


def test_a_passing_failure_and_a_lost_machine_are_tried_again_by_batch(cloud):
    cloud.house.order("download", "fail 75 The network is down.")
    cloud.batch.spot_losses = 1
    cloud.debate("submit", URL)
    cloud.batch.work()

    cloud.debate("status")
    [record] = cloud.records()
    assert states(record) == ["done"] * 3
    assert record["stages"][0]["attempts"] == 3


def test_of_two_commands_at_once_one_joins_the_other(cloud, monkeypatch):
    """The second has found nothing when the first begins to hand in."""

    def meanwhile(*_):
        monkeypatch.undo()
        cloud.debate("submit", URL)

    monkeypatch.setattr("debate_pipeline.aws.submission.intake.check_ready", meanwhile)
    result = cloud.debate("submit", URL)

    assert result.returncode == 0, result.stderr
    assert len(cloud.batch.requests) == 3
    [winner, *_] = cloud.batch.jobs
    assert f"job {winner} on AWS (debates, eu-central-1): it is under way already" in result.stderr


def test_a_command_that_died_on_the_way_is_gone_on_with(cloud):
    cloud.debate("submit", URL)
    [record] = cloud.records()
    del record["stages"][1:]
    cloud.put_record(record)
    cloud.batch.requests.clear()
    cloud.debate("submit", URL)

    [first, *_] = cloud.batch.jobs
    assert [r["jobDefinition"] for r in cloud.batch.requests] == ["d-transcribe", "d-stats"]
    assert cloud.batch.requests[0]["dependsOn"] == [{"jobId": first}]


def test_one_job_has_all_stages_in_containers_of_their_own(cloud):
    result = cloud.debate("submit", URL, "--mode", "single", "--speakers", "2")

    assert result.returncode == 0, result.stderr
    [request] = cloud.batch.requests
    assert (request["jobQueue"], request["jobDefinition"]) == ("d-gpu", "d-pipeline")
    [task] = request["ecsPropertiesOverride"]["taskProperties"]
    assert task["containers"] == [
        {"name": "download", "environment": [{"name": "VIDEO_URL", "value": URL}]},
        {"name": "transcribe", "environment": [{"name": "NUM_SPEAKERS", "value": "2"}]},
    ]
    cloud.batch.work()
    done = cloud.debate("submit", URL, "--mode", "single")
    [job_id] = cloud.batch.jobs
    assert "SPEAKER_01" in done.stdout
    assert f"jobs/{job_id}/transcripts/debate_transcription.json" in cloud.objects()
    assert states(cloud.records()[0]) == ["done"] * 3


def test_a_single_job_that_failed_is_gone_on_with_as_a_chain(cloud):
    cloud.house.order("transcribe", "fail 65 The recording has no sound.")
    cloud.debate("submit", URL, "--mode", "single")
    cloud.batch.work()
    status = cloud.debate("status")
    assert "The recording has no sound." in status.stdout
    [record] = cloud.records()
    assert states(record) == ["done", "failed", "failed"]
    assert record["stages"][2]["message"] == "not started: the stage before it failed"

    cloud.debate("submit", URL, "--mode", "single")
    assert [r["jobDefinition"] for r in cloud.batch.requests[1:]] == ["d-transcribe", "d-stats"]
    cloud.batch.work()
    cloud.debate("status")
    assert states(cloud.records()[0]) == ["done"] * 3


def test_a_download_alone_is_gone_on_with_by_submit(cloud):
    cloud.debate("download", URL)
    assert [r["jobDefinition"] for r in cloud.batch.requests] == ["d-download"]
    cloud.batch.work()
    result = cloud.debate("submit", URL)

    assert "handed in transcribe, stats" in result.stderr
    cloud.batch.work()
    assert [len(cloud.house.calls(stage)) for stage in STAGES] == [1, 1, 1]


def test_videos_of_a_job_are_transcribed_and_counted_into_it(cloud):
    cloud.debate("download", URL)
    cloud.batch.work()
    [first] = cloud.batch.jobs
    place = f"s3://debates/jobs/{first}"
    transcribed = cloud.debate("transcribe", f"{place}/videos/", "--speakers", "2", "--force")
    cloud.batch.work()
    counted = cloud.debate("stats", f"{place}/transcripts")
    cloud.batch.work()

    assert (transcribed.returncode, counted.returncode) == (0, 0), counted.stderr
    assert told(cloud.batch.requests[1]) == {
        "NUM_SPEAKERS": "2",
        "OUTPUT_S3_PREFIX": place,
        "VIDEO_S3_PREFIX": f"{place}/videos",
    }
    assert cloud.batch.requests[1]["containerOverrides"]["command"] == ["--force"]
    assert cloud.house.calls("transcribe")[0]["arguments"] == ["--force"]
    assert f"files in {place}" in counted.stdout
    again = cloud.debate("stats", f"{place}/transcripts", "--force")
    assert again.stdout.splitlines()[-1].startswith("next: debate status ")
    assert f"jobs/{first}/transcripts/debate_speaker_stats.parquet" in cloud.objects()


def test_videos_elsewhere_in_a_bucket_are_transcribed_into_a_job_of_their_own(cloud):
    cloud.s3.put_object(Bucket="debates", Key="jobs/archive/1999.mp4", Body=b"video")
    cloud.debate("transcribe", "s3://debates/jobs/archive")
    cloud.batch.work()

    [job_id] = cloud.batch.jobs
    assert told(cloud.batch.requests[0])["OUTPUT_S3_PREFIX"] == "s3://debates/jobs/{job}"
    assert f"jobs/{job_id}/transcripts/debate_transcription.json" in cloud.objects()


def test_transcripts_go_to_the_folder_that_is_named(cloud):
    cloud.debate("download", URL)
    cloud.batch.work()
    [job_id] = cloud.batch.jobs
    videos, again = f"s3://debates/jobs/{job_id}/videos", "s3://debates/jobs/again"
    cloud.debate("transcribe", videos, "--output", f"{again}/")
    cloud.batch.work()
    result = cloud.debate("status", [*cloud.batch.jobs][-1])

    assert told(cloud.batch.requests[1]) == {"VIDEO_S3_PREFIX": videos, "OUTPUT_S3_PREFIX": again}
    assert "jobs/again/transcripts/debate_transcription.json" in cloud.objects()
    assert f"files in {again}" in result.stdout


def test_a_list_of_recordings_is_one_transcription_into_their_folder(cloud):
    """What infra/README.md proposes for many short ones, under "Costs"."""
    clips = "s3://debates/jobs/clips"
    cloud.debate("transcribe", f"{clips}/videos/list.csv", "--output", clips)

    [asked] = cloud.batch.requests
    wanted = {"VIDEO_S3_PREFIX": f"{clips}/videos/list.csv", "OUTPUT_S3_PREFIX": clips}
    assert told(asked) == wanted


@pytest.mark.parametrize("place", ["s3://other/jobs/7", "s3://debates/jobs/7/deeper", "here"])
def test_an_output_where_no_stage_may_write_is_refused(cloud, place):
    result = cloud.debate("transcribe", "s3://debates/jobs/7/videos", "--output", place)

    assert result.returncode == 64
    assert "s3://debates/jobs/<job>" in result.stderr
    assert not cloud.batch.requests


def test_a_place_is_asked_again_unless_it_is_under_way(cloud):
    cloud.s3.put_object(Bucket="debates", Key="jobs/archive/1999.mp4", Body=b"video")
    for _ in range(2):
        cloud.debate("transcribe", "s3://debates/jobs/archive")
    assert len(cloud.batch.requests) == 1
    cloud.batch.work()
    cloud.debate("transcribe", "s3://debates/jobs/archive")

    assert len(cloud.batch.requests) == 2


def test_what_comes_next_fits_what_was_asked_for(cloud):
    def next_line(*arguments):
        cloud.debate(*arguments)
        cloud.batch.work()
        backend = AwsBackend(parse_outputs(cloud.outputs.read_text(), "test"))
        return backend.next_command(backend.job(""))

    cloud.s3.put_object(Bucket="debates", Key="jobs/archive/1999.mp4", Body=b"video")
    with mock.patch.dict(os.environ, cloud.environment()):
        assert next_line("download", URL) == f"debate submit {URL}"
        line = next_line("transcribe", "s3://debates/jobs/archive")
        assert re.fullmatch(r"debate stats s3://debates/jobs/[0-9a-f-]{36}/transcripts", line)
        cloud.house.order("stats", "fail 66 There are no transcripts.")
        line = next_line("stats", "s3://debates/jobs/nowhere/transcripts")
        assert line.endswith("then debate stats s3://debates/jobs/nowhere/transcripts")


def test_a_file_is_uploaded_once_with_its_subtitles_and_known_by_its_content(cloud, tmp_path):
    talk = tmp_path / "talk.mp4"
    talk.write_bytes(b"video")
    (tmp_path / "talk.en.vtt").write_text("WEBVTT")
    (tmp_path / "other.vtt").write_text("WEBVTT")
    first = cloud.debate("submit", str(talk))
    again = cloud.debate("submit", str(talk))

    uploads = [key for key in cloud.objects() if ".uploads/" in key]
    assert [key.rpartition("/")[2] for key in uploads] == ["talk.en.vtt", "talk.mp4"]
    assert told(cloud.batch.requests[0])["VIDEO_URL"] == f"s3://debates/{uploads[1]}"
    assert first.stderr.count("uploading") == 2
    assert "uploading" not in again.stderr
    assert "under way already" in again.stderr

    talk.write_bytes(b"cut anew")
    cloud.debate("submit", str(talk))
    assert len(cloud.records()) == 2


def test_names_to_expect_are_put_where_the_stage_can_read_them(cloud, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("Fatima Okonjo\n")
    cloud.debate("submit", URL, "--vocabulary", str(names))

    [key] = (key for key in cloud.objects() if ".uploads/" in key)
    assert told(cloud.batch.requests[1])["VOCABULARY"] == f"s3://debates/{key}"
    assert cloud.s3.get_object(Bucket="debates", Key=key)["Body"].read() == b"Fatima Okonjo\n"


@pytest.mark.parametrize("command", ["transcribe", "stats"])
def test_a_folder_of_this_machine_is_refused(cloud, tmp_path, command):
    result = cloud.debate(command, str(tmp_path))

    assert result.returncode == 64
    assert "Batch cannot see" in result.stderr
    assert cloud.batch.requests == []


def test_a_place_that_the_stages_cannot_read_is_refused_before_a_machine_starts(cloud):
    result = cloud.debate("transcribe", "s3://other/talks/videos")

    assert result.returncode == 64
    assert "the stages read s3://debates/jobs/ and nothing else" in result.stderr
    assert cloud.batch.requests == []
