import resource
from pathlib import Path

import pytest
from conftest import URL
from debate_pipeline import cli
from debate_pipeline.settings import without_credentials

FINISHED = [
    ".lock",
    "job.json",
    "media.json",
    "transcripts/debate_speaker_stats.parquet",
    "transcripts/debate_transcript_stats.json",
    "transcripts/debate_transcription.json",
    "videos/debate.mp4",
]


def test_a_url_goes_through_all_stages_and_ends_with_figures_files_and_the_next_command(house):
    result = house.debate("submit", URL)

    assert result.returncode == 0, result.stderr
    assert house.states() == ["done"] * 4
    assert house.files() == FINISHED
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["SPEAKER_01", "1:30", "75%", "1,210"] in lines
    assert ["SPEAKER_00", "0:30", "25%", "70"] in lines
    assert ["together", "2:00", "1,280"] in lines
    assert "draft" in result.stdout
    assert "  transcripts/debate_transcription.json" in result.stdout
    assert result.stdout.splitlines()[-1] == f"next: make web STORAGE_ROOT={house.root}"


def test_stages_are_given_what_the_contract_says(house):
    house.debate("submit", URL, "--speakers", "2", LANGUAGE="de_CH:de", AWS_BATCH_JOB_ID="x")

    folder = str(house.root / "jobs" / house.jobs()[0]["job_id"])
    common = {"LOG_FORMAT": "json", "ALLOW_PRIVATE_HOSTS": "1"}
    assert house.calls("download")[0]["environment"] == common | {
        "VIDEO_URL": URL,
        "OUTPUT_S3_PREFIX": folder,
    }
    assert house.calls("transcribe")[0]["environment"] == common | {
        "VIDEO_S3_PREFIX": f"{folder}/videos",
        "OUTPUT_S3_PREFIX": folder,
        "NUM_SPEAKERS": "2",
    }
    assert house.calls("stats")[0]["environment"] == common | {
        "TRANSCRIPTS_PREFIX": f"{folder}/transcripts"
    }
    assert house.calls("register")[0]["arguments"] == [
        "register",
        f"{folder}/transcripts/debate_transcription.json",
    ]


def test_options_may_come_from_the_environment(house):
    house.debate("submit", URL, NUM_SPEAKERS="3", WHISPER_MODEL="tiny")

    assert house.jobs()[0]["options"] == {"NUM_SPEAKERS": "3", "WHISPER_MODEL": "tiny"}


def test_where_others_type_the_addresses_none_leads_into_the_house(house):
    house.debate("submit", URL, ALLOW_PRIVATE_HOSTS="0")

    assert house.calls("download")[0]["environment"]["ALLOW_PRIVATE_HOSTS"] == "0"


def test_each_stage_gets_the_options_of_its_own(house):
    house.debate("submit", URL, "--channels", "speakers", "--audio-track", "2")

    download, transcribe = (house.calls(s)[0]["environment"] for s in ("download", "transcribe"))
    assert (download.get("AUDIO_TRACK"), download.get("CHANNELS")) == ("2", None)
    assert (transcribe.get("AUDIO_TRACK"), transcribe.get("CHANNELS")) == (None, "speakers")


def test_channels_that_are_nothing_known_are_wrong_usage(house):
    result = house.debate("submit", URL, "--channels", "left")

    assert result.returncode == 64
    assert "'mix', 'speakers'" in result.stderr


def test_a_finished_source_is_not_run_again(house):
    house.debate("submit", URL)
    result = house.debate("submit", URL)

    assert result.returncode == 0
    assert "done already" in result.stderr
    assert "SPEAKER_01" in result.stdout
    assert house.count_calls() == [1, 1, 1, 1]


def test_force_makes_a_new_run(house):
    house.debate("submit", URL)
    result = house.debate("submit", URL, "--force")

    assert result.returncode == 0
    assert len({job["job_id"] for job in house.jobs()}) == 2
    assert house.count_calls() == [2, 2, 2, 2]


def test_a_changed_option_repeats_the_stages_from_the_one_it_concerns(house):
    house.debate("submit", URL)
    result = house.debate("submit", URL, "--speakers", "2")

    assert result.returncode == 0
    assert house.count_calls() == [1, 2, 2, 2]
    assert house.files() == FINISHED


def test_an_option_that_is_not_given_again_keeps_its_value(house):
    house.debate("submit", URL, "--speakers", "2")
    house.debate("submit", URL)

    assert house.count_calls() == [1, 1, 1, 1]
    assert house.jobs()[0]["options"] == {"NUM_SPEAKERS": "2"}


def test_a_stage_that_fails_for_good_passes_its_sentence_and_exit_code_on(house):
    house.order("transcribe", "fail 65 The recording has no sound.")
    result = house.debate("submit", URL)

    assert result.returncode == 65
    assert "transcribe failed: The recording has no sound." in result.stderr
    assert "transcribe.jsonl" in result.stderr
    assert "Traceback" not in result.stderr
    assert house.count_calls() == [1, 1, 0, 0]
    assert house.states() == ["done", "failed", "pending", "pending"]


