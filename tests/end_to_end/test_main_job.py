"""From a URL to the files of the contract, and how good they are."""

import re

import jiwer
import pyarrow.parquet as pq
import pytest
from artefacts import broken_files, files_of_a_submission, read_json
from checkout import SAMPLE
from jobs import WEBAPP, Job, Submission, events, submit, tree
from running import run
from scoring import Turn, diarization_errors, read_rttm

# Measured on the sample with Whisper tiny.en and CAM++: 0.064 and 0.072.
MAX_DIARIZATION_ERROR_RATE = 0.12
MAX_WORD_ERROR_RATE = 0.15


@pytest.fixture(scope="module")
def job(submission: Submission) -> Job:
    return submission.job


def plain(text: str) -> str:
    """Words alone, without capitals and punctuation."""
    return re.sub(r"[^a-z' ]", " ", text.lower())


def test_all_it_leaves_is_by_contract_and_plays_to_its_end(job: Job) -> None:
    assert tree(job.folder) == files_of_a_submission(job)
    assert not broken_files(job.folder)


def test_who_spoke_when_is_close_to_the_truth(job: Job) -> None:
    speech = read_json(job.the("transcripts/*_transcription.json"))["speech"]
    found = [Turn(turn["speaker"], turn["start"], turn["end"]) for turn in speech]

    errors = diarization_errors(read_rttm(SAMPLE.with_suffix(".rttm")), found)

    assert errors.rate <= MAX_DIARIZATION_ERROR_RATE, errors


def test_two_voices_are_found(job: Job) -> None:
    assert read_json(job.the("transcripts/*_transcription.json"))["speakers_count"] == 2


def test_what_was_said_is_close_to_the_truth(job: Job) -> None:
    cues = re.findall(r"<v \w+>(.+)", SAMPLE.with_suffix(".en.vtt").read_text("utf-8"))
    segments = read_json(job.the("transcripts/*_transcription.json"))["transcription"]
    found = " ".join(segment["text"] for segment in segments)

    assert jiwer.wer(plain(" ".join(cues)), plain(found)) <= MAX_WORD_ERROR_RATE


def test_speaking_time_is_close_to_the_truth(job: Job) -> None:
    rows = pq.read_table(job.the("transcripts/*_speaker_stats.parquet")).to_pylist()
    truth: dict[str, float] = {}
    for speaker, start, end in read_rttm(SAMPLE.with_suffix(".rttm")):
        truth[speaker] = truth.get(speaker, 0) + end - start

    found = sorted(row["total_seconds"] for row in rows)

    assert found == pytest.approx(sorted(truth.values()), abs=4)


def test_every_stage_is_done_at_the_first_attempt(job: Job) -> None:
    stages = read_json(job.folder / "job.json")["stages"]

    assert [stage["name"] for stage in stages] == ["download", "transcribe", "stats", "register"]
    assert {(stage["state"], stage["attempts"]) for stage in stages} == {("done", 1)}


def test_it_ends_with_the_figures_the_files_and_the_next_command(submission: Submission) -> None:
    said = submission.said

    assert all(label in said for label in ("SPEAKER_00", "SPEAKER_01"))
    assert "draft" in said
    assert str(submission.job.folder) in said
    assert said.strip().splitlines()[-1] == f"next: make web STORAGE_ROOT={submission.store}"


def test_the_debate_is_registered(submission: Submission) -> None:
    transcript = submission.job.the("transcripts/*_transcription.json")

    again = run(WEBAPP, "register", transcript, LOG_FORMAT="json", STORAGE_ROOT=submission.store)

    assert again.returncode == 0, again.stderr
    last = events(again.stderr)[-1]
    assert (last["skipped"], last["outputs"]) == (True, ["/debates/1"])


def test_the_same_command_again_changes_nothing(submission: Submission) -> None:
    jobs = submission.store / "jobs"
    before = {path: (jobs / path).stat().st_mtime_ns for path in tree(jobs) if "lock" not in path}

    submit(submission.url, submission.store)

    after = {path: (jobs / path).stat().st_mtime_ns for path in tree(jobs) if "lock" not in path}
    assert {path for path in before | after if before.get(path) != after.get(path)} <= {
        f"{submission.job.folder.name}/job.json"
    }
