import json

from conftest import URL


def test_a_download_alone_is_gone_on_with_by_submit(house):
    result = house.debate("download", URL)
    assert result.returncode == 0
    assert house.files() == [".lock", "job.json", "media.json", "videos/debate.mp4"]
    assert result.stdout.splitlines()[-1] == f"next: debate submit {URL}"

    assert house.debate("submit", URL).returncode == 0
    assert house.count_calls() == [1, 1, 1, 1]
    assert house.states() == ["done"] * 4


def test_videos_of_a_job_are_transcribed_into_it_whenever_asked(house):
    house.debate("download", URL)
    [job] = house.jobs()
    folder = house.root / "jobs" / job["job_id"]
    for _ in range(2):
        result = house.debate("transcribe", str(folder / "videos"), "--speakers", "2")
        assert result.returncode == 0, result.stderr

    assert (folder / "transcripts" / "debate_transcription.json").exists()
    assert house.count_calls() == [1, 2, 0, 0]
    [job] = house.jobs()
    assert (job["source"], job["options"]) == (URL, {"NUM_SPEAKERS": "2"})


def test_force_is_passed_to_a_single_stage(house):
    house.debate("download", URL)
    folder = house.root / "jobs" / house.jobs()[0]["job_id"]
    house.debate("transcribe", str(folder / "videos"), "--force")

    assert house.calls("transcribe")[0]["arguments"] == ["--force"]


def test_a_folder_of_videos_anywhere_is_transcribed_beside_it(house, tmp_path):
    videos = tmp_path / "elsewhere" / "videos"
    videos.mkdir(parents=True)
    (videos / "talk.mp4").write_bytes(b"")
    result = house.debate("transcribe", f"{videos}/")

    assert result.returncode == 0, result.stderr
    assert (videos.parent / "transcripts" / "debate_transcription.json").exists()
    assert [job["source"] for job in house.jobs()] == [str(videos)]


def test_a_folder_with_another_name_is_transcribed_into_a_job(house, tmp_path):
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    (recordings / "talk.mp4").write_bytes(b"")
    house.debate("transcribe", str(recordings))

    assert house.files() == [".lock", "job.json", "transcripts/debate_transcription.json"]


def test_transcripts_go_where_they_are_told_to(house, tmp_path):
    house.debate("download", URL)
    [download] = house.jobs()
    videos = house.root / "jobs" / download["job_id"] / "videos"
    again = tmp_path / "again"
    result = house.debate("transcribe", str(videos), "--output", str(again))

    assert result.returncode == 0, result.stderr
    assert (again / "transcripts" / "debate_transcription.json").exists()
    assert f"files in {again}\n  transcripts/debate_transcription.json" in result.stdout
    assert result.stdout.splitlines()[-1] == f"next: debate stats {again}/transcripts"


def test_an_output_elsewhere_leaves_the_job_of_the_videos_as_it_was(house, tmp_path):
    house.debate("download", URL)
    [download] = house.jobs()
    videos = house.root / "jobs" / download["job_id"] / "videos"
    house.debate("transcribe", str(videos), "--output", str(tmp_path / "again"))
    house.debate("submit", URL)

    assert (videos.parent / "transcripts" / "debate_transcription.json").exists()
    assert house.count_calls() == [1, 2, 1, 1]


def test_an_output_that_is_a_jobs_folder_stands_for_that_job(house, tmp_path):
    folder = house.root / "jobs" / "aws-7"
    folder.mkdir(parents=True)
    videos = tmp_path / "recordings"
    videos.mkdir()
    (videos / "talk.mp4").write_bytes(b"")
    house.debate("transcribe", str(videos), "--output", str(folder))

    assert [job["job_id"] for job in house.jobs()] == ["aws-7"]
    assert (folder / "transcripts" / "debate_transcription.json").exists()


def test_transcripts_copied_into_the_store_are_counted_there(house):
    transcripts = house.root / "jobs" / "aws-7" / "transcripts"
    transcripts.mkdir(parents=True)
    result = house.debate("stats", str(transcripts))

    assert result.returncode == 0, result.stderr
    assert "SPEAKER_01" in result.stdout
    assert [job["job_id"] for job in house.jobs()] == ["aws-7"]
    assert house.calls("stats")[0]["environment"]["TRANSCRIPTS_PREFIX"] == str(transcripts)


def test_prefixes_in_the_cloud_are_handed_on(house):
    house.debate("stats", "s3://bucket/jobs/7/transcripts/")

    environment = house.calls("stats")
    assert json.dumps(environment).count('s3://bucket/jobs/7/transcripts"') == 1


def test_a_folder_that_is_not_there_makes_no_job(house):
    assert house.debate("stats", "nowhere").returncode == 66
    assert not house.root.exists()