def test_after_a_failure_the_same_command_goes_on_with_the_failed_stage(house):
    house.order("transcribe", "fail 65 The recording has no sound.")
    house.debate("submit", URL)
    result = house.debate("submit", URL)

    assert result.returncode == 0
    assert "going on with transcribe; what comes before it is done" in result.stderr
    assert house.count_calls() == [1, 2, 1, 1]


def test_a_download_that_fails_for_good_leaves_its_record_and_log_only(house):
    house.order("download", "fail 66 There is nothing at that address (404).")
    result = house.debate("submit", URL)

    assert result.returncode == 66
    assert house.files() == [".lock", "job.json"]


def test_a_passing_failure_is_tried_again(house):
    house.order("download", "fail 75 The network is down.", "fail 75 The network is down.")
    result = house.debate("submit", URL)

    assert result.returncode == 0
    assert result.stderr.count("trying again") == 2
    assert house.count_calls() == [3, 1, 1, 1]


def test_a_passing_failure_that_lasts_ends_with_75_after_three_attempts(house):
    house.order("download", *["fail 75 The network is down."] * 5)
    result = house.debate("submit", URL)

    assert result.returncode == 75
    assert "download failed: The network is down." in result.stderr
    assert house.count_calls() == [3, 0, 0, 0]


def test_a_stage_that_dies_without_a_word_is_explained_by_its_last_line(house):
    house.order("stats", "crash")
    result = house.debate("submit", URL)

    assert result.returncode == 1
    assert "stats failed: It broke." in result.stderr


def test_a_service_that_is_not_installed_is_missed_before_anything_is_done(house):
    (house.home / "services/stats/.venv/bin/debate-stats").unlink()
    result = house.debate("submit", URL)

    assert result.returncode == 64
    assert "debate-stats is not installed; run `make setup`" in result.stderr
    assert house.count_calls() == [0, 0, 0, 0]


def test_a_file_is_known_by_its_absolute_path(house, tmp_path, monkeypatch):
    (tmp_path / "talk.mp4").write_bytes(b"")
    monkeypatch.chdir(tmp_path)
    house.debate("submit", "talk.mp4")
    house.debate("submit", f"file://{tmp_path}/talk.mp4")

    assert [job["source"] for job in house.jobs()] == [str(tmp_path / "talk.mp4")]


def test_a_file_that_is_not_there_makes_no_job(house):
    result = house.debate("submit", "talk.mp4")

    assert result.returncode == 66
    assert "talk.mp4 is neither an http(s):// or s3:// address nor a file here" in result.stderr
    assert not house.root.exists()


def test_a_wrong_option_is_a_usage_error(house):
    assert house.debate("submit", URL, "--speakers", "0").returncode == 64
    assert house.debate("submit", URL, "--min-speakers", "3", MAX_SPEAKERS="2").returncode == 64
    assert house.debate("submit").returncode == 64


def test_a_backend_that_does_not_exist_is_a_usage_error(house):
    result = house.debate("submit", URL, BACKEND="moon")

    assert result.returncode == 64
    assert result.stderr == "debate: there is no backend 'moon'; it is auto, local or aws\n"


def test_what_nobody_foresaw_is_70_with_its_trace(house, monkeypatch):
    monkeypatch.setattr(cli, "read_sources", lambda *_: 1 / 0)
    result = house.debate("submit-many", __file__)

    assert result.returncode == 70
    assert "ZeroDivisionError" in result.stderr


def test_a_file_that_was_edited_is_another_recording(house, tmp_path):
    talk = tmp_path / "talk.mp4"
    talk.write_bytes(b"first")
    house.debate("submit", str(talk))
    house.debate("submit", str(talk))
    assert house.count_calls() == [1, 1, 1, 1]

    talk.write_bytes(b"cut anew")
    result = house.debate("submit", str(talk))
    assert "done already" not in result.stderr
    assert house.count_calls() == [2, 2, 2, 2]
    assert len({job["job_id"] for job in house.jobs()}) == 2


def test_an_environment_that_changes_the_result_repeats_what_it_concerns(house):
    house.debate("submit", URL, INITIAL_PROMPT="Ada Lovelace")
    house.debate("submit", URL, INITIAL_PROMPT="Ada Lovelace")
    assert house.count_calls() == [1, 1, 1, 1]

    house.debate("submit", URL, INITIAL_PROMPT="Ada King", DIARIZATION_ENGINE="campplus")
    assert house.count_calls() == [1, 2, 2, 2]
    house.debate("submit", URL, MAX_HEIGHT="720")
    assert house.count_calls() == [2, 3, 3, 3]


