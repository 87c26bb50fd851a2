import io
from datetime import UTC, datetime

import pytest
from conftest import URL
from debate_pipeline.job.follow import Event
from debate_pipeline.job.record import StageRecord, State
from debate_pipeline.terminal.display import BarDisplay, describe_progress, format_amount
from debate_pipeline.terminal.listing import format_age, log_line, shorten_source
from rich.console import Console

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "age"),
    [
        ("2026-11-22T12:00:05Z", "0 s"),
        ("2026-11-22T11:59:01Z", "59 s"),
        ("2026-11-22T11:59:00Z", "1 min"),
        ("2026-11-22T10:00:01Z", "1 h"),
        ("2026-11-20T11:00:00Z", "2 d"),
    ],
)
def test_an_age_is_told_in_one_unit(since, age):
    assert format_age(since, NOW) == age


@pytest.mark.parametrize(
    ("source", "short"),
    [
        (URL, "example.org/debate.mp4"),
        ("/videos/talk 1.mp4", "talk 1.mp4"),
        ("s3://bucket/jobs/7/transcripts", "transcripts"),
    ],
)
def test_a_source_is_shortened_to_what_tells_it_from_others(source, short):
    assert shorten_source(source) == short


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (62.9, "s", "1:02"),
        (3725, "s", "1:02:05"),
        (3_400_000, "bytes", "3.4 MB"),
        (12, "segments", "12 segments"),
        (7, "", "7"),
    ],
)
def test_amounts_are_written_as_people_write_them(amount, unit, text):
    assert format_amount(amount, unit) == text


def test_progress_without_a_known_total_says_how_much_is_done():
    event = Event("progress", "fetching", step="video", done=2e6, unit="bytes")

    assert describe_progress(event) == "video 2.0 MB"


def test_progress_names_its_unit_once():
    event = Event("progress", "", step="voice_activity", done=2, total=7, unit="windows")

    assert describe_progress(event) == "voice activity 2 of 7 windows"


def test_a_log_line_without_a_time_keeps_its_column():
    assert log_line("stats", Event("output", "a warning")).endswith("stats      a warning")


def test_the_list_of_no_jobs_is_empty_and_asking_for_one_is_an_error(house):
    assert house.debate("status").returncode == 0
    result = house.debate("logs")
    assert (result.returncode, result.stderr) == (66, "debate: there are no jobs yet\n")


def test_a_job_is_found_by_part_of_its_id(house):
    house.order("transcribe", "fail 65 That is no video.")
    house.debate("submit", URL)
    job_id = house.jobs()[0]["job_id"]
    out = house.debate("status", job_id[-8:]).stdout

    assert out.splitlines()[0] == f"{job_id}: {URL}"
    [line] = [x for x in out.splitlines() if x.startswith("transcribe")]
    assert line.split(maxsplit=6)[1:] == ["failed", "1", "0", "s", "65", "That is no video."]
    assert house.debate("status", "nothing-like-it").returncode == 66


def test_a_part_that_fits_several_jobs_is_refused(house):
    house.debate("download", URL)
    house.debate("download", URL + "?2")
    result = house.debate("status", "2")

    assert result.returncode == 66
    assert "'2' fits 2 jobs" in result.stderr


def test_a_broken_record_hides_no_other_job(house):
    house.debate("download", URL)
    broken = house.root / "jobs" / "broken"
    broken.mkdir()
    (broken / "job.json").write_text("{")

    assert "example.org" in house.debate("status").stdout
    assert house.debate("status", "broken").returncode == 65


def test_a_record_of_another_major_version_is_refused_in_one_sentence(house):
    folder = house.root / "jobs" / "later"
    folder.mkdir(parents=True)
    (folder / "job.json").write_text('{"schema_version": "2.0", "stages": []}')
    result = house.debate("status", "later")

    assert result.returncode == 65
    assert "its schema version is 2.0" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_terminal_gets_a_bar_per_stage_with_its_last_word():
    console = Console(file=io.StringIO(), force_terminal=True, width=100)
    with BarDisplay(console) as display:
        display.begin("transcribe")
        display.event("transcribe", Event("progress", "", step="[work]", done=1, total=4, unit="s"))
        display.event("transcribe", Event("note", "using Whisper [tiny]"))
        display.end("transcribe", StageRecord(State.DONE, message="2 speakers [draft]"))
    out = console.file.getvalue()

    assert "transcribe: using Whisper [tiny]" in out
    assert "✓ transcribe" in out
    assert "2 speakers [draft]" in out