def test_names_to_expect_are_kept_and_an_edited_list_repeats_the_transcription(house, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("Fatima Okonjo\n")
    house.debate("submit", URL, "--vocabulary", str(names))
    again = house.debate("submit", URL, "--vocabulary", str(names))

    kept = Path(house.calls("transcribe")[0]["environment"]["VOCABULARY"])
    assert (kept.name, kept.read_text()) == ("names.txt", "Fatima Okonjo\n")
    assert kept.is_relative_to(house.root)
    assert "all of it is done already" in again.stderr

    names.write_text("Fatima Okonjo\nJo Nesbø\n")
    house.debate("submit", URL, VOCABULARY=str(names))
    assert house.count_calls() == [1, 2, 2, 2]
    assert kept.read_text() == "Fatima Okonjo\n"


def test_a_list_of_names_that_is_not_there_makes_no_job(house):
    result = house.debate("submit", URL, "--vocabulary", "nowhere.txt")

    assert (result.returncode, house.root.exists()) == (66, False)
    assert "there is no file nowhere.txt" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("submit", "file://elsewhere/talk.mp4"),
        ("transcribe", "file://elsewhere/jobs/1/videos"),
        ("submit", URL, "--vocabulary", "file://elsewhere/names.txt"),
        ("status", "--root", "file://elsewhere/data"),
    ],
)
def test_a_file_of_another_machine_is_refused_whatever_it_is(house, arguments):
    result = house.debate(*arguments)

    assert result.returncode == 64
    assert "names another machine" in result.stderr


def test_a_store_in_the_cloud_is_refused(house):
    assert house.debate("submit", URL, STORAGE_ROOT="s3://bucket").returncode == 64


def test_progress_is_shown_as_lines_where_there_is_no_terminal(house):
    house.order("transcribe", "progress")
    result = house.debate("submit", URL)

    assert "transcribe: work 0:00 of 0:02" in result.stderr
    assert "transcribe: done - transcribe well" in result.stderr
    assert "\x1b" not in result.stderr


def test_a_full_disk_is_said_in_one_sentence_and_the_job_stays_as_it_was(house):
    house.debate("download", URL)
    before = house.jobs()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        result = house.debate("submit", URL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert result.returncode == 75
    assert result.stderr.splitlines()[-1].startswith("debate: the disk is full")
    assert house.jobs() == before
    assert not list(house.root.rglob(".partial-*"))


def test_a_store_that_cannot_be_one_is_said_in_one_sentence(house):
    house.root.write_text("a file")
    result = house.debate("submit", URL)

    assert result.returncode == 64
    assert result.stderr.startswith(f"debate: {house.root}/jobs cannot be read or written")


def test_a_password_in_an_address_reaches_the_download_and_is_kept_nowhere(house):
    typed = "https://me:p%40ss@videos.example/town-hall"

    first = house.debate("download", typed)
    again = house.debate("submit", typed)
    listed = house.debate("status").stdout + house.debate("status", "2").stdout

    assert house.calls("download")[0]["environment"]["VIDEO_URL"] == typed
    assert house.count_calls() == [1, 1, 1, 1]
    said = first.stdout + first.stderr + again.stdout + again.stderr + listed
    assert "debate submit https://videos.example/town-hall" in first.stdout
    assert "p%40ss" not in said
    assert not [f for f in house.root.rglob("*") if f.is_file() and b"p%40ss" in f.read_bytes()]


def test_a_list_is_shown_without_its_passwords(house, tmp_path):
    (tmp_path / "list.txt").write_text("https://me:p%40ss@videos.example/a\n")

    result = house.debate("submit-many", str(tmp_path / "list.txt"))

    assert result.returncode == 0
    assert "https://videos.example/a" in result.stdout + result.stderr
    assert "p%40ss" not in result.stdout + result.stderr


def test_a_password_is_in_no_sentence_about_an_address_that_is_refused(house):
    result = house.debate("submit", "ftp://me:pass@videos.example/a")

    assert result.returncode == 66
    assert "ftp://videos.example/a is neither" in result.stderr
    assert "pass" not in result.stderr


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("https://me:p@ss@x.example:8/a?b=@c#@d", "https://x.example:8/a?b=@c#@d"),
        ("https://x.example/@channel", "https://x.example/@channel"),
        ("HTTPS://me@x.example", "HTTPS://x.example"),
        ("/talks/a@b.mp4", "/talks/a@b.mp4"),
    ],
)
def test_an_address_loses_its_credentials_and_nothing_else(typed, shown):
    assert without_credentials(typed) == shown


def test_a_password_that_a_record_of_old_has_is_not_shown(house):
    house.debate("download", URL)
    [path] = (house.root / "jobs").glob("*/job.json")
    path.write_text(path.read_text().replace("https://", "https://me:pass@"))
    result = house.debate("status")

    assert "example.org/debate.mp4" in result.stdout
    assert "pass" not in result.stdout
